"""What pages share: the open session, the way to write, and navigation."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from emrassess.gui.operations import Operations
from emrassess.gui.preferences import Preferences
from emrassess.gui.theme import Theme

if TYPE_CHECKING:
    from emrassess.services.session import Session


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
        """Whether there is a session that takes answers."""
        session = self.session
        return session is not None and session.workspace.writable

    def set_session(self, session: "Session | None") -> None:
        """Show another session (None: none)."""
        self.operations.session = session
        self.session_changed.emit()
