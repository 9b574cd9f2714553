"""Going on from what was submitted: a new workspace in which every verdict is to be confirmed."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QVBoxLayout, QWidget

from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.snapshots import snapshot_name
from emrassess.gui.new_workspace import NEW_WORKSPACE, NewWorkspaceDialog, free_folder
from emrassess.gui.operations import Handle
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.session import Session
    from emrassess.services.snapshots import SnapshotInfo

TITLE = "开始下一轮"
WHAT = (
    "新工作区从这一次提交接着做。每条结论都带过去，标为“待确认”，逐条看过再定；说明、实证材料、比例和系数、评价类别、"
    "官方原文、科室和分工也带过去，分工的期限和进度重新开始。合并、裁决和体检接受的记录不带过去。"
)


def start_next_round(context: Context, parent: QWidget, snapshot: "SnapshotInfo") -> None:
    """Ask where the next round is to lie, make it from `snapshot`, and open it."""
    session = context.session
    if session is None:
        return
    dialog = NextRoundDialog(context, session, snapshot, parent)
    if dialogs.run(dialog) and dialog.made is not None:
        context.workspace_wanted.emit(dialog.made)
    dialog.deleteLater()


class NextRoundDialog(NewWorkspaceDialog):
    """Choose a folder and wait."""

    def __init__(
        self, context: Context, session: "Session", snapshot: "SnapshotInfo", parent: QWidget | None = None
    ) -> None:
        super().__init__(context, replace(NEW_WORKSPACE, title=TITLE), parent)
        fit_on_screen(self, context.theme, 640, 250)
        self._session, self._snapshot = session, snapshot
        old = session.workspace.folder
        self.folder.setText(str(free_folder(old.parent, f"{old.name} 下一轮")))
        self.make.setDefault(True)
        self.where.insertWidget(0, label(NEW_WORKSPACE.folder))
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 16)
        box.setSpacing(10)
        box.addWidget(label(snapshot_name(snapshot), "heading", wrap=True))
        box.addWidget(label(WHAT, wrap=True))
        box.addStretch(1)
        box.addLayout(self.where)
        box.addWidget(self.problem)
        box.addLayout(self.last)
        self.show_state()

    @property
    def parent_folder(self) -> Path:
        return self._session.workspace.folder.parent

    def start(self, folder: Path) -> Handle:
        """Go on from the snapshot."""
        from emrassess.services.snapshots import next_round  # noqa: PLC0415 - not needed at start

        return self.context.operations.run(TITLE, next_round, self._session, self._snapshot.number, folder)
