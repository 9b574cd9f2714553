"""核查后得分: the score as verified beside the score as claimed, the groups, and the claims that fell."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QHeaderView, QTableView, QVBoxLayout, QWidget

from emrassess.gui.context import Context
from emrassess.gui.models.merging import ROLE
from emrassess.gui.models.review_score import FallenTable, GroupTable, Standing, figure, standing
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import card, label, scrolled, set_role
from emrassess.gui.widgets.meter import Meter
from emrassess.gui.widgets.plain_table import plain_table

if TYPE_CHECKING:
    from emrassess.services.session import Session

FIGURES = (
    ("自评", "医院自己的结论"),
    ("核查后最高", "没有看到的按自评算"),
    ("核查后最低", "只算已经核实的"),
)
FALLEN_SHOWN = 8


class ScorePanel(QWidget):
    """Computed off the GUI thread when it comes into view. `clause_chosen`: go to that clause."""

    clause_chosen = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._stale = True
        self._wish = 0
        theme = context.theme
        self.headline = label("", "title", wrap=True)
        self.why = label("正在计算…", wrap=True)
        self._figures = [_ScoreFigure(theme, name, note) for name, note in FIGURES]
        self.groups, self.fallen = GroupTable(self), FallenTable(self)
        self.group_table = plain_table(theme, self.groups, "各组核查情况", ())
        heads = self.group_table.horizontalHeader()
        heads.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        heads.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.fallen_table = plain_table(theme, self.fallen, "核查后不成立的条款", (420, 70, 80))
        self.fallen_head = label("", "heading")
        self.fallen_table.activated.connect(lambda index: self.clause_chosen.emit(index.data(ROLE)))
        self.fallen_table.clicked.connect(lambda index: self.clause_chosen.emit(index.data(ROLE)))
        self._arrange()

    def _arrange(self) -> None:
        inner = QWidget()
        column = QVBoxLayout(inner)
        column.setContentsMargins(20, 14, 20, 16)
        column.setSpacing(10)
        column.addWidget(self.headline)
        column.addWidget(self.why)
        row = QHBoxLayout()
        row.setSpacing(12)
        for made in self._figures:
            row.addWidget(made, 1)
        column.addLayout(row)
        column.addWidget(label("各组核查情况", "heading"))
        column.addWidget(self.group_table)
        column.addWidget(self.fallen_head)
        column.addWidget(self.fallen_table)
        column.addStretch(1)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(scrolled(inner))
        self.setFocusProxy(self.fallen_table)

    def forget(self) -> None:
        """What is shown is out of date: computed anew once it is in view."""
        self._stale = True
        if self.isVisible():
            self._compute()

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if self._stale:
            self._compute()

    def _compute(self) -> None:
        session = self._context.session
        if session is None:
            return
        self._stale = False
        self._wish += 1
        wish = self._wish
        handle = self._context.operations.background(standing, session)
        handle.done.connect(lambda found: self._show(session, found) if wish == self._wish else None)

    def _show(self, session: "Session", found: Standing) -> None:
        if session is not self._context.session:
            return
        self.headline.setText(found.headline)
        set_role(self.headline, "tone", found.role)
        self.why.setText(found.why)
        scores = (found.verified.claimed, found.verified.at_most, found.verified.at_least)
        for made, score in zip(self._figures, scores, strict=True):
            made.show_score(*figure(score, found.verified.claimed))
        self.groups.show_rows(found.tallies)
        _fit_height(self.group_table, len(found.tallies))
        self.fallen.show_clauses(session, found.verified.fallen)
        count = len(found.verified.fallen)
        self.fallen_head.setText(
            f"自评达标、核查后不成立的条款（{count} 条，点一下到条款）" if count else "还没有核查后不成立的条款。"
        )
        self.fallen_table.setVisible(count > 0)
        _fit_height(self.fallen_table, min(count, FALLEN_SHOWN))


class _ScoreFigure(QWidget):
    """A score, the level it gives, and a bar of how much of the claim is left."""

    def __init__(self, theme: Theme, name: str, note: str) -> None:
        super().__init__()
        self._name = name
        self._value = label("", "figure")
        self._level = label("", "heading", wrap=True)
        self._meter = Meter(theme)
        frame, box = card(spacing=3)
        for widget in (label(name, "muted"), self._value, self._level, self._meter, label(note, "muted", wrap=True)):
            box.addWidget(widget)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(frame)

    def show_score(self, value: str, level: str, share: float) -> None:
        """`share` of the score that is claimed."""
        self._value.setText(value)
        self._level.setText(level)
        self._meter.show_share(share)
        self.setAccessibleName(f"{self._name} {value}，{level}")


def _fit_height(table: QTableView, rows: int) -> None:
    heads = table.horizontalHeader()
    each = table.verticalHeader().defaultSectionSize()
    table.setFixedHeight(heads.sizeHint().height() + rows * each + 2 * table.frameWidth() + 2)
    table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
