"""The clauses page, where people live: tree at the left, the item's clauses in the middle, its figures at the right."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, QTimer
from PySide6.QtGui import QAction, QFocusEvent, QShowEvent
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QSplitter, QTabWidget, QVBoxLayout, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Clause
from emrassess.gui import actions, intake
from emrassess.gui.clause_writing import ClauseWriting
from emrassess.gui.context import Context
from emrassess.gui.mask_editor import edit_masks
from emrassess.gui.models.clause_filter import EVERYTHING, shown_clauses
from emrassess.gui.models.scope import outside
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import button, label, scrolled
from emrassess.gui.widgets.clause_details import ClauseDetails
from emrassess.gui.widgets.clause_list import ClauseList
from emrassess.gui.widgets.clause_tree import ClauseTree
from emrassess.gui.widgets.filter_bar import FilterBar
from emrassess.gui.widgets.item_panel import ItemPanel
from emrassess.gui.widgets.preview import PreviewPane
from emrassess.gui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Session

NOTICE_MS = 5000
ARROWS = ("Up", "Down")


class ClausesPage(Page):
    """One clause is in hand: verdict keys, pasting and its details belong to it."""

    key = "clauses"
    title = "条款"
    icon = "clauses"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._shown: Mapping[str, tuple[Clause, ...]] = {}
        self._order: list[str] = []
        self.item = ""
        self.clause = ""
        self._session_shown: object = None
        self._shared_out = False
        theme = context.theme
        self._thumbnails = Thumbnails(context, self)
        self.details = ClauseDetails(theme, context.preferences, self._thumbnails)
        self.tree = ClauseTree(theme)
        self.list = ClauseList(theme, self.details)
        self.panel = ItemPanel(theme)
        self.preview = PreviewPane(context)
        self.filter = FilterBar()
        self._place = label("", "heading", wrap=True)
        self._above = QCheckBox("显示目标以上")
        self._above.setToolTip("也显示高于目标级别的条款")
        self._notice = label("", "fair", wrap=True)
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._notice_timer.timeout.connect(self._notice.hide)
        self._notice.hide()
        self._empty = label("没有符合筛选条件的条款。", "muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._empty.hide()
        self._build()
        self.writing = ClauseWriting(context, self, self.details, self.panel.shares)
        self._connect()
        self._make_actions()

    # --- building

    def _build(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(0, 8, 0, 0)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setContentsMargins(14, 0, 12, 0)
        head.addWidget(self._place, 1)
        head.addWidget(self._above)
        self._filter_button = button("筛选 F", self.filter.toggle, tip="按核查组、角色、级别、自评、实证筛选（F）")
        head.addWidget(self._filter_button)
        column.addLayout(head)
        column.addWidget(self.filter)
        column.addWidget(self._notice)
        self._notice.setContentsMargins(14, 0, 12, 0)
        column.addWidget(self._empty)
        column.addWidget(self.list, 1)
        self.side = QTabWidget()
        self.side.setAccessibleName("项目情况和实证预览")
        self.side.addTab(scrolled(self.panel), "项目情况")
        self.side.addTab(self.preview, "实证预览")
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        for widget, least in ((self.tree, 150), (middle, 340), (self.side, 230)):
            widget.setMinimumWidth(least)
            self.splitter.addWidget(widget)
        self.tree.setObjectName("side")
        self.splitter.setStretchFactor(1, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.tree.chosen.connect(self._on_tree_chosen)
        self.tree.meet_rows.connect(self.writing.meet_rows)
        self.list.taken.connect(lambda clause: self._take(clause, keep_place=True))
        self.list.verdict_chosen.connect(self._on_verdict_chosen)
        self.list.looked_at.connect(self.writing.look_at)
        self.list.dropped.connect(self._on_dropped)
        self.list.meet_row.connect(lambda row: self.writing.meet_rows([row]))
        self.list.stepped.connect(self._step)
        self.filter.changed.connect(self._show_anew)
        self.filter.closed.connect(self._focus_card)
        self._above.toggled.connect(self._show_anew)
        self.context.theme.changed.connect(self._share_width)
        self.panel.go_to.connect(self._on_panel_link)
        self.writing.verdict_failed.connect(self._on_verdict_failed)
        details = self.details
        details.left.connect(self._focus_card)
        details.pasted.connect(lambda mime: self.writing.take_in(self.clause, mime))
        details.paste.connect(self._paste)
        details.add_files.connect(lambda: self.writing.pick(self.clause))
        details.drafts_changed.connect(self._refresh_cards)
        details.strip.previewed.connect(self._preview)
        details.strip.opened.connect(lambda piece: self.context.go_to.emit(f"evidence:{piece}"))
        details.strip.mask_wanted.connect(lambda piece: edit_masks(self.context, piece, self))
        details.strip.unlinked.connect(lambda piece: self.writing.unlink(self.clause, piece))

    def _make_actions(self) -> None:
        slots = {
            "clause.met": lambda: self._answer(Verdict.MET),
            "clause.partial": lambda: self._answer(Verdict.PARTIAL),
            "clause.unmet": lambda: self._answer(Verdict.UNMET),
            "clause.not_assessed": lambda: self._answer(Verdict.NOT_ASSESSED),
            "clause.next": lambda: self._step(1),
            "clause.previous": lambda: self._step(-1),
            "clause.next_open": self._next_open,
            "clause.paste": self._paste,
            "clause.filter": self.filter.toggle,
            "clause.filter_clear": self.filter.clear,
            "clause.above": self._above.toggle,
        }
        for key, slot in slots.items():
            _without_arrows(actions.make(key, self, slot))

    # --- what the window asks

    def show_session(self) -> None:
        session = self.context.session
        another = session is not self._session_shown
        if another:
            # Before anything is shown again: the clauses of another pack may be others.
            self._session_shown = session
            self._shown, self._order, self.item, self.clause = {}, [], "", ""
        self.details.forget()
        self.panel.shares.forget()
        self.preview.show_piece(None)
        self.side.setCurrentIndex(0)
        if session is None:
            self.tree.nodes.show(None, {})
            self.list.clear()
            return
        if another:
            self.filter.wanted = EVERYTHING
        self._above.setVisible(session.assessment.packet is None)
        self.filter.show_session(session)
        self._show_anew()

    def refresh(self, changes: "Changes") -> None:
        session = self.context.session
        if session is None:
            return
        if changes.settings or changes.wording:
            self.filter.show_session(session)
            self._show_anew()
            return
        writable = self.context.writable
        touched = changes.clauses | {c for piece in changes.evidence for c in _clauses_of(session, piece)}
        self.list.refresh(session, list(touched), writable)
        if self.clause:
            self.details.update_answer(session.assessment.answer(self.clause))
            self.details.show_pieces(session.evidence_by_clause.get(self.clause, ()))
        if self.item:
            self.panel.show_item(session, session.pack.item_by_code[self.item], writable)
        self.preview.refresh(changes)
        self.filter.show_marks(session)
        if changes.tasks:
            self.filter.show_departments(session)
            self._refresh_cards()
        # The tree is not what one looks at when answering: it may follow a moment later.
        QTimer.singleShot(0, self, self.tree.nodes.update_progress)

    def show_target(self, target: str) -> None:
        session = self.context.session
        kind, _, rest = target.partition(":")
        if session is None:
            return
        code = rest[:5]
        if kind == "clause" and rest in session.pack.clause_by_id:
            self._reach(rest)
        elif kind == "item" and code in session.pack.item_by_code:
            self._make_visible(session.pack.item_by_code[code].rows[0].clauses[0].id)
            first = next((c.id for c in self._shown.get(code, ())), "")
            self._take(rest if rest in self._order else first)
        self._focus_card()

    def flush(self) -> None:
        self.details.flush()
        self.panel.shares.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shared_out:
            self._shared_out = True
            self._share_width()

    def _share_width(self) -> None:
        """Tree and figures take what they need, but leave half of the width to the clauses."""
        theme, width = self.context.theme, self.width()
        tree, side = min(theme.px(265), round(width * 0.25)), min(theme.px(330), round(width * 0.29))
        self.splitter.setSizes([tree, width - tree - side, side])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._focus_card()

    # --- what is shown

    def _show_anew(self) -> None:
        """Show what filter, target and toggle let through; the clause in hand stays where it still can."""
        session = self.context.session
        if session is None:
            return
        self.flush()
        self._shown = shown_clauses(session, self.filter.wanted, above_target=self._above.isChecked())
        self._order = [clause.id for clauses in self._shown.values() for clause in clauses]
        self.filter.show_count(session, len(self._order))
        open_branches = self.tree.expanded_keys()
        self.tree.nodes.show(session, self._shown)
        self.tree.expand_keys(open_branches)
        self._empty.setVisible(not self._order)
        self.list.setVisible(bool(self._order))
        self.item = ""
        if self._order:
            stays = self.clause in self._order
            self._take(self.clause if stays else self._first_open(), focus=self.list.isAncestorOf(self.focusWidget()))
        else:
            self.clause = ""
            self.list.clear()

    def _first_open(self) -> str:
        session = self.context.session
        assert session is not None
        answered = session.assessment.answer
        unanswered = (c for c in self._order if answered(c).verdict is Verdict.NOT_ASSESSED)
        return next(unanswered, self._order[0])

    def _take(self, clause: str, *, keep_place: bool = False, focus: bool = True) -> None:
        """Take a clause in hand, showing its item first."""
        session = self.context.session
        if session is None or clause not in session.pack.clause_by_id:
            return
        code, writable = clause[:5], self.context.writable
        if code != self.item:
            self.flush()
            self.item = code
            item = session.pack.item_by_code[code]
            self._place.setText(f"{item.code} {item.name}")
            self.list.show_item(session, item, self._shown.get(code, ()), writable)
            self.panel.show_item(session, item, writable)
        self.clause = clause
        pieces = session.evidence_by_clause.get(clause, ())
        if self.details.clause != clause:
            self.details.show_clause(session.pack.clause_by_id[clause], session.assessment.answer(clause), pieces)
        self.details.set_writable(writable, self.context.why_not)
        self.list.take(clause, keep_place=keep_place, focus=focus)
        self.tree.show_item(code)

    def _reach(self, clause: str) -> None:
        """Take a clause in hand even where filter or target hide it."""
        session = self.context.session
        if session is not None and clause in outside(session):
            self._say("这一条不在这个任务包里。")
            return
        self._make_visible(clause)
        self._take(clause)

    def _make_visible(self, clause: str) -> None:
        session = self.context.session
        if clause in self._order or session is None:
            return
        if self.filter.wanted.active:
            self.filter.clear()
        if clause not in self._order and session.pack.clause_by_id[clause].level > session.assessment.target:
            self._above.setChecked(True)

    def _refresh_cards(self) -> None:
        session = self.context.session
        if session is not None and self.item:
            self.list.refresh(session, [c.id for c in self._shown.get(self.item, ())], self.context.writable)

    def _preview(self, piece: str) -> None:
        session = self.context.session
        if session is not None:
            self.preview.show_piece(session.assessment.evidence.get(piece))
            self.side.setCurrentWidget(self.preview)

    def _focus_card(self) -> None:
        if card := self.list.card:
            card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _say(self, text: str) -> None:
        self._notice.setText(text)
        self._notice.show()
        self._notice_timer.start()

    # --- what people do

    def _answer(self, verdict: Verdict) -> None:
        if not self.context.writable:
            self._say(self.context.why_not)
        elif self.clause:
            self.writing.give_verdict([self.clause], verdict)

    def _step(self, by: int) -> None:
        if self.clause not in self._order:
            return
        place = self._order.index(self.clause) + by
        if 0 <= place < len(self._order):
            self._take(self._order[place])
        else:
            self._say("已经是最后一条。" if by > 0 else "已经是第一条。")

    def _next_open(self) -> None:
        session = self.context.session
        if session is None or not self._order:
            return
        start = self._order.index(self.clause) + 1 if self.clause in self._order else 0
        for clause in (*self._order[start:], *self._order[:start]):
            if session.assessment.answer(clause).verdict is Verdict.NOT_ASSESSED and clause != self.clause:
                self._take(clause)
                return
        self._say("这里没有别的待评条款了。")

    def _paste(self) -> None:
        if self.clause and not self.writing.paste(self.clause):
            self._say(self.context.why_not or "剪贴板里没有截图、文件或文字。")

    def _on_dropped(self, clause: str, mime: QMimeData) -> None:
        self._take(clause, keep_place=True)
        # The picker and questions wait until the drop has ended: they would freeze the program it comes from.
        pieces = intake.copied(mime)
        QTimer.singleShot(0, self, lambda: self.writing.take_in(clause, pieces))

    def _on_verdict_chosen(self, clause: str, verdict: Verdict) -> None:
        self._take(clause, keep_place=True)
        self.writing.give_verdict([clause], verdict)

    def _on_verdict_failed(self, clauses: list[str], why: str) -> None:
        card = self.list.card
        if card and card.clause and card.clause.id in clauses:
            card.fail(f"自评没有保存：{why}")

    def _on_tree_chosen(self, key: str) -> None:
        session = self.context.session
        if session is None:
            return
        if len(key) == 2:
            items = [item.code for item in session.pack.items if item.role == key and item.code in self._shown]
            key = items[0] if items else ""
        clauses = [c.id for c in self._shown.get(key[:5], ()) if len(key) == 5 or c.level == int(key[6])]
        if clauses and not (self.clause in clauses and len(key) != 7):
            self._take(clauses[0], focus=False)

    def _on_panel_link(self, target: str) -> None:
        if target.startswith("level:"):
            session, level = self.context.session, int(target[6:])
            if session is None or not self.item:
                return
            target = session.pack.item_by_code[self.item].by_level[level].clauses[0].id
        self._reach(target)


def _clauses_of(session: "Session", piece: str) -> tuple[str, ...]:
    """Clauses that a piece proves now."""
    found = session.assessment.evidence.get(piece)
    return found.clauses if found else ()


def _without_arrows(action: QAction) -> None:
    """↑ and ↓ belong to the list that has the focus; the clauses take them only among themselves."""
    action.setShortcuts([keys for keys in action.shortcuts() if keys.toString() not in ARROWS])
