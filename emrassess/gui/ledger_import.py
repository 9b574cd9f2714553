"""Reading a workbook of the ledger back: what it changes, row by row; then all of it in one step."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.ledger_import import HEADS, headline, import_rows, warning
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.change_table import ChangeTable
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.ledger_files import LedgerImport
    from emrassess.services.session import Changes, Session

TITLE = "导入改过的台账"
NOTHING = "表里没有改动，没有什么要导入的。"
ORDER_ONLY = "只有列的顺序变了；导入以后，再导出时按新的顺序。"


def start_ledger_import(context: Context, parent: QWidget, file: Path) -> None:
    """Look into `file`, show what it changes, and take it where that is wanted."""
    session = context.session
    if session is None or not context.writable:
        return

    def show(found: "LedgerImport") -> None:
        if context.session is not session:
            return  # closed meanwhile
        dialog = LedgerImportDialog(context, session, file, found, parent)
        if dialogs.run(dialog):
            context.operations.write(TITLE, _take, file)
        dialog.deleteLater()

    context.operations.read("查看改过的台账", _look, session, file, progress=False, done=show)


def _look(session: "Session", file: Path) -> "LedgerImport":
    from emrassess.services.ledger_files import import_ledger  # noqa: PLC0415 - openpyxl takes its time

    return import_ledger(session, file, dry_run=True)


def _take(session: "Session", file: Path) -> "Changes":
    from emrassess.services.ledger_files import import_ledger  # noqa: PLC0415

    return import_ledger(session, file).changes or session.report(TITLE, [])


class LedgerImportDialog(QDialog):
    """What is taken, and what is not and why."""

    def __init__(
        self, context: Context, session: "Session", file: Path, found: "LedgerImport", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{TITLE}：{file.name}")
        fit_on_screen(self, context.theme, 1060, 640)
        rows = import_rows(found, session.assessment.findings)
        self.table = ChangeTable(context.theme, "会改什么", HEADS, (96, 52, 146, 96))
        self.table.show_rows(rows)
        taken = bool(found.changed or found.new)
        said = warning(found)
        if not taken and not said:
            said = ORDER_ONLY if found.columns_change else NOTHING
        words = label(said, "fair" if rows else "muted", wrap=True)
        words.setVisible(bool(said))
        self.does = button("导入", self.accept, primary=True)
        self.does.setEnabled(taken or found.columns_change)
        self.does.setDefault(True)
        last = QHBoxLayout()
        last.addWidget(label("一步导入，可以撤销", "muted"), 1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self.does)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 20, 14)
        box.setSpacing(8)
        box.addWidget(label(headline(found), "heading", wrap=True))
        box.addWidget(words)
        box.addWidget(self.table, 1)
        box.addLayout(last)
