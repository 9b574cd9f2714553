"""The annual quality table: what a new one changes, and the edition of the standard that comes of it."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtGui import QIntValidator
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QTabWidget, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.edition_upgrade import start_upgrade
from emrassess.gui.models.change_rows import CELL_HEADS, cell_rows
from emrassess.gui.operations import Handle
from emrassess.gui.pack_install import PackInstall
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.change_table import ChangeTable
from emrassess.gui.widgets.copyable_lines import CopyableLines
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.session import Session
    from emrassess.services.standards import AnnualTable, NewPack, PackRef

TITLE = "导入数据质量表"
# .doc and .wps too: the message then says how to save them as .docx.
DOCUMENTS = "Word 文档 (*.docx *.doc *.wps)"
YEARS = range(2000, 2100)
CONSEQUENCE = (
    "没有变的格，检查规则照旧。改动和新增的格仍然要填系数，但在有人为它们写出检查规则之前，程序不能自动计算，"
    "系数要由医院自己算好填入；取消的格不再要求。"
)


def start_quality_import(context: Context, parent: QWidget) -> None:
    """Ask for the document with the new table and show what it changes; goes on to the edition that comes of it."""
    session = context.session
    if session is None:
        return
    file = dialogs.open_file(parent, "选择新一年的数据质量表（附表4）", DOCUMENTS)
    if file is None:
        return
    dialog = QualityDialog(context, session, file, parent)
    made = dialog.made if dialogs.run(dialog) else None
    dialog.deleteLater()
    if made is not None:
        start_upgrade(context, parent, made)


class QualityDialog(QDialog):
    """Reads `file`, shows cell by cell what is new, and makes the edition. `made`: the pack, once it is installed."""

    def __init__(self, context: Context, session: "Session", file: Path, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        fit_on_screen(self, context.theme, 1060, 640)
        self.made: PackRef | None = None
        self._context, self._session = context, session
        self._file = file
        self._earlier: Path | None = None
        self._table: AnnualTable | None = None
        self._working: Handle | None = None
        self._head = label("", "heading", wrap=True)
        self._figures = label("", wrap=True)
        self._cells = ChangeTable(context.theme, "数据质量要求逐格对照", CELL_HEADS, (110, 90, 170, 80))
        self._notes = CopyableLines("另外要注意的", "没有别的要注意的。")
        self._tabs = QTabWidget()
        self._year = QLineEdit()
        self._problem = label("", "bad", wrap=True)
        self._compare = button(
            "对照旧文件…", self._choose_earlier, tip="给出编写标准包时所依据的官方文件，显示原来的文字"
        )
        self._make = button("生成新版标准包", self.accept, primary=True)
        self._arrange()
        self.finished.connect(self._forget)
        self._read()

    def _arrange(self) -> None:
        self._tabs.addTab(self._cells, "逐格对照")
        self._tabs.addTab(self._notes, "另外要注意的")
        self._year.setAccessibleName("哪一年的表")
        self._year.setPlaceholderText("如 2026")
        self._year.setMaxLength(4)
        self._year.setValidator(QIntValidator(YEARS[0], YEARS[-1], self._year))
        self._year.setFixedWidth(self._context.theme.px(90))
        last = QHBoxLayout()
        last.addWidget(label("哪一年的表"))
        last.addWidget(self._year)
        last.addWidget(self._compare)
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._make)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(8)
        box.addWidget(self._head)
        box.addWidget(self._figures)
        box.addWidget(self._tabs, 1)
        box.addWidget(label(CONSEQUENCE, "fair", wrap=True))
        box.addWidget(self._problem)
        box.addLayout(last)

    # --- reading

    def _choose_earlier(self) -> None:
        file = dialogs.open_file(self, "选择编写标准包时所依据的官方文件", DOCUMENTS, str(self._file.parent))
        if file is not None:
            self._earlier = file
            self._read()

    def _read(self) -> None:
        from emrassess.services.standards import read_annual  # noqa: PLC0415 - not needed at start

        self._table = None
        self._fail("")
        self._head.setText(f"正在读取 {self._file.name}…")
        self._say("")
        handle = self._context.operations.background(read_annual, self._session, self._file, self._earlier)
        self._work(handle)
        handle.done.connect(lambda table: handle is self._working and self._on_read(table))
        handle.failed.connect(lambda error: handle is self._working and self._on_unread(error))

    def _on_read(self, table: "AnnualTable") -> None:
        self._table = table
        first, *others = table.heads
        self._head.setText(first)
        self._say("\n".join(others))
        self._cells.show_rows(cell_rows(table.differences, self._session.pack))
        self._notes.show_lines(table.notes)
        self._tabs.setTabText(1, f"另外要注意的（{len(table.notes)}）")
        if table.differences.year is not None and not self._year.text():
            self._year.setText(str(table.differences.year))
        self._work(None)
        self._cells.table.setFocus()

    def _on_unread(self, error: Exception) -> None:
        self._head.setText(f"{self._file.name} 没有读成")
        self._say(self._told(error), "bad")
        self._work(None)

    # --- making

    def accept(self) -> None:
        """Make the edition and install it; what stands against it is said in the dialog."""
        from emrassess.services.standards import edition_of  # noqa: PLC0415

        if self._table is None or self._working is not None:
            return
        set_role(self._year, "invalid", not self._year.hasAcceptableInput())
        if not self._year.hasAcceptableInput():
            self._fail("请填写这张表是哪一年的，四位数，例如 2026。")
            self._year.setFocus()
            return
        self._fail("")
        year = int(self._year.text())
        handle = self._context.operations.background(edition_of, self._session, self._table, year)
        self._work(handle)
        handle.done.connect(lambda new: handle is self._working and self._install(new))
        handle.failed.connect(lambda error: handle is self._working and self._on_refused(error))

    def _install(self, new: "NewPack") -> None:
        taking = PackInstall(self._context, self)
        taking.installed.connect(self._on_installed)
        taking.given_up.connect(self._forget)
        taking.install(new)

    def _on_refused(self, error: Exception) -> None:
        self._fail(self._told(error))
        self._work(None)

    def _on_installed(self, ref: "PackRef") -> None:
        self.made = ref
        super().accept()

    def _told(self, error: Exception) -> str:
        """What to say of an error here; "" where it is a bug, which is said at once."""
        if isinstance(error, UserError):
            return f"{error.message}\n{error.hint}".strip()
        dialogs.bug(self, TITLE)
        return ""

    def _say(self, text: str, role: str = "") -> None:
        set_role(self._figures, "role", role)
        self._figures.setText(text)

    def _fail(self, why: str) -> None:
        self._problem.setText(why)
        self._problem.setVisible(bool(why))

    def _work(self, handle: Handle | None) -> None:
        """Note what is under way, and show what can be done meanwhile."""
        self._working = handle
        idle = handle is None
        for widget in (self._compare, self._year):
            widget.setEnabled(idle)
        self._tabs.setEnabled(self._table is not None)
        self._make.setEnabled(idle and self._table is not None)

    def _forget(self) -> None:
        """What is under way is of no interest any more."""
        self._work(None)
