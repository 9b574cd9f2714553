"""The ledger itself: numbers and filter above, the table, and the finding in hand beside it."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QPushButton, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from emrassess.domain.ledger import FindingState
from emrassess.gui import actions, intake
from emrassess.gui.context import Context
from emrassess.gui.ledger_writing import LedgerWriting, movable
from emrassess.gui.models.ledger import (
    EVERYTHING,
    LedgerModel,
    LedgerProxy,
    LedgerRow,
    Wanted,
    ledger_rows,
    why_fixed,
)
from emrassess.gui.widgets.basics import button, label, offer
from emrassess.gui.widgets.ledger_details import LedgerDetails
from emrassess.gui.widgets.ledger_empty import LedgerEmpty
from emrassess.gui.widgets.ledger_filter import LedgerFilter
from emrassess.gui.widgets.ledger_summary import LedgerSummary
from emrassess.gui.widgets.ledger_table import LedgerTable
from emrassess.services import ledger

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

NOTICE_MS = 12_000
MOVES = {
    "ledger.begin": FindingState.IN_PROGRESS,
    "ledger.done": FindingState.DONE,
    "ledger.close": FindingState.CLOSED,
    "ledger.reopen": FindingState.REOPENED,
    "ledger.again": FindingState.OPEN,
}
NONE_SELECTED = "请先选中一个或几个问题。"


class LedgerTab(QWidget):
    """`clause_wanted`: a clause was asked for."""

    clause_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.writing = LedgerWriting(context, self)
        self.summary = LedgerSummary(context.theme)
        self.filter = LedgerFilter()
        self.rows = LedgerModel(context.theme, self)
        self.found = LedgerProxy(self.rows, self)
        self.table = LedgerTable(context.theme, self.found)
        self.details = LedgerDetails(context)
        self.empty = LedgerEmpty()
        self.count = label("", "muted", wrap=True)
        self.notice = label("", "fair", wrap=True)
        self.notice.hide()
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._notice_timer.timeout.connect(self.notice.hide)
        self._once_saved: list[Callable[[], object]] = []
        self._session_shown: object = None
        self._shared_out = False
        self._make_buttons()
        self._build()
        self._connect()

    # --- building

    def _make_buttons(self) -> None:
        slots: dict[str, Callable[[], object]] = {
            "ledger.supervise": lambda: self.writing.supervise(self.selected),
            "ledger.assign": self._assign,
            "ledger.measures": self.details.fields.measures.setFocus,
            "ledger.pick": lambda: self._with_one(self.writing.pick),
            "ledger.add": lambda: self._with_one(self.writing.add),
            "ledger.paste": self._paste,
            "ledger.next": lambda: self._step(1),
            "ledger.previous": lambda: self._step(-1),
            "ledger.find": self.filter.search.setFocus,
            "ledger.filter_clear": self.filter.clear,
        }
        slots |= {key: lambda s=state: self._move(s) for key, state in MOVES.items()}
        self.slots = slots
        for key, slot in slots.items():
            actions.make(key, self, slot)
        self.buttons: dict[str, QPushButton] = {}
        for key in (
            "ledger.begin",
            "ledger.done",
            "ledger.close",
            "ledger.reopen",
            "ledger.supervise",
            "ledger.assign",
        ):
            spec = actions.BY_KEY[key]
            self.buttons[key] = button(
                spec.text, slots[key], primary=key == "ledger.done", tip=actions.tip_of(spec)
            )  # fmt: skip

    def _build(self) -> None:
        row = QHBoxLayout()
        row.setSpacing(6)
        for made in self.buttons.values():
            row.addWidget(made)
        row.addStretch(1)
        self.splitter = QSplitter()
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(6)
        column.addWidget(self.table, 1)
        column.addWidget(self.count)
        left.setMinimumWidth(380)
        self.details.setMinimumWidth(300)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.details)
        self.splitter.setStretchFactor(0, 1)
        whole = QWidget()
        box = QVBoxLayout(whole)
        box.setContentsMargins(14, 8, 10, 8)
        box.setSpacing(6)
        box.addWidget(self.summary)
        box.addWidget(self.filter)
        box.addLayout(row)
        box.addWidget(self.notice)
        box.addWidget(self.splitter, 1)
        self.stack = QStackedWidget()
        self.stack.addWidget(whole)
        self.stack.addWidget(self.empty)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _connect(self) -> None:
        self.summary.chosen.connect(self.filter.show_wanted)
        self.filter.changed.connect(self._filter)
        self.table.opened.connect(self.clause_wanted)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().selectionChanged.connect(lambda *_: self._show_selected())
        self.table.selectionModel().currentChanged.connect(lambda *_: self._show_selected())
        self.empty.import_wanted.connect(self.writing.import_reviews)
        self.writing.said.connect(self._say)
        self.writing.saved.connect(self._on_saved)
        self.writing.failed.connect(self.details.fields.failed)
        self.context.operations.busy_changed.connect(self._on_busy)
        details = self.details
        details.clause_wanted.connect(self.clause_wanted)
        details.fields.save.connect(self.writing.save)
        details.fields.edited.connect(self._offer)
        details.fields.left.connect(lambda: self.table.setFocus(Qt.FocusReason.OtherFocusReason))
        details.fields.pasted.connect(lambda mime: self._with_one(lambda key: self.writing.take_in(key, mime)))
        details.proof.pick.connect(self.slots["ledger.pick"])
        details.proof.add.connect(self.slots["ledger.add"])
        details.proof.paste.connect(self._paste)
        details.proof.dropped.connect(self._on_dropped)
        details.proof.detached.connect(lambda piece: self._with_one(lambda key: self.writing.detach(key, piece)))
        details.proof.opened.connect(lambda piece: self.context.go_to.emit(f"evidence:{piece}"))
        self.context.theme.changed.connect(self._share_width)

    # --- what the page asks

    def show_session(self) -> None:
        """Show the open workspace; another one without filter."""
        session = self.context.session
        self.details.forget()
        if session is not self._session_shown:
            self._session_shown = session
            self.rows.show_rows(())
            self.filter.clear()
        self.notice.hide()
        self._show(keep_order=False)
        if not self.table.currentIndex().isValid() and self.found.rowCount():
            self.table.take(self.found.index(0, 0))

    def refresh(self, changes: "Changes") -> None:
        """Show what a write changed."""
        if changes.findings or changes.opinions or changes.evidence or changes.tasks or changes.settings:
            self._show(keep_order=True)

    def show_findings(self, wanted: Wanted) -> None:
        """Show those and no others; the first is in hand."""
        self.filter.show_wanted(wanted)
        if self.found.rowCount():
            self.table.take(self.found.index(0, 0))
            self.table.scrollToTop()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def choose(self, key: str) -> bool:
        """Take a finding in hand even where the filter hides it; False where it is not there."""
        if self.rows.row_of(key) < 0:
            return False
        if not self.found.place_of(key).isValid():
            self.filter.clear()
        self.table.take(self.found.place_of(key))
        self.table.scrollTo(self.found.place_of(key))
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def flush(self) -> None:
        """Save what is still being typed."""
        self.details.fields.flush()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shared_out:
            self._shared_out = True
            self._share_width()

    def _share_width(self) -> None:
        side = min(self.context.theme.px(390), round(self.width() * 0.4))
        self.splitter.setSizes([self.width() - side, side])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        there = self.empty.does if self.stack.currentIndex() else self.table
        there.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what is shown

    def _show(self, *, keep_order: bool) -> None:
        session = self.context.session
        if session is None:
            return
        kept, current = self.selected, self.in_hand
        self.rows.show_rows(ledger_rows(session), keep_order=keep_order)
        self.summary.show_summary(ledger.summary(session))
        self.summary.show_wanted(self.filter.wanted)
        self.filter.show_session(session, self.rows.rows)
        self.stack.setCurrentIndex(0 if self.rows.rowCount() else 1)
        self.empty.show_session(session, writable=self.context.writable)
        for made in self.buttons.values():
            made.setVisible(session.assessment.review is None)
        self._select_again(kept, current.id if current else "")
        self._show_selected()

    def _select_again(self, kept: list[str], current: str) -> None:
        """What was selected, after the findings were listed anew."""
        if self.selected == kept:
            return
        model = self.table.selectionModel()
        place = self.found.place_of(current)
        if place.isValid():
            self.table.take(place)
        for key in kept:
            model.select(self.found.place_of(key), model.SelectionFlag.Select | model.SelectionFlag.Rows)

    @property
    def selected(self) -> list[str]:
        """Ids of the selected findings, in the order they stand in."""
        return [row.id for row in self.table.selected]

    @property
    def in_hand(self) -> LedgerRow | None:
        """The finding of the details: the current one, where it is selected, else the first selected."""
        return self._of(self.table.selected)

    def _of(self, chosen: list[LedgerRow]) -> LedgerRow | None:
        current = self.table.currentIndex()
        row = self.found.row_at(current.row()) if current.isValid() else None
        first = chosen[0] if chosen else None
        return row if row is not None and any(row is held for held in chosen) else first

    def _filter(self) -> None:
        self.found.show_wanted(self.filter.wanted)
        self.summary.show_wanted(self.filter.wanted)
        self._show_selected()

    def _show_selected(self) -> None:
        chosen = self.table.selected
        self.details.show_row(self._of(chosen), len(chosen))
        shown, total = self.found.rowCount(), self.rows.rowCount()
        wanted = self.filter.wanted
        parts = [f"{shown}/{total} 个问题" if shown != total else f"{total} 个问题"]
        parts += [f"常见问题：{wanted.named}"] if wanted.named else []
        parts += [f"选中 {len(chosen)} 个"] if len(chosen) > 1 else []
        parts += [] if shown or wanted == EVERYTHING else ["没有符合的，请改筛选，或按 Shift+F 清除"]
        self.count.setText("　".join(parts))
        self._offer()

    def _offer(self) -> None:
        """Which actions the selected findings allow; the others say why not."""
        chosen = self.table.selected
        for key, made in self.buttons.items():
            why = self._why_not(key, chosen)
            offer(made, not why, why)
        under = bool(chosen) and all(row.finding.supervised for row in chosen)
        self.buttons["ledger.supervise"].setText("解除督办" if under else actions.BY_KEY["ledger.supervise"].text)

    def _why_not(self, key: str, chosen: list[LedgerRow]) -> str:
        """Why an action cannot be done with what is selected, "" where it can."""
        session = self.context.session
        if session is None or not self.context.writable:
            return self.context.why_not
        if not chosen:
            return NONE_SELECTED
        if key not in MOVES:
            return ""
        findings = {row.id: row.finding for row in chosen}
        fields = self.details.fields
        if list(findings) == [fields.finding] and fields.typed_measures:  # it is saved before it is moved
            findings = {key: replace(finding, measures=fields.typed_measures) for key, finding in findings.items()}
        able, why = movable(findings, MOVES[key], session.user)
        return "" if able else why

    def _say(self, text: str) -> None:
        self.notice.setText(text)
        self.notice.setVisible(bool(text))
        self._notice_timer.start()

    # --- what people do

    def _on_saved(self, key: str, name: str, text: str) -> None:
        self.details.fields.saved(key, name, text)
        if self.details.row is not None and self.details.row.id == key:
            self.details.fields.update_finding(self.details.row.finding)

    def _on_busy(self, busy: bool) -> None:
        if not busy:
            waiting, self._once_saved = self._once_saved, []
            for work in waiting:
                QTimer.singleShot(0, self, work)

    def _after_saving(self, work: Callable[[], object]) -> None:
        """Do `work` once what is typed is in the workspace: it looks at that."""
        self.flush()
        if self.context.operations.writing:
            self._once_saved.append(work)
        else:
            work()

    def _move(self, to: FindingState) -> None:
        chosen = self.selected
        if not self.context.writable or not chosen:
            self._say(self.context.why_not or NONE_SELECTED)
            return
        self._say("")
        self._after_saving(lambda: self.writing.move(chosen, to))

    def _assign(self) -> None:
        chosen = self.selected
        self._after_saving(lambda: self.writing.assign(chosen))

    def _with_one(self, act: Callable[[str], object]) -> None:
        """Proof is of one finding: the one in hand."""
        row = self.details.row
        if row is None or not self.context.writable:
            self._say(self.context.why_not or NONE_SELECTED)
        elif fixed := why_fixed(row.finding, self.context.session.user if self.context.session else ""):
            self._say(f"{fixed}。")
        else:
            act(row.id)

    def _paste(self) -> None:
        def paste(key: str) -> None:
            if not self.writing.paste(key):
                self._say("剪贴板里没有截图、文件或文字。")

        self._with_one(paste)

    def _on_dropped(self, mime: object) -> None:
        # Questions wait until the drop has ended: they would freeze the program that it comes from.
        pieces = intake.copied(mime)  # type: ignore[arg-type]
        QTimer.singleShot(0, self, lambda: self._with_one(lambda key: self.writing.take_in(key, pieces)))

    def _step(self, by: int) -> None:
        place = self.table.currentIndex().row() + by
        if 0 <= place < self.found.rowCount():
            self.table.take(self.found.index(place, 0))

    def _menu(self, at: QPoint) -> None:
        chosen = self.table.selected
        if not chosen:
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        row = self._of(chosen)
        if row is not None:
            menu.addAction(f"到条款 {row.finding.clause}", lambda: self.clause_wanted.emit(row.finding.clause))
            menu.addSeparator()
        for key in (*MOVES, "ledger.supervise", "ledger.assign"):
            if key == "ledger.supervise":
                menu.addSeparator()
            text = self.buttons[key].text() if key in self.buttons else actions.BY_KEY[key].text
            made = menu.addAction(text, self.slots[key])
            why = self._why_not(key, chosen)
            made.setEnabled(not why)
            made.setToolTip(why or actions.tip_of(actions.BY_KEY[key]))
        menu.popup(self.table.viewport().mapToGlobal(at))
