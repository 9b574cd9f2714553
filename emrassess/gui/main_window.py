"""The one window: list of pages, header, status line, menus; start page while no workspace is open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QModelIndex, QSize, Qt
from PySide6.QtGui import QCloseEvent, QIcon, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QListView, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from emrassess import paths
from emrassess.gui import actions
from emrassess.gui.commands import WHOLE_ONLY, Commands
from emrassess.gui.context import Context
from emrassess.gui.operations import Handle
from emrassess.gui.page import Page
from emrassess.gui.sessions import Sessions
from emrassess.gui.start_page import StartPage
from emrassess.gui.trouble import Trouble
from emrassess.gui.widgets.failures import FailureBanner
from emrassess.gui.widgets.header import Header
from emrassess.gui.widgets.search_box import SearchBox
from emrassess.gui.widgets.status import Status
from emrassess.gui.widgets.whose_note import WhoseNote

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

TITLE = "电子病历分级评价自评"
READ_ONLY = "只读：可以查看和导出，不能修改"
WAITING = "导出完成后自动关闭"
PACKET, PACKET_TIP = "任务包", "从哪里来、什么时候交、还差什么"
EXPERTS_PAGE = "review"
PAGE_OF = {"clause": "clauses", "item": "clauses", "evidence": "evidence", "row": "standard"}


class WorkspaceKind(Enum):
    """What kind of workspace is open: pages differ."""

    WHOLE = "whole"
    PACKET = "packet"
    EXPERTS = "experts"


@dataclass(frozen=True)
class PageEntry:
    """A page that can be shown; `make` imports and builds it when it is first needed.

    `in_packet`: what takes its place in the packet of a department; `whole_only`: nothing does. `hospital_only`:
    nothing does in a package that an expert opened.
    """

    key: str
    make: Callable[[Context], Page]
    in_packet: Callable[[Context], Page] | None = None
    whole_only: bool = False
    hospital_only: bool = False


class MainWindow(QMainWindow):
    """Shows pages, and sends what they say to the right place."""

    def __init__(self, context: Context, entries: Sequence[PageEntry]) -> None:
        super().__init__()
        self.context = context
        self._entries = tuple(entries)
        self._pages: dict[str, Page] = {}
        self._missed: dict[str, Changes] = {}
        self._then: Callable[[], object] | None = None
        self._flushed = False
        self._listed_for = WorkspaceKind.WHOLE
        self.setWindowTitle(TITLE)
        self.setWindowIcon(QIcon(str(paths.resources_dir() / "icons" / "emrassess.svg")))
        self.sessions = Sessions(context, self, self._may_replace)
        self.commands = Commands(context, self.sessions, self)
        self._build()
        self._trouble = Trouble(self, self._banner)
        context.operations.failed.connect(self._trouble.show)
        context.operations.ended.connect(self._on_ended)
        context.session_changed.connect(self._on_session_changed)
        context.changed.connect(self._on_changed)
        context.go_to.connect(self.go_to)
        context.theme.changed.connect(self._dress)
        self._dress()
        self._on_session_changed()
        self._restore_geometry()

    # --- building

    def _build(self) -> None:
        self.start_page = StartPage(self.context)
        self.start_page.chosen.connect(self.commands.trigger)
        self.start_page.recent_chosen.connect(self.commands.open_recent)
        self.start_page.dropped.connect(self.commands.open_file)
        self._list = QListView()
        self._list.setObjectName("pages")
        self._list.setAccessibleName("页面")
        self._list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._names = QStandardItemModel(self)
        for entry in self._entries:
            self._names.appendRow(QStandardItem(actions.BY_KEY[f"page.{entry.key}"].text))
        self._list.setModel(self._names)
        self._list.selectionModel().currentChanged.connect(self._on_page_chosen)
        commands = self.commands
        self._header = Header(self.context, (commands["undo"], commands["redo"], commands["search"]))
        self._header.target_chosen.connect(commands.set_target)
        self._header.attained_clicked.connect(lambda: self.go_to("page:overview/attained"))
        self._banner = FailureBanner()
        self._banner.given_up.connect(self._show_all_anew)
        self._whose = WhoseNote()
        self._whose.asked.connect(lambda: self.go_to(f"page:{EXPERTS_PAGE}"))
        self._stack = QStackedWidget()
        self._search = SearchBox(self.context, self)
        commands.search_wanted.connect(self._search.open)
        commands.leaving.connect(lambda: self._leave(lambda: None))
        self._status = Status(self.context.operations)
        self.setStatusBar(self._status)
        self._whole = QStackedWidget()
        self._whole.addWidget(self.start_page)
        self._whole.addWidget(self._work_area())
        self.setCentralWidget(self._whole)
        commands.fill_menus(self.menuBar())

    def _work_area(self) -> QWidget:
        area = QWidget()
        row = QHBoxLayout(area)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._list)
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._header)
        framed = QVBoxLayout()
        framed.setContentsMargins(12, 0, 12, 0)
        framed.addWidget(self._banner)
        framed.addWidget(self._whose)
        column.addLayout(framed)
        column.addWidget(self._stack, 1)
        row.addLayout(column, 1)
        return area

    def _dress(self) -> None:
        theme = self.context.theme
        for index, entry in enumerate(self._entries):
            icon = actions.BY_KEY[f"page.{entry.key}"].icon
            self._names.item(index).setIcon(theme.icon(icon, "accent"))
        self._list.setIconSize(QSize(theme.px(20), theme.px(20)))
        self._list.setFixedWidth(theme.px(140))
        self.commands.dress()

    def _restore_geometry(self) -> None:
        self.resize(1366, 768)
        self.setMinimumSize(900, 560)
        saved = self.context.preferences.geometry
        if saved:
            self.restoreGeometry(QByteArray.fromHex(saved.encode()))

    # --- pages

    @property
    def page(self) -> Page | None:
        """The page in view; None at the start page."""
        shown = self._stack.currentWidget()
        return shown if self.context.session is not None and isinstance(shown, Page) else None

    def go_to(self, target: str) -> None:
        """Show what `target` names ("page:reports", "clause:01.01.4(1)", …) on its page."""
        kind, _, rest = target.partition(":")
        key = rest.partition("/")[0] if kind == "page" else PAGE_OF.get(kind, "")
        page = self._show_page(key)
        if page and target != f"page:{key}":
            page.show_target(target)

    def _show_page(self, key: str) -> Page | None:
        entry = next((entry for entry in self._entries if entry.key == key), None)
        session = self.context.session
        if entry is None or session is None or self._is_hidden(entry):
            return None
        before = self.page
        in_packet = self._kind is WorkspaceKind.PACKET
        make = entry.in_packet if in_packet and entry.in_packet else entry.make
        page = self._pages.get(key)
        if page is None:
            page = self._pages[key] = make(self.context)
            self._stack.addWidget(page)
            page.show_session()
        if before is not None and before is not page:
            before.flush()
        missed = self._missed.pop(key, None)
        if missed:
            page.refresh(missed)
        self._stack.setCurrentWidget(page)
        index = self._names.index(self._entries.index(entry), 0)
        self._list.setCurrentIndex(index)
        self._show_whose(page)
        if before is not page:
            page.setFocus()
        return page

    @property
    def _kind(self) -> WorkspaceKind:
        session = self.context.session
        if session is None:
            return WorkspaceKind.WHOLE
        if session.assessment.review is not None:
            return WorkspaceKind.EXPERTS
        return WorkspaceKind.WHOLE if session.assessment.packet is None else WorkspaceKind.PACKET

    def _is_hidden(self, entry: PageEntry) -> bool:
        kind = self._kind
        packet, experts = kind is WorkspaceKind.PACKET, kind is WorkspaceKind.EXPERTS
        return (packet and entry.whole_only) or (experts and entry.hospital_only)

    def _show_whose(self, page: Page) -> None:
        """Above the hospital's pages of a package that an expert opened: that they are only to be looked at."""
        self._whose.setVisible(self._kind is WorkspaceKind.EXPERTS and page.key not in (EXPERTS_PAGE, "standard"))

    def _offer_pages(self) -> None:
        """List the pages that the open workspace has; those of another kind of workspace are dropped."""
        kind = self._kind
        if kind is not self._listed_for:
            self._drop_pages()
        self._listed_for = kind
        for row, entry in enumerate(self._entries):
            spec = actions.BY_KEY[f"page.{entry.key}"]
            replaced = kind is WorkspaceKind.PACKET and entry.in_packet is not None
            item = self._names.item(row)
            item.setText(PACKET if replaced else spec.text)
            item.setToolTip(f"{PACKET_TIP if replaced else spec.tip}（{actions.shown_keys(spec)}）")
            hidden = self._is_hidden(entry)
            self._list.setRowHidden(row, hidden)
            self.commands[spec.key].setVisible(not hidden or spec.key in WHOLE_ONLY)

    def _on_page_chosen(self, index: QModelIndex) -> None:
        had_focus = self._list.hasFocus()
        if index.isValid():
            self._show_page(self._entries[index.row()].key)
        if had_focus:
            self._list.setFocus()

    # --- what happens

    def _on_session_changed(self) -> None:
        session = self.context.session
        self._missed.clear()
        self._banner.give_up()
        self._search.hide()
        if session is None:
            self._drop_pages()
            self.start_page.show_recent()
            self._whole.setCurrentIndex(0)
            self.setWindowTitle(TITLE)
            self._status.show_saved("")
        else:
            self._status.show_saved("每一步都会自动保存" if session.workspace.writable else "")
            self._whole.setCurrentIndex(1)
            self._offer_pages()
            self._show_all_anew()
            self._show_page(EXPERTS_PAGE if self._kind is WorkspaceKind.EXPERTS else "overview")
        self._show_mode()
        self.commands.show_state(None)

    def _show_mode(self) -> None:
        session = self.context.session
        self._status.show_mode("" if session is None or session.workspace.writable else READ_ONLY)

    def _drop_pages(self) -> None:
        for page in self._pages.values():
            self._stack.removeWidget(page)
            page.deleteLater()
        self._pages.clear()

    def _show_all_anew(self) -> None:
        session = self.context.session
        if session is None:
            return
        self.setWindowTitle(f"{session.assessment.hospital} — {TITLE}")
        self._header.show_state()
        for page in self._pages.values():
            page.show_session()

    def _on_changed(self, changes: "Changes") -> None:
        from emrassess.services.changes import together  # noqa: PLC0415 - loaded already once something is written

        session = self.context.session
        if session is None:
            return
        current = self.page
        for key, page in self._pages.items():
            if page is current:
                page.refresh(changes)
            else:
                earlier = self._missed.get(key)
                self._missed[key] = together(earlier, changes) if earlier else changes
        self._header.show_state()
        if changes.settings:
            self.setWindowTitle(f"{session.assessment.hospital} — {TITLE}")
        clock = changes.saved_at[11:19]
        # What Ctrl+Z took back may lie on another page.
        what = f"　{changes.label}" if changes.label.startswith(("撤销：", "重做：")) else ""
        self._status.show_saved(f"已保存 {clock}{what}" if clock else "")
        self.commands.show_state(changes)

    def _flush(self) -> None:
        if self.page:
            self.page.flush()

    def _on_ended(self, handle: Handle) -> None:
        if handle.writes and handle.error is None:
            self._banner.drop(handle.about)
        if self._then and not self.context.operations.busy:
            self._leave(self._then)

    def _may_replace(self) -> bool:
        """Whether another workspace may take the place of this one: asked only where something is not saved."""
        return not self._banner.pending or self._trouble.may_leave(self._banner.pending)

    def _leave(self, then: Callable[[], object]) -> None:
        """Save what is being typed, wait for work under way, close the workspace, then call `then`.

        Where something could not be saved, the user is asked, and may stay.
        """
        operations = self.context.operations
        operations.give_up_reading()
        self._then = then
        if not self._flushed:
            # While a long export ends, one may go on typing: that is saved once it has ended.
            self._flushed = not operations.busy
            self._flush()
        if operations.busy:
            if not operations.writing:
                self._status.show_mode(WAITING)
            return
        self._then, self._flushed = None, False
        if self._may_replace():
            self.sessions.close(then)
        else:
            self._show_mode()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Never asks: waits for what is being written, not for what is read, closes the workspace, then the window."""
        if self.context.session is not None:
            event.ignore()
            self._leave(self.close)
            return
        self.context.operations.give_up_reading()
        if self.context.operations.busy:
            event.ignore()
            self._then = self.close
            return
        preferences = self.context.preferences
        preferences.geometry = bytes(self.saveGeometry().toHex().data()).decode()
        preferences.save()
        event.accept()
