"""Beside the clauses: the item's score with its reasons, what is missing to the target, its ladder, its shares."""

import html
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.gaps import Need
from emrassess.domain.pack import Item
from emrassess.domain.reasons import Cause, Reason, plain
from emrassess.domain.scoring import ItemScore
from emrassess.gui.models.explanations import reason_within_item
from emrassess.gui.models.ladder import LadderModel
from emrassess.gui.theme import CATEGORY_NAMES, Theme
from emrassess.gui.widgets.basics import card, label, points, set_role
from emrassess.gui.widgets.shares import Shares
from emrassess.reports.wording import need_name

if TYPE_CHECKING:
    from emrassess.services.session import Session

MOST_LINKS = 12
IN_PACKET = "这里只有本科室的条款，不计分；交回合并以后，由医院一起计分。"


class Ladder(QTableView):
    """A table as high as its rows. Enter or a click goes to the clauses of a level."""

    level_chosen = Signal(int)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ladder = LadderModel(theme, self)
        self.setModel(self.ladder)
        self.setAccessibleName("级别阶梯")
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setTabKeyNavigation(False)
        self.setShowGrid(False)
        self.setCornerButtonEnabled(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.verticalHeader().hide()
        self.setProperty("look", "tight")
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        self.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Fixed)
        self.horizontalHeader().setMinimumSectionSize(20)
        self.setTextElideMode(Qt.TextElideMode.ElideNone)
        self.clicked.connect(lambda index: self.level_chosen.emit(self.ladder.rows[index.row()].level))
        self.activated.connect(lambda index: self.level_chosen.emit(self.ladder.rows[index.row()].level))
        self.fit()

    def fit(self) -> None:
        """Take the height of all rows at the text size in force."""
        line = self.fontMetrics().height() + 8
        self.horizontalHeader().resizeSection(0, 2 * self.fontMetrics().horizontalAdvance("级"))
        self.verticalHeader().setDefaultSectionSize(line)
        self.setFixedHeight(self.horizontalHeader().sizeHint().height() + line * self.ladder.rowCount() + 4)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.fit()


class ItemPanel(QWidget):
    """All figures of the item in hand."""

    go_to = Signal(str)
    """A clause id, or "level:4"."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session: Session | None = None
        self._item: Item | None = None
        self.title = label("", "heading", wrap=True)
        self.figure = label("", "figure")
        self.formula = label("", "muted", wrap=True)
        self.missing_title = label("", "heading", wrap=True)
        self.missing = _links("还差什么")
        self.missing.linkActivated.connect(self._on_link)
        self.ladder = Ladder(theme)
        self.ladder.level_chosen.connect(lambda level: self.go_to.emit(f"level:{level}"))
        self.shares = Shares()
        box = QVBoxLayout(self)
        box.setContentsMargins(4, 4, 10, 12)
        box.setSpacing(10)
        self._frames: list[QFrame] = []
        for widgets in (
            (self.title, self.figure, self.formula),
            (self.missing_title, self.missing),
            (label("级别阶梯", "heading"), self.ladder),
        ):
            frame, inner = card(spacing=4)
            self._frames.append(frame)
            inner.setContentsMargins(12, 10, 12, 10)
            for widget in widgets:
                inner.addWidget(widget)
            box.addWidget(frame)
        box.addWidget(self.shares)
        box.addStretch(1)

    def show_item(self, session: "Session", item: Item, writable: bool) -> None:
        """Show an item, or its new figures."""
        another = item is not self._item
        self._session, self._item = session, item
        whole = session.assessment.packet is None
        for widget in (self.figure, *self._frames[1:]):
            widget.setVisible(whole)
        if whole:
            self._show_score(session, item)
            self._show_missing(session, item)
            self.ladder.ladder.show_item(session, item)
            self.ladder.fit()
        else:
            self.title.setText(f"{item.code} {item.name}")
            self.formula.setText(IN_PACKET)
        self.shares.show_item(session, item, writable)
        if another:
            self._show_top()

    def _show_top(self) -> None:
        """Scroll back: while the fields of the item before go, the focus passes through others further down."""
        viewport = self.parentWidget()
        around = viewport.parentWidget() if viewport else None
        if isinstance(around, QScrollArea):
            around.verticalScrollBar().setValue(0)

    def _show_score(self, session: "Session", item: Item) -> None:
        scored, scheme = session.score.items[item.code], session.pack.scheme
        self.title.setText(f"{item.code} {item.name}")
        self.figure.setText(f"{points(scored.score)} 分")
        self.formula.setText(_product(item, scored) if scheme.has_coverage else scheme.working(scored))

    def _show_missing(self, session: "Session", item: Item) -> None:
        target, scored = session.assessment.target, session.score.items[item.code]
        gap = next((gap for gap in session.plan.gaps if gap.item == item.code), None)
        category = session.answers.category(session.pack, item.code, target)
        if gap is not None:
            named = need_name(gap.need, has_categories=session.pack.scheme.has_categories)
            self.missing_title.setText(f"到 {target} 级还差（{named}）")
            role = "fair" if gap.need is Need.SPARE else ""
            reasons = gap.reasons
        elif target not in item.by_level:
            self.missing_title.setText(f"本项目没有 {target} 级要求")
            role, reasons = "", ()
        else:
            named = f"（{CATEGORY_NAMES[category]}）" if category else ""
            self.missing_title.setText(f"✓ 已通过 {target} 级{named}")
            role, reasons = "good", scored.limits
        set_role(self.missing_title, "role", role or "heading")
        lines = [self._reason(session, reason) for reason in reasons]
        if gap is None and lines:
            lines.insert(0, "再往上一级还差：")
        self.missing.setText("<br>".join(lines))
        self.missing.setVisible(bool(lines))

    def _reason(self, session: "Session", reason: Reason) -> str:
        """A reason as a line of rich text: its clauses, or the field to fill in, are links."""
        if reason.clauses:
            named = "、".join(f'<a href="{clause}">{clause[6:]}</a>' for clause in reason.clauses[:MOST_LINKS])
            more = "…" if len(reason.clauses) > MOST_LINKS else ""
            short = f"得 {plain(reason.actual)} 分，至少要 {plain(reason.needed)} 分；" if reason.needed else ""
            count = len(reason.clauses)
            what = f"先补 {count} 条" if reason.cause is Cause.CLAUSES_CHOSEN else f"{count} 条未达标"
            return f"· {reason.level} 级{short or ' '}{what}：{named}{more}"
        text = html.escape(reason_within_item(session, reason))
        where = "coverage" if reason.cause in (Cause.COVERAGE_MISSING, Cause.COVERAGE_SHORT) else "quality"
        return f'· {text}　<a href="{where}:{reason.level}">填写</a>'

    def _on_link(self, target: str) -> None:
        kind, _, rest = target.partition(":")
        if kind in ("coverage", "quality"):
            self.shares.focus_field(kind, int(rest))
        else:
            self.go_to.emit(target)


def _product(item: Item, scored: ItemScore) -> str:
    """How a score of level × coverage × quality comes about, or why there is none."""
    level = scored.scored_level
    if level:
        shares = f"比例 {scored.coverage[level]} × 质量 {scored.quality[level]}"
        return f"{level} 级 × {shares}\n功能评分 {scored.function_level} 级"
    if scored.function_level:
        return f"功能评分 {scored.function_level} 级，但有效应用比例或数据质量为 0，没有得分"
    return f"功能评分 0 级：{item.rows[0].level} 级条款还没有全部达标，没有得分"


def _links(name: str) -> QLabel:
    made = label("", wrap=True)
    made.setTextFormat(Qt.TextFormat.RichText)
    made.setAccessibleName(name)
    made.setTextInteractionFlags(
        Qt.TextInteractionFlag.LinksAccessibleByMouse | Qt.TextInteractionFlag.LinksAccessibleByKeyboard
    )
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return made
