"""What pages share: the open session, the way to write, and navigation."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from emrassess.gui.operations import Operations
from emrassess.gui.preferences import Preferences
from emrassess.gui.theme import Theme

if TYPE_CHECKING:
    from emrassess.services.session import Session

READ_ONLY = "工作区是以只读方式打开的，只能看，不能改。"
HOSPITALS = "这是专家打开的材料包：医院的自评、材料和数据只能看，不能改。"


class Context(QObject):
    """Built by app.py, handed to pages by constructor.

    Read the session's immutable values (assessment, score, states, plan, groups, roles, pack) freely on the GUI
    thread; write only by `operations`.
    """

    session_changed = Signal()
    """A workspace was opened or closed."""
    changed = Signal(object)
    """services' Changes, after each write, undo and redo."""
    go_to = Signal(str)
    """Navigation: "clause:01.01.4(1)", "item:01.01", "evidence:<id>", "page:overview"."""
    workspace_wanted = Signal(object)
    """A folder: open the workspace in it in place of the open one."""

    def __init__(
        self, operations: Operations, theme: Theme, preferences: Preferences, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.operations = operations
        self.theme = theme
        self.preferences = preferences
        operations.written.connect(self.changed)

    @property
    def session(self) -> "Session | None":
        return self.operations.session

    @property
    def writable(self) -> bool:
        """Whether there is a session that takes answers: not a package that an expert opened."""
        session = self.session
        return self.saves and session is not None and session.assessment.review is None

    @property
    def saves(self) -> bool:
        """Whether there is a session that takes anything at all, if only an expert's opinions."""
        session = self.session
        return session is not None and session.workspace.writable

    @property
    def why_not(self) -> str:
        """Why the session takes no answers, "" where it does."""
        if self.session is None or self.writable:
            return ""
        return HOSPITALS if self.saves else READ_ONLY

    def set_session(self, session: "Session | None") -> None:
        """Show another session (None: none)."""
        self.operations.session = session
        self.session_changed.emit()
