"""The clauses of one item as cards under the headings of their levels. Cards are kept and filled anew."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Clause, Item
from emrassess.gui.models.scope import scoped
from emrassess.gui.models.tasks import pressing, task_text
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.clause_card import ClauseCard, LevelHeading
from emrassess.gui.widgets.clause_details import ClauseDetails
from emrassess.services.tasks import now

if TYPE_CHECKING:
    from emrassess.services.session import Session


class ClauseList(QScrollArea):
    """Shows the clauses; one of them is in hand and holds the details."""

    taken = Signal(str)
    verdict_chosen = Signal(str, object)
    looked_at = Signal(str)
    dropped = Signal(str, QMimeData)
    meet_row = Signal(str)
    stepped = Signal(int)
    """↓ or ↑ was pressed: 1 or -1."""

    def __init__(self, theme: Theme, details: ClauseDetails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._details = details
        self._cards: list[ClauseCard] = []
        self._headings: list[LevelHeading] = []
        self._shown: dict[str, ClauseCard] = {}
        self._rows: dict[int, LevelHeading] = {}
        self._item: Item | None = None
        self._current = ""
        self._content = QWidget()
        self._content.setObjectName("scrolled")
        outer = QVBoxLayout(self._content)
        outer.setContentsMargins(10, 4, 10, 16)
        self._box = QVBoxLayout()
        self._box.setSpacing(8)
        outer.addLayout(self._box)
        outer.addStretch(1)
        self.setWidget(self._content)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName("条款")
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        details.setParent(self._content)
        details.hide()
        theme.changed.connect(self._repaint)

    @property
    def card(self) -> ClauseCard | None:
        """The card in hand."""
        return self._shown.get(self._current)

    def show_item(self, session: "Session", item: Item, clauses: Sequence[Clause], writable: bool) -> None:
        """Show `clauses` of `item`, in order. None of them is in hand yet."""
        self._item, self._current = item, ""
        self._details.hide()
        self._details.setParent(self._content)
        for widget in (*self._cards, *self._headings):
            # Not takeAt: items that live on in Python keep Qt from noticing that a card's height has changed.
            self._box.removeWidget(widget)
        self._shown, self._rows = {}, {}
        cards, headings = iter(self._enough_cards(len(clauses))), iter(self._enough_headings(clauses))
        for clause in clauses:
            if clause.level not in self._rows:
                heading = self._rows[clause.level] = next(headings)
                self._box.addWidget(heading)
                heading.show()
            card = self._shown[clause.id] = next(cards)
            card.set_current(False)
            card.set_writable(writable)
            self._box.addWidget(card)
            card.show()
        for left in (*cards, *headings):
            left.hide()
        self.refresh(session, self._shown, writable)

    def refresh(self, session: "Session", clauses: Sequence[str] | dict[str, ClauseCard], writable: bool) -> None:
        """Show anew what these clauses say, those of them that are here, and the heads of the levels."""
        assessment, evidence, today = session.assessment, session.evidence_by_clause, now(session)
        for clause in clauses:
            card = self._shown.get(clause)
            if card is not None:
                answer = assessment.answer(clause)
                unsaved = self._details.has_draft(clause)
                card.show_clause(session.pack.clause_by_id[clause], answer, evidence.get(clause, ()), unsaved)
                card.show_wording(assessment.wording.get(clause, ""))
                card.show_mark(assessment.rechecks.get(clause))
                card.show_task(task_text(session, clause, today), pressing=pressing(session, clause, today))
        if self._item is None:
            return
        answers = session.answers
        for level, heading in self._rows.items():
            row = self._item.by_level[level]
            here = scoped(session, row.clauses)
            met = sum(answers.verdict(clause.id) is Verdict.MET for clause in here)
            category = answers.category(session.pack, self._item.code, level)
            heading.show_row(row, category, met, len(here), writable)

    def take(self, clause: str, *, keep_place: bool = False, focus: bool = True) -> None:
        """Take a clause in hand: its card holds the details and is brought into view.

        With `keep_place` the card stays where it is on the screen, so that a click does not run away from the pointer.
        """
        card = self._shown.get(clause)
        if card is None:
            return
        top = self._top_of(card)
        if clause != self._current:
            if before := self.card:
                before.set_current(False)
            self._current = clause
            card.box.addWidget(self._details)
            card.set_current(True)
            self._details.show()
            self._details.follow(list(card.verdicts.buttons.values())[-1])
        if focus:
            card.setFocus(Qt.FocusReason.OtherFocusReason)
        if keep_place:
            self._settle()
            bar = self.verticalScrollBar()
            bar.setValue(bar.value() + self._top_of(card) - top)
        else:
            self._reveal()
        QTimer.singleShot(0, self, self._reveal)

    def clear(self) -> None:
        """Show nothing."""
        self._details.hide()
        self._details.setParent(self._content)
        for widget in (*self._cards, *self._headings):
            widget.hide()
        self._shown, self._rows, self._item, self._current = {}, {}, None, ""

    def sizeHint(self) -> QSize:
        return QSize(560, 500)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)

    def _top_of(self, widget: QWidget) -> int:
        return widget.mapTo(self.viewport(), widget.rect().topLeft()).y()

    def _settle(self) -> None:
        """Have the layout done now: places are needed before the next event."""
        for _ in range(2):  # once for the card, once for what holds it
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LayoutRequest)

    def _reveal(self) -> None:
        """Scroll so that the card in hand is seen: its head in any case, all of it where it fits."""
        card = self.card
        if card is None:
            return
        self._settle()
        view, bar = self.viewport().height(), self.verticalScrollBar()
        heading = self._heading_of(card)
        top, bottom = self._top_of(heading or card), self._top_of(card) + card.height()
        if bottom - top > view:
            top = self._top_of(card)
        if top < 0 or bottom - top > view:
            bar.setValue(bar.value() + top - 4)
        elif bottom > view:
            bar.setValue(bar.value() + bottom - view + 8)

    def _heading_of(self, card: ClauseCard) -> LevelHeading | None:
        """The heading right above a card, if it is the first of its level."""
        entry = self._box.itemAt(self._box.indexOf(card) - 1)
        above = entry.widget() if entry else None
        return above if isinstance(above, LevelHeading) else None

    def _enough_cards(self, count: int) -> list[ClauseCard]:
        while len(self._cards) < count:
            card = ClauseCard(self._theme, self._content)
            card.taken.connect(self.taken)
            card.verdict_chosen.connect(self.verdict_chosen)
            card.looked_at.connect(self.looked_at)
            card.dropped.connect(self.dropped)
            self._cards.append(card)
        return self._cards

    def _enough_headings(self, clauses: Sequence[Clause]) -> list[LevelHeading]:
        while len(self._headings) < len({clause.level for clause in clauses}):
            heading = LevelHeading(self._content)
            heading.meet_row.connect(self.meet_row)
            self._headings.append(heading)
        return self._headings

    def _repaint(self) -> None:
        for card in self._cards:
            card.update()
