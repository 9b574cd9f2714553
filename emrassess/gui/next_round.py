"""Going on from what was submitted: a new workspace in which every verdict is to be confirmed."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QVBoxLayout, QWidget

from emrassess.errors import Cancelled
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.snapshots import snapshot_name
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.session import Session
    from emrassess.services.snapshots import SnapshotInfo

TITLE = "开始下一轮"
WHAT = (
    "新工作区从这一次提交接着做。每条结论都带过去，标为“待确认”，逐条看过再定；说明、实证材料、比例和系数、评价类别、"
    "官方原文、科室和分工也带过去，分工的期限和进度重新开始。合并、裁决和体检接受的记录不带过去。"
)
UNTOUCHED = "原工作区不会改动；新工作区建好后自动打开。"


def start_next_round(context: Context, parent: QWidget, snapshot: "SnapshotInfo") -> None:
    """Ask where the next round is to lie, make it from `snapshot`, and open it."""
    session = context.session
    if session is None:
        return
    dialog = NextRoundDialog(context, session, snapshot, parent)
    if dialogs.run(dialog) and dialog.made is not None:
        context.workspace_wanted.emit(dialog.made)
    dialog.deleteLater()


class NextRoundDialog(QDialog):
    """Choose a folder and wait. `made`: the new workspace, once there is one."""

    def __init__(
        self, context: Context, session: "Session", snapshot: "SnapshotInfo", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(TITLE)
        fit_on_screen(self, context.theme, 640, 250)
        self.made: Path | None = None
        self._context, self._session, self._snapshot = context, session, snapshot
        self._making: Handle | None = None
        self.folder = QLineEdit(str(_free_folder(session.workspace.folder)))
        self.folder.setAccessibleName("新工作区文件夹")
        self._choose = button("选择…", self._choose_folder)
        self._problem = label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(160)
        self._what = label("", "muted")
        self._cancel = button("取消", self.reject)
        self._make = button("建立新工作区", self.accept, primary=True)
        self._make.setDefault(True)
        self._arrange()
        self._fail("")
        self._show_state()

    def _arrange(self) -> None:
        where = QHBoxLayout()
        where.addWidget(label("新工作区文件夹"))
        where.addWidget(self.folder, 1)
        where.addWidget(self._choose)
        last = QHBoxLayout()
        last.addWidget(self._bar)
        last.addWidget(self._what, 1)
        last.addWidget(self._cancel)
        last.addWidget(self._make)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addWidget(label(snapshot_name(self._snapshot), "heading", wrap=True))
        box.addWidget(label(WHAT, wrap=True))
        box.addStretch(1)
        box.addLayout(where)
        box.addWidget(self._problem)
        box.addLayout(last)

    def _choose_folder(self) -> None:
        chosen = dialogs.folder(self, "新工作区放在哪个文件夹里", str(self._session.workspace.folder.parent))
        if chosen:
            self.folder.setText(str(chosen / Path(self.folder.text()).name))

    def accept(self) -> None:
        """Make the new workspace; the dialog ends once it is there."""
        from emrassess.services.snapshots import next_round  # noqa: PLC0415 - not needed at start

        if self._making is not None:
            return
        folder = Path(self.folder.text().strip())
        if not folder.is_absolute():
            self._fail("请选择新工作区的文件夹。")
            self.folder.setFocus()
            return
        self._fail("")
        self._making = self._context.operations.run(TITLE, next_round, self._session, self._snapshot.number, folder)
        self._making.progressed.connect(self._on_progress)
        self._making.done.connect(self._on_made)
        self._making.failed.connect(self._on_failed)
        self._what.setText("正在建立新工作区…")
        self._bar.setRange(0, 0)
        self._show_state()

    def reject(self) -> None:
        """Close; while the workspace is being made, stop that first."""
        if self._making is None:
            super().reject()
            return
        self._making.cancel()
        self._what.setText("正在取消…")
        self._cancel.setEnabled(False)

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._what.setText(what)

    def _on_made(self, folder: Path) -> None:
        self._making = None
        self.made = folder
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        """What went wrong is said by the window; here only that nothing came of it."""
        self._making = None
        self._fail(error.message if isinstance(error, Cancelled) else "新工作区没有建成，原工作区没有改动。")
        self._show_state()

    def _fail(self, why: str) -> None:
        self._problem.setText(why)
        self._problem.setVisible(bool(why))

    def _show_state(self) -> None:
        making = self._making is not None
        for widget in (self.folder, self._choose, self._make):
            widget.setEnabled(not making)
        self._cancel.setEnabled(True)
        self._bar.setVisible(making)
        if not making:
            self._what.setText(UNTOUCHED)


def _free_folder(old: Path) -> Path:
    """A name beside the present workspace that nothing has yet."""
    tries = (old.with_name(f"{old.name} 下一轮{'' if n == 1 else f'（{n}）'}") for n in range(1, 100))
    return next((folder for folder in tries if not folder.exists()), old.with_name(f"{old.name} 下一轮"))
