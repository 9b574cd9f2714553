"""标准: browse the pack, and confirm which level rows are basic or optional."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.page import Page
from emrassess.gui.widgets.browse_standard import BrowseStandard
from emrassess.gui.widgets.confirm_categories import ConfirmCategories

if TYPE_CHECKING:
    from emrassess.services.changes import Changes


class StandardPage(Page):
    """Two tabs. "page:standard/categories" opens the grid, "page:standard/<key>" browses to an item or level row."""

    key = "standard"
    title = "标准"
    icon = "standard"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._browse = BrowseStandard(context)
        self._confirm = ConfirmCategories(context)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("浏览标准和确认类别")
        self._tabs.addTab(self._browse, "浏览标准")
        self._tabs.addTab(self._confirm, "评价类别确认")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 14)
        layout.addWidget(self._tabs)
        self.setFocusProxy(self._browse)

    def show_session(self) -> None:
        """Show the session's pack and confirmations."""
        if self.context.session is not None:
            self._browse.show_session()
            self._confirm.show_session()

    def refresh(self, changes: "Changes") -> None:
        """Only confirmations and the target matter here."""
        if changes.categories or changes.settings:
            self._confirm.show_session()
            self._browse.draw()

    def show_target(self, target: str) -> None:
        """See the class."""
        key = target.partition("/")[2]
        self._tabs.setCurrentIndex(1 if key == "categories" else 0)
        if key == "categories":
            self._confirm.take_focus()
        elif key:
            self._browse.show_key(key)
