"""What every page of the main window is."""

from typing import TYPE_CHECKING, ClassVar

from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from emrassess.gui.context import Context
    from emrassess.services.session import Changes


class Page(QWidget):
    """A page. The main window calls `show_session` once the page is first shown and whenever a workspace opens or
    closes, `refresh` after each write while it is built, and `show_target` when someone navigates to it.

    `key` names it in targets and actions, `title` stands in the list at the left, `icon` is a file in resources/icons.
    """

    key: ClassVar[str] = ""
    title: ClassVar[str] = ""
    icon: ClassVar[str] = ""

    def __init__(self, context: "Context", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.setObjectName(f"page-{self.key}")
        self.setAccessibleName(self.title)

    def show_session(self) -> None:
        """Show `context.session`, which may be None."""

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed."""

    def show_target(self, target: str) -> None:
        """Bring `target` into view: "clause:01.01.4(1)", "item:01.01", "evidence:<id>" or "page:<key>"."""

    def flush(self) -> None:
        """Save what is still being typed: called before another page is shown and before the session closes."""
