"""Walking: the route at the left, the clause in hand in the middle, the expert's own layer at the right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QMimeData, Qt, QTimer, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from emrassess.domain.review import ROUND_ONE, ExpertVerdict, Photo
from emrassess.domain.route import next_open, place_names
from emrassess.gui import intake
from emrassess.gui.context import Context
from emrassess.gui.models.review_scope import ALL_GROUPS, Show, group_clauses, listed, opinion_now, said_now
from emrassess.gui.review_writing import ReviewWriting, can_check
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.claim_side import ClaimSide
from emrassess.gui.widgets.large_type import large_sheet
from emrassess.gui.widgets.review_form import PROBLEM, SUGGESTION, OpinionForm
from emrassess.gui.widgets.review_route import RoutePane
from emrassess.gui.widgets.thumbnails import Thumbnails

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

NOTICE_MS = 5000
NOT_HERE = "这里是医院自己的工作区：核查意见由专家写，这里只能看。"


class WalkView(QWidget):
    """One clause is in hand. In the hospital's own workspace the same, to be read only."""

    phrases_wanted = Signal(str)
    """The clause whose problem is to be chosen from the list."""
    left = Signal(str, str)
    """Problem and suggestion that were typed, once one turns to something else."""

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self.clause = ""
        self._session_shown: object = None
        self._typed = False
        self._shared_out = False
        self.setAcceptDrops(True)
        theme = context.theme
        thumbnails = Thumbnails(context, self)
        self.route = RoutePane(theme)
        self.side = ClaimSide(context, thumbnails)
        self.form = OpinionForm(theme, thumbnails)
        self.writing = ReviewWriting(context, self)
        self._place = label("", "heading", wrap=True)
        self._notice = label("", "fair", wrap=True)
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._notice_timer.timeout.connect(self._notice.hide)
        self._notice.hide()
        self._empty = label("没有符合条件的条款。", "muted", wrap=True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._build()
        self._connect()

    def _build(self) -> None:
        self.route_button = button("路线", self.toggle_route, tip="显示或收起路线（M）")
        self.large_button = button("大字", self.toggle_large, tip="大字大按钮，适合平板（L）")
        self.large_button.setCheckable(True)
        self.back = button("‹ 上一条", lambda: self.step(-1), tip="路线上的上一条（K）")
        self.on = button("下一条 ›", lambda: self.step(1), tip="路线上的下一条（J）")
        self.next_one = button("下一条未核查", self.go_on, primary=True, tip="路线上下一条还没有核查的（N）")
        top = QHBoxLayout()
        top.setContentsMargins(12, 8, 12, 4)
        top.setSpacing(12)
        for widget, stretch in ((self.route_button, 0), (self._place, 1), (self.large_button, 0)):
            top.addWidget(widget, stretch)
        bottom = QHBoxLayout()
        bottom.setContentsMargins(12, 6, 12, 8)
        bottom.setSpacing(10)
        for made in (self.back, self.on, self.next_one):
            made.setMinimumWidth(self._context.theme.px(130))
        for widget in (self.back, self.on):
            bottom.addWidget(widget)
        bottom.addStretch(1)
        bottom.addWidget(self.next_one)
        self._notice.setContentsMargins(14, 0, 12, 0)
        self.inner = QSplitter()
        self.inner.setChildrenCollapsible(False)
        self.inner.setHandleWidth(1)
        for widget in (self.side, self.form):
            widget.setMinimumWidth(300)
            self.inner.addWidget(widget)
        work = QWidget()
        column = QVBoxLayout(work)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(top)
        column.addWidget(self._empty)
        column.addWidget(self.inner, 1)
        column.addWidget(self._notice)
        column.addLayout(bottom)
        self.splitter = QSplitter()
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        self.route.setMinimumWidth(170)
        self.splitter.addWidget(self.route)
        self.splitter.addWidget(work)
        self.splitter.setStretchFactor(1, 1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.splitter)

    def _connect(self) -> None:
        self.route.chosen.connect(self.take)
        self.route.filtered.connect(self._list)
        form, writing = self.form, self.writing
        form.verdict_chosen.connect(self.give_verdict)
        form.said.connect(self._save)
        form.left.connect(self.take_focus)
        form.pasted.connect(self._take_in)
        form.paste.connect(self.paste)
        form.add.connect(self.add)
        form.phrases_wanted.connect(self.choose_phrase)
        form.previewed.connect(self.side.preview_photo)
        form.outside.connect(self.side.open_photo)
        form.removed.connect(writing.remove)
        writing.said.connect(form.saved)
        writing.failed.connect(form.failed)
        self._context.theme.changed.connect(self._dress)

    # --- what the page asks

    def show_session(self) -> None:
        """Show the route of the open workspace, the next open clause in hand."""
        session = self._context.session
        another = session is not self._session_shown
        self._session_shown = session
        if session is None:
            self.route.rows.show(None)
            self.form.forget()
            return
        held = session.assessment
        experts = held.review is not None
        own = held.review.group if held.review else ALL_GROUPS
        recheck = experts and held.current_round > ROUND_ONE
        if another:
            self.form.forget()
            self.clause = ""
            self.form.offer_places(place_names(session.pack))
            self.route.offer(held.review_groups(session.pack), own, recheck=recheck)
            if not experts:
                self.route.choose(Show.PROBLEMS)
            self._set_large(self._context.preferences.large)
        self.next_one.setVisible(experts)
        self._list()

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed."""
        session = self._context.session
        if session is None or self._session_shown is not session:
            return
        if changes.settings:
            held = session.assessment
            wanted = self.route.wanted
            own = held.review.group if held.review else ALL_GROUPS
            self.route.offer(held.review_groups(session.pack), own, recheck=held.current_round > ROUND_ONE)
            self.route.choose(wanted[1])
            self._list()
        elif changes.conflicts or changes.findings:
            self._list()
        elif changes.opinions:
            self.route.rows.update(changes.clauses)
            self._show_count()
            if self.clause in changes.clauses:
                self._show_opinion()

    def flush(self) -> None:
        """Save what is still being typed; it may be worth keeping as a phrase."""
        self.form.flush()
        if self._typed and self.form.problem.strip():
            self.left.emit(self.form.problem, self.form.suggestion)
        self._typed = False

    def take_focus(self) -> None:
        """Where the page's keys work: the route, else the clause."""
        (self.route.tree if self.route.isVisible() else self.side.area).setFocus(Qt.FocusReason.OtherFocusReason)

    def reach(self, clause: str) -> None:
        """Take a clause in hand even where the filter hides it."""
        session = self._context.session
        if session is None or clause not in session.pack.clause_by_id:
            return
        if clause not in self.route.rows.way:
            everywhere = clause in group_clauses(session, self.route.wanted[0])
            self.route.choose(Show.ALL, None if everywhere else ALL_GROUPS)
            self._list(clause)
        self.take(clause)

    # --- what is shown

    def _list(self, wanted: str = "") -> None:
        session = self._context.session
        if session is None:
            return
        self.flush()
        group, show = self.route.wanted
        kept = (wanted,) if wanted else ()
        self.route.rows.show(session, listed(session, group, show, kept))
        way = self.route.rows.way
        self._empty.setVisible(not way)
        self.inner.setVisible(bool(way))
        self._show_count()
        if not way:
            self.clause = ""
            self._place.setText("")
            return
        first = next_open(self.route.rows.stops, said_now(session.assessment)) or way[0]
        self._show(self.clause if self.clause in way else first)

    def _show_count(self) -> None:
        session, stops = self._context.session, self.route.rows.stops
        if session is None:
            return
        now = said_now(session.assessment)
        way = self.route.rows.way
        done = sum(c in now and now[c].verdict is not ExpertVerdict.OPEN for c in way)
        problems = sum(c in now and now[c].is_finding for c in way)
        self.route.count.setText(f"已核查 {done}/{len(way)} 条，问题 {problems} 个；{len(stops)} 站")

    def take(self, clause: str) -> None:
        """Take a clause of the route in hand."""
        if clause != self.clause:
            self._show(clause)
        else:
            self.route.take(clause)

    def _show(self, clause: str) -> None:
        session, way = self._context.session, self.route.rows.way
        stop = self.route.rows.stop_of(clause)
        if session is None or stop is None:
            return
        if clause != self.clause:
            self.flush()
        self.clause = clause
        self._place.setText(f"{stop.name}　{stop.clauses.index(clause) + 1}/{len(stop.clauses)}")
        self.side.show_clause(clause, f"第 {way.index(clause) + 1}/{len(way)} 条")
        opinion = opinion_now(session.assessment, clause)
        writable = can_check(self._context)
        self.form.show_clause(clause, opinion, self._photos_of(clause), stop.code, writable=writable)
        self.back.setEnabled(way.index(clause) > 0)
        self.on.setEnabled(way.index(clause) < len(way) - 1)
        self.route.take(clause)

    def _show_opinion(self) -> None:
        session, stop = self._context.session, self.route.rows.stop_of(self.clause)
        if session is not None and stop is not None:
            self.form.update_opinion(opinion_now(session.assessment, self.clause), stop.code)
            self.form.show_photos(self._photos_of(self.clause), writable=can_check(self._context))

    def _photos_of(self, clause: str) -> list[tuple[str, Photo]]:
        session = self._context.session
        held = session.assessment.photos if session else {}
        found = [(key, photo) for key, photo in held.items() if clause in photo.clauses]
        self.side.set_photos(found)
        return found

    def say(self, text: str) -> None:
        """Say something for a few seconds."""
        self._notice.setText(text)
        self._notice.show()
        self._notice_timer.start()

    # --- what experts do

    def _save(self, clause: str, field: str, value: object) -> None:
        self._typed |= field in (PROBLEM, SUGGESTION)
        self.writing.say(clause, field, value, self.form.where)

    def choose_filter(self) -> None:
        """To the filter over the route."""
        self.route.show()
        self.route.show_what.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_verdict(self, clause: str, verdict: ExpertVerdict) -> None:
        """Give a clause a verdict."""
        if not can_check(self._context):
            self.say(NOT_HERE)
        elif clause:
            self.writing.give_verdict(clause, verdict, self.form.where)

    def step(self, by: int) -> None:
        """To the next clause on the way, or the one before."""
        way = self.route.rows.way
        if self.clause not in way:
            return
        place = way.index(self.clause) + by
        if 0 <= place < len(way):
            self.take(way[place])
        else:
            self.say("已经是最后一条。" if by > 0 else "已经是第一条。")

    def go_on(self) -> None:
        """To the next clause on the way that is still open."""
        session = self._context.session
        if session is None:
            return
        found = next_open(self.route.rows.stops, said_now(session.assessment), self.clause or None)
        if found is None or found == self.clause:
            self.say("这里没有别的未核查条款了。")
        else:
            self.take(found)

    def write_problem(self) -> None:
        """To the field of the problem."""
        self.form.texts[PROBLEM].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def choose_phrase(self) -> None:
        """Have a common finding chosen for the clause in hand."""
        if self.clause and can_check(self._context):
            self.flush()
            self.phrases_wanted.emit(self.clause)

    def paste(self) -> None:
        """Add the picture in the clipboard."""
        if not self.writing.paste(self.clause):
            self.say("剪贴板里没有截图或图片文件。" if can_check(self._context) else NOT_HERE)

    def add(self) -> None:
        """Pick pictures to add."""
        if self.clause:
            self.writing.pick(self.clause)

    def _take_in(self, mime: QMimeData) -> None:
        if not self.writing.take_in(self.clause, mime):
            self.say("这里只能放图片。")

    def toggle_route(self) -> None:
        """Show or hide the route."""
        self.route.setVisible(not self.route.isVisible())
        self.take_focus()

    def toggle_large(self) -> None:
        """Large type and buttons, or back."""
        preferences = self._context.preferences
        preferences.large = not preferences.large
        preferences.save()
        self._set_large(preferences.large)

    def _set_large(self, large: bool) -> None:
        self.large_button.setChecked(large)
        self.route.setVisible(not large)
        self.route.set_large(large)
        self.form.set_large(large)
        self._dress()

    def _dress(self) -> None:
        self.setStyleSheet(large_sheet(self._context.theme) if self.large_button.isChecked() else "")
        self._share_width()

    # --- Qt's names from here on

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shared_out:
            self._shared_out = True
            self._share_width()

    def _share_width(self) -> None:
        theme, width = self._context.theme, self.width()
        route = min(theme.px(260), round(width * 0.28))
        self.splitter.setSizes([route, width - route])
        left = width - (route if self.route.isVisible() else 0)
        self.inner.setSizes([round(left * 0.5), round(left * 0.5)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape and self.side.previewing:
            self.side.show_claim()
            self.take_focus()
            return
        super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        mime = event.mimeData()
        if self.clause and can_check(self._context) and (mime.hasUrls() or mime.hasImage()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        # Questions wait until the drop has ended: they would freeze the program it comes from.
        pieces = intake.copied(event.mimeData())
        QTimer.singleShot(0, self, lambda: self._take_in(pieces))
