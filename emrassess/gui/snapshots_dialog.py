"""Submitting an assessment, and comparing what was submitted."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QHBoxLayout, QProgressBar, QTabWidget, QVBoxLayout, QWidget

from emrassess.errors import Cancelled, UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.checkup import checkup_of, standing
from emrassess.gui.models.snapshots import (
    PRESENT,
    TARGET_ROLE,
    ChangeLine,
    ChangeLines,
    as_text,
    overall,
    parts,
    snapshot_name,
)
from emrassess.gui.operations import Handle
from emrassess.gui.task_writing import suggested_file
from emrassess.gui.widgets.basics import button, label, set_role
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.plain_table import plain_table

if TYPE_CHECKING:
    from emrassess.domain.comparison import Comparison
    from emrassess.services.changes import Changes
    from emrassess.services.session import Session
    from emrassess.services.snapshots import SnapshotInfo

TARGET = "page:reports/snapshots"
SUBMIT = "提交（定版）"
PRESENT_NAME = "现在"
EXPORT = "导出比较"
EXPORT_KINDS = "PDF 报告 (*.pdf);;Excel 工作簿 (*.xlsx)"
HINT = "在一行上按回车键或双击，到那里去看"


# --- submitting


def start_submit(context: Context, parent: QWidget) -> None:
    """Ask what this submission is called, freeze the assessment, and show it in the list."""
    if not context.writable:
        return
    text = f"定版后有编号，以后怎么改都不影响它。\n{standing(checkup_of(context))}\n\n说明（可以不填）："
    name = dialogs.text(parent, SUBMIT, text)
    if name is not None:
        handle = context.operations.write(SUBMIT, _submit, name)
        handle.done.connect(lambda _: context.go_to.emit(TARGET))


def _submit(session: "Session", name: str) -> "Changes":
    """No answer changes, but the history does: the window shows it as saved."""
    from emrassess.services.snapshots import submit  # noqa: PLC0415 - not needed at start

    return session.report(f"第 {submit(session, name).number} 次提交", ())


# --- comparing


def start_compare(
    context: Context, parent: QWidget, snapshots: "Sequence[SnapshotInfo]", before: int, after: int = PRESENT
) -> None:
    """Show what differs between two of `snapshots`; then go where the user wants to look."""
    session = context.session
    if session is None:
        return
    dialog = CompareDialog(context, session, snapshots, before, after, parent)
    if dialogs.run(dialog) and dialog.target:
        context.go_to.emit(dialog.target)
    dialog.deleteLater()


class CompareDialog(QDialog):
    """Two states to choose, and what differs in words, by sort. `target`: where the user wants to go, once accepted."""

    def __init__(
        self,
        context: Context,
        session: "Session",
        snapshots: "Sequence[SnapshotInfo]",
        before: int,
        after: int,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("比较提交")
        fit_on_screen(self, context.theme, 1040, 620)
        self.target = ""
        self._context, self._session = context, session
        self._reading: Handle | None = None
        self._found: Comparison | None = None
        self._writing: Handle | None = None
        self.before, self.after = QComboBox(), QComboBox()
        self._overall = label("", wrap=True)
        self._overall.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("改动的种类")
        self._state = label(HINT, "muted")
        self._bar = QProgressBar()
        self._bar.setAccessibleName("导出进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._bar.hide()
        self.export = button("导出…", self._export, tip="把这次比较写成 PDF 或 Excel 文件")
        self.copy = button("全部复制", self._copy, tip="把全部改动作为文字放进剪贴板")
        for box, name, chosen in ((self.before, "从", before), (self.after, "到", after)):
            box.setAccessibleName(f"比较：{name}")
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
            for info in snapshots:
                box.addItem(snapshot_name(info), info.number)
            box.addItem(PRESENT_NAME, PRESENT)
            box.setCurrentIndex(box.findData(chosen))
            box.currentIndexChanged.connect(self._read)
        self._arrange()
        self.finished.connect(self._forget)
        self._read()

    def _arrange(self) -> None:
        which = QHBoxLayout()
        for name, box in (("从", self.before), ("到", self.after)):
            which.addWidget(label(name))
            which.addWidget(box, 1)
        last = QHBoxLayout()
        last.addWidget(self._state, 1)
        last.addWidget(self._bar)
        last.addWidget(self.export)
        last.addWidget(self.copy)
        last.addWidget(button("关闭", self.reject))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 14, 20, 14)
        box.setSpacing(10)
        box.addLayout(which)
        box.addWidget(self._overall)
        box.addWidget(self.tabs, 1)
        box.addLayout(last)

    def _read(self) -> None:
        from emrassess.services.snapshots import compare  # noqa: PLC0415

        self._found = None
        self._allow()
        self._say("正在比较…")
        handle = self._reading = self._context.operations.background(
            compare, self._session, self.before.currentData(), self.after.currentData()
        )
        handle.done.connect(lambda found: self._on_read(handle, found))
        handle.failed.connect(lambda error: self._on_unread(handle, error))

    def _on_read(self, handle: Handle, found: "Comparison") -> None:
        if handle is not self._reading:
            return  # something else was chosen meanwhile
        self._found = found
        self._say(overall(found, self._session.pack))
        self._fill(found)
        self._allow()

    def _on_unread(self, handle: Handle, error: Exception) -> None:
        if handle is not self._reading:
            return
        if isinstance(error, UserError):
            self._say(f"{error.message}\n{error.hint}".strip(), "bad")
        else:
            self._say("没有比成。", "bad")
            dialogs.bug(self, self.windowTitle())

    def _fill(self, found: "Comparison") -> None:
        shown = max(self.tabs.currentIndex(), 0)
        while (page := self.tabs.widget(0)) is not None:
            self.tabs.removeTab(0)
            page.deleteLater()
        sorts = parts(found, self._session.pack)
        for part in sorts:
            self.tabs.addTab(self._page(part.name, part.rows, part.nothing), f"{part.name}（{len(part.rows)}）")
        filled = next((number for number, part in enumerate(sorts) if part.rows), shown)
        self.tabs.setCurrentIndex(shown if sorts[shown].rows else filled)

    def _page(self, name: str, rows: Sequence[ChangeLine], nothing: str) -> QWidget:
        if not rows:
            said = label(nothing, "muted", wrap=True)
            said.setAlignment(Qt.AlignmentFlag.AlignCenter)
            return said
        model = ChangeLines()
        model.show_rows(rows)
        table = plain_table(self._context.theme, model, name, (200, 270))
        table.activated.connect(self._go)
        return table

    def _go(self, index: QModelIndex) -> None:
        self.target = index.data(TARGET_ROLE)
        self.accept()

    def _copy(self) -> None:
        if self._found is not None:
            names = self.before.currentText(), self.after.currentText()
            QGuiApplication.clipboard().setText(as_text(self._found, self._session.pack, *names))

    def _export(self) -> None:
        """Write what is shown to a file, in the format that its suffix says."""
        suggested = suggested_file(self._session, "比较", ".pdf")
        out = dialogs.save_file(self, EXPORT, suggested, EXPORT_KINDS)
        if out is None:
            return
        before, after = self.before.currentData(), self.after.currentData()

        def work(progress: Callable[[int, int, str], None]) -> Path:
            from emrassess.services.reporting import write_comparison  # noqa: PLC0415

            write_comparison(self._session, before, after, out, progress=progress)
            return out

        self._writing = self._context.operations.run(EXPORT, work)
        self._writing.progressed.connect(self._on_progress)
        self._writing.done.connect(self._on_written)
        self._writing.failed.connect(self._on_unwritten)
        self._bar.setRange(0, 0)
        self._allow()
        self._state.setText(f"正在写 {out.name}")

    def reject(self) -> None:
        """Close; while a file is being written, stop that first."""
        if self._writing is None:
            super().reject()
            return
        self._writing.cancel()
        self._state.setText("正在取消…")

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._state.setText(what)

    def _on_written(self, out: Path) -> None:
        self._writing = None
        self._allow()
        self._state.setText(HINT)
        if dialogs.ask(self, EXPORT, f"已写好：{out}", yes="打开", no="知道了"):
            dialogs.open_path(out)

    def _on_unwritten(self, error: Exception) -> None:
        """What went wrong is said by the window; here only that nothing came of it."""
        self._writing = None
        self._allow()
        self._state.setText(error.message if isinstance(error, Cancelled) else "没有写成，原来的文件没有动。")

    def _allow(self) -> None:
        """While a file is being written all but closing has to wait."""
        idle = self._writing is None
        for widget in (self.before, self.after):
            widget.setEnabled(idle)
        for widget in (self.tabs, self.copy, self.export):
            widget.setEnabled(idle and self._found is not None)
        self._bar.setVisible(not idle)

    def _forget(self) -> None:
        """What is still being read is of no interest any more."""
        self._reading = None

    def _say(self, text: str, role: str = "") -> None:
        set_role(self._overall, "role", role)
        self._overall.setText(text)
