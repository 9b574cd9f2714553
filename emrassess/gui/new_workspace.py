"""What the dialogs that make a workspace have in common: a folder to choose, progress, a way to stop it."""

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QDialog, QHBoxLayout, QLineEdit, QProgressBar, QWidget

from emrassess.errors import Cancelled
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import button, label


@dataclass(frozen=True, slots=True)
class Words:
    """What such a dialog says. `choose`: over the dialog that asks for a folder; `idle`: while nothing is made yet."""

    title: str
    does: str
    folder: str
    choose: str
    no_folder: str
    working: str
    idle: str
    failed: str


NEW_WORKSPACE = Words(
    title="",
    does="建立新工作区",
    folder="新工作区文件夹",
    choose="新工作区放在哪个文件夹里",
    no_folder="请选择新工作区的文件夹。",
    working="正在建立新工作区…",
    idle="原工作区不会改动；新工作区建好后自动打开。",
    failed="新工作区没有建成，原工作区没有改动。",
)


class NewWorkspaceDialog(QDialog):
    """`made`: the new workspace, once there is one.

    Whoever derives from it lays out `where`, `problem` and `last`, calls `show_state`, and gives `start`.
    """

    def __init__(self, context: Context, words: Words, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(words.title)
        self.made: Path | None = None
        self.making: Handle | None = None
        self.context = context
        self._words = words
        self._target = Path()
        self.folder = QLineEdit()
        self.folder.setAccessibleName(words.folder)
        self._choose = button("选择…", self._choose_folder)
        self.problem = label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName("进度")
        self._bar.setTextVisible(False)
        self._bar.setFixedWidth(180)
        self._what = label("", "muted")
        self._cancel = button("取消", self.reject)
        self.make = button(words.does, self.accept, primary=True)
        self.where, self.last = QHBoxLayout(), QHBoxLayout()
        self.where.addWidget(self.folder, 1)
        self.where.addWidget(self._choose)
        self.last.addWidget(self._bar)
        self.last.addWidget(self._what, 1)
        self.last.addWidget(self._cancel)
        self.last.addWidget(self.make)
        self.fail("")

    # --- what each gives

    @property
    def ready(self) -> bool:
        """Whether all is known that the workspace is made from."""
        return True

    @property
    def parent_folder(self) -> Path:
        """Where the dialog that asks for a folder begins."""
        raise NotImplementedError

    def start(self, folder: Path) -> Handle:
        """Have the workspace made in `folder`."""
        raise NotImplementedError

    # --- the folder

    def folder_chosen(self) -> None:
        """Called once the user has chosen a folder."""

    def _choose_folder(self) -> None:
        chosen = dialogs.folder(self, self._words.choose, str(self.parent_folder))
        if chosen:
            self.folder_chosen()
            self.folder.setText(str(chosen / Path(self.folder.text()).name))

    # --- making it

    def accept(self) -> None:
        """Make the new workspace; the dialog ends once it is there."""
        if self.making is not None or not self.ready:
            return
        folder = Path(self.folder.text().strip())
        if not folder.is_absolute():
            self.fail(self._words.no_folder)
            self.folder.setFocus()
            return
        self.fail("")
        self._target = folder
        self.making = self.start(folder)
        self.making.progressed.connect(self._on_progress)
        self.making.done.connect(self._on_made)
        self.making.failed.connect(self._on_failed)
        self._what.setText(self._words.working)
        self._bar.setRange(0, 0)
        self.show_state()

    def reject(self) -> None:
        """Close; while the workspace is being made, stop that first."""
        if self.making is None:
            super().reject()
            return
        self.making.cancel()
        self._what.setText("正在取消…")
        self._cancel.setEnabled(False)

    def _on_progress(self, done: int, total: int, what: str) -> None:
        self._bar.setRange(0, 1000 if total else 0)
        self._bar.setValue(round(1000 * done / total) if total else 0)
        self._what.setText(what)

    def _on_made(self, _: object) -> None:
        self.making = None
        self.made = self._target
        super().accept()

    def _on_failed(self, error: Exception) -> None:
        """What went wrong is said by the window; here only that nothing came of it."""
        self.making = None
        self.fail(error.message if isinstance(error, Cancelled) else self._words.failed)
        self.show_state()

    def fail(self, why: str) -> None:
        """Say why nothing came of it; "" takes that away."""
        self.problem.setText(why)
        self.problem.setVisible(bool(why))

    def show_state(self) -> None:
        """Enable what can be done now."""
        making = self.making is not None
        for widget in (self.folder, self._choose):
            widget.setEnabled(not making)
        self.make.setEnabled(not making and self.ready)
        self._cancel.setEnabled(True)
        self._bar.setVisible(making)
        if not making:
            self._what.setText(self._words.idle)


def free_folder(parent: Path, name: str) -> Path:
    """`name` in `parent`, with a number where there is something of that name already."""
    tries = (parent / (name if n == 1 else f"{name}（{n}）") for n in range(1, 100))
    return next((folder for folder in tries if not folder.exists()), parent / name)
