"""标准: browse the pack, confirm which level rows are basic or optional, and see where it all comes from."""

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QTabWidget, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.page import Page
from emrassess.gui.widgets.browse_standard import BrowseStandard
from emrassess.gui.widgets.confirm_categories import ConfirmCategories
from emrassess.gui.widgets.standard_sources import StandardSources

if TYPE_CHECKING:
    from emrassess.services.changes import Changes


CATEGORIES, SOURCES = 1, 2
"""Indexes of the tabs that confirm categories and tell the sources."""


class StandardPage(Page):
    """Three tabs, two where the pack has no categories. "page:standard/categories" opens the grid,
    "page:standard/sources" the sources, "page:standard/<key>" browses to an item or level row."""

    key = "standard"
    title = "标准"
    icon = "standard"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._browse = BrowseStandard(context)
        self._confirm = ConfirmCategories(context)
        self._sources = StandardSources(context)
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._tabs.setAccessibleName("浏览标准、确认类别、来源与版本")
        self._tabs.addTab(self._browse, "浏览标准")
        self._tabs.addTab(self._confirm, "评价类别确认")
        self._tabs.addTab(self._sources, "来源与版本")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 6, 16, 14)
        layout.addWidget(self._tabs)
        self.setFocusProxy(self._browse)

    def show_session(self) -> None:
        """Show the session's pack and confirmations."""
        if self.context.session is not None:
            self._browse.show_session()
            self._show_categories()
            self._sources.show_session()

    def refresh(self, changes: "Changes") -> None:
        """Only confirmations, the target and the official document matter here."""
        if changes.categories or changes.settings or changes.wording:
            self._show_categories()
            self._browse.draw()
            self._sources.show_session()

    def show_target(self, target: str) -> None:
        """See the class."""
        key = target.partition("/")[2]
        if key == "categories" and self._tabs.isTabVisible(CATEGORIES):
            self._tabs.setCurrentIndex(CATEGORIES)
            self._confirm.take_focus()
            return
        if key == "sources":
            self._tabs.setCurrentIndex(SOURCES)
            self._sources.setFocus()
            return
        self._tabs.setCurrentIndex(0)
        if key:
            self._browse.show_key(key)

    def _show_categories(self) -> None:
        session = self.context.session
        known = session is not None and session.pack.scheme.has_categories
        self._tabs.setTabVisible(CATEGORIES, known)
        if known:
            self._confirm.show_session()
