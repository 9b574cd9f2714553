"""The route at the left: filters above, stops and their clauses below."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.pack import ReviewGroup
from emrassess.gui.models.review_route import RouteModel, RouteRole
from emrassess.gui.models.review_scope import ALL_GROUPS, SHOW_NAMES, Show
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.signs import EXPERT_COLOURS, paint_expert_verdict

Index = QModelIndex | QPersistentModelIndex
FINGER = 44  # pixels: what a finger hits


class RoutePane(QWidget):
    """`chosen`: a clause was picked; `filtered`: another group, or other clauses of it, are wanted."""

    chosen = Signal(str)
    filtered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = RouteModel(self)
        self.group, self.show_what = QComboBox(), QComboBox()
        self.group.setAccessibleName("核查组")
        self.show_what.setAccessibleName("看哪些条款")
        for box in (self.group, self.show_what):
            box.activated.connect(lambda _: self.filtered.emit())
        self.count = label("", "muted", wrap=True)
        self.tree = _RouteTree(theme, self.rows)
        self.tree.chosen.connect(self.chosen)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        for widget in (self.group, self.show_what, self.count):
            column.addWidget(widget)
        column.addWidget(self.tree, 1)

    def offer(self, groups: tuple[ReviewGroup, ...], own: str, *, recheck: bool) -> None:
        """Offer the groups, `own` chosen, and what can be shown."""
        self.group.clear()
        for group in groups:
            mine = "（我的组）" if group.code == own else ""
            self.group.addItem(f"{group.name}{mine}", group.code)
        self.group.addItem("全部组", ALL_GROUPS)
        self.group.setCurrentIndex(max(self.group.findData(own), 0) if own else self.group.count() - 1)
        self.show_what.clear()
        for show, name in SHOW_NAMES.items():
            if recheck or show is not Show.RECHECK:
                self.show_what.addItem(name, show.value)
        self.choose(Show.RECHECK if recheck else Show.ALL)

    @property
    def wanted(self) -> tuple[str, Show]:
        """The group and what of it."""
        return self.group.currentData() or ALL_GROUPS, Show(self.show_what.currentData() or Show.ALL)

    def choose(self, show: Show, group: str | None = None) -> None:
        """Show other clauses, of another group; nothing is told."""
        self.show_what.setCurrentIndex(max(self.show_what.findData(show.value), 0))
        if group is not None:
            self.group.setCurrentIndex(self.group.findData(group))

    def take(self, clause: str) -> None:
        """Mark a clause as the one in hand."""
        self.tree.take(clause)

    def set_large(self, large: bool) -> None:
        """Rows that a finger hits."""
        self.tree.set_large(large)


class _RouteTree(QTreeView):
    chosen = Signal(str)

    def __init__(self, theme: Theme, rows: RouteModel) -> None:
        super().__init__()
        self._quiet = False
        self._painter = _RouteDelegate(theme, self)
        self.setModel(rows)
        self.setItemDelegate(self._painter)
        self.setAccessibleName("路线")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(theme.px(14))
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setExpandsOnDoubleClick(True)
        self.selectionModel().currentChanged.connect(self._on_current)
        rows.modelReset.connect(self._on_reset)

    def take(self, clause: str) -> None:
        model = self.model()
        assert isinstance(model, RouteModel)
        index = model.index_of(clause)
        self._quiet = True
        if index.isValid():
            self.setExpanded(index.parent(), True)
        self.setCurrentIndex(index)
        if index.isValid():
            self.scrollTo(index)
        self._quiet = False

    def set_large(self, large: bool) -> None:
        self._painter.least = FINGER if large else 0
        self.scheduleDelayedItemsLayout()

    def keyboardSearch(self, _search: str) -> None:
        """Letters and digits are the page's keys."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            index = self.currentIndex()
            if index.isValid() and not index.parent().isValid():
                self.setExpanded(index, not self.isExpanded(index))
                return
        super().keyPressEvent(event)

    def _on_reset(self) -> None:
        if self.model().rowCount() == 1:
            self.expandAll()

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid() and index.parent().isValid() and not self._quiet:
            self.chosen.emit(index.data(RouteRole.KEY))


class _RouteDelegate(QStyledItemDelegate):
    """A stop: its name and how many are done. A clause: the sign of the verdict, its number and how it begins."""

    def __init__(self, theme: Theme, tree: QTreeView) -> None:
        super().__init__(tree)
        self._theme = theme
        self.least = 0

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:  # noqa: ARG002
        return QSize(120, max(option.fontMetrics.height() + self._theme.px(11), self.least))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        area = option.rect.adjusted(theme.px(3), 0, -theme.px(8), 0)
        if index.parent().isValid():
            self._paint_clause(painter, area, option, index)
        else:
            self._paint_stop(painter, area, option, index)
        painter.restore()

    def _paint_stop(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        done, total = index.data(RouteRole.DONE), index.data(RouteRole.TOTAL)
        painter.setPen(self._theme.colour("good" if done == total else "muted"))
        counts = f"✓ {done}/{total}" if done == total else f"{done}/{total}"
        painter.drawText(area, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counts)
        font = option.font
        font.setBold(True)
        painter.setFont(font)
        metrics = painter.fontMetrics()
        left = area.adjusted(0, 0, -metrics.horizontalAdvance(counts) - self._theme.px(6), 0)
        painter.setPen(self._theme.colour("text"))
        name = metrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, left.width())
        painter.drawText(left, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)

    def _paint_clause(self, painter: QPainter, area: QRect, option: QStyleOptionViewItem, index: Index) -> None:
        theme, verdict = self._theme, index.data(RouteRole.VERDICT)
        side = option.fontMetrics.ascent() * 0.85
        sign = QRectF(area.left(), area.center().y() - side / 2, side, side)
        paint_expert_verdict(painter, sign, verdict, theme.colour(EXPERT_COLOURS[verdict]))
        words = area.adjusted(round(side) + theme.px(7), 0, 0, 0)
        painter.setPen(theme.colour("bad" if index.data(RouteRole.PROBLEM) else "text"))
        text = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)
