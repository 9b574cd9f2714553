"""The tree at the left of the clauses page."""

from PySide6.QtCore import (
    QItemSelectionModel,
    QModelIndex,
    QPersistentModelIndex,
    QPoint,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QMenu, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView, QWidget

from emrassess.domain.gaps import Need
from emrassess.gui.models.clause_tree import ClauseTreeModel, TreeRole
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.signs import paint_block

Index = QModelIndex | QPersistentModelIndex


class _ProgressDelegate(QStyledItemDelegate):
    """The title, how many clauses are met, a thin bar of it, and a triangle where it blocks the target."""

    def __init__(self, theme: Theme, view: QTreeView) -> None:
        super().__init__(view)
        self._theme = theme
        self._view = view

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """One line; the name of an item gets two where it needs them."""
        kind = index.data(TreeRole.KIND)
        line = option.fontMetrics.height()
        if kind != "item":
            return QSize(120, line + (10 if kind == "level" else 14))
        room = self._view.viewport().width() - 2 * self._view.indentation() - 10 - _taken(option.fontMetrics)
        lines = 2 if option.fontMetrics.horizontalAdvance(index.data()) > room else 1
        return QSize(120, lines * line + 14)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(option.rect, theme.colour("raised"))
        box = option.rect.adjusted(2, 0, -8, 0)
        kind, met, total = (index.data(role) for role in (TreeRole.KIND, TreeRole.MET, TreeRole.TOTAL))
        font = option.font
        font.setBold(kind == "role")
        painter.setFont(font)
        painter.setPen(theme.colour("good" if met == total else "muted"))
        painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{met}/{total}")
        words = box.adjusted(0, 0, -_taken(painter.fontMetrics()), 0)
        painter.setPen(theme.colour("muted" if kind == "level" else "text"))
        _paint_title(painter, words, index.data())
        block = index.data(TreeRole.BLOCK)
        if block:
            sure = block != Need.UNVERIFIED
            mark = _mark(painter.fontMetrics())
            at = QRectF(words.right() + 4, box.center().y() - mark / 2, mark, mark)
            paint_block(painter, at, theme.colour("bad" if sure else "fair"), sure=sure)
        if kind != "level" and total:
            self._paint_bar(painter, box, met / total)
        painter.restore()

    def _paint_bar(self, painter: QPainter, box: QRect, share: float) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        bar = QRectF(box.left(), box.bottom() - 3, box.width(), 2)
        painter.setBrush(self._theme.colour("none_soft"))
        painter.drawRoundedRect(bar, 1, 1)
        painter.setBrush(self._theme.colour("good"))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), 1, 1)


def _mark(metrics: QFontMetrics) -> int:
    """The side of the triangle."""
    return round(metrics.ascent() * 0.8)


def _taken(metrics: QFontMetrics) -> int:
    """The width at the right that triangle and counts take."""
    return metrics.horizontalAdvance("00/00") + _mark(metrics) + 16


def _paint_title(painter: QPainter, box: QRect, title: str) -> None:
    """`title` in one line, or in two where the box is high enough and it needs them."""
    metrics = painter.fontMetrics()
    flags = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
    if box.height() > 2 * metrics.height() and metrics.horizontalAdvance(title) > box.width():
        room = round(1.8 * box.width())  # what the end of the first line may leave empty
        painter.drawText(
            box,
            int(flags) | int(Qt.TextFlag.TextWrapAnywhere),
            metrics.elidedText(title, Qt.TextElideMode.ElideRight, room),
        )
        return
    painter.drawText(box, flags, metrics.elidedText(title, Qt.TextElideMode.ElideRight, box.width()))


class ClauseTree(QTreeView):
    """↑/↓ move, Enter goes to the clauses; several level rows may be selected and met at once."""

    chosen = Signal(str)
    """A role, item or level row code."""
    meet_rows = Signal(list)
    """Level row codes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.nodes = ClauseTreeModel(self)
        self.setModel(self.nodes)
        self.setItemDelegate(_ProgressDelegate(theme, self))
        self.setAccessibleName("评价项目")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(False)
        self.setIndentation(theme.px(14))
        self.setSelectionMode(QTreeView.SelectionMode.ExtendedSelection)
        self.setExpandsOnDoubleClick(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self._quiet = False
        self.selectionModel().currentChanged.connect(self._on_current)
        theme.changed.connect(lambda: self.setIndentation(theme.px(14)))

    def show_item(self, code: str) -> None:
        """Mark an item as the one in hand, without asking for it again. A chosen level row of it stays chosen."""
        current = self.currentIndex()
        if current.isValid() and str(current.data(TreeRole.KEY))[:5] == code:
            return
        index = self.nodes.index_of(code)
        if not index.isValid():
            return
        self._quiet = True
        self.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        self._quiet = False
        self.expand(index.parent())
        self.scrollTo(index)

    def expanded_keys(self) -> set[str]:
        """The codes of the open branches."""
        found = set()
        for row in range(self.nodes.rowCount()):
            role = self.nodes.index(row, 0)
            branches = [role, *(self.nodes.index(r, 0, role) for r in range(self.nodes.rowCount(role)))]
            found |= {index.data(TreeRole.KEY) for index in branches if self.isExpanded(index)}
        return found

    def expand_keys(self, keys: set[str]) -> None:
        """Open these branches again."""
        for key in keys:
            index = self.nodes.index_of(key)
            if index.isValid():
                self.expand(index)

    def selected_rows(self) -> list[str]:
        """Codes of the selected level rows."""
        chosen = self.selectionModel().selectedIndexes()
        return sorted(index.data(TreeRole.KEY) for index in chosen if index.data(TreeRole.KIND) == "level")

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self.chosen.emit(self.currentIndex().data(TreeRole.KEY))
            return
        super().keyPressEvent(event)

    def keyboardSearch(self, _search: str) -> None:
        """Letters and digits are the page's keys."""

    def _on_current(self, index: QModelIndex) -> None:
        if index.isValid() and not self._quiet:
            self.chosen.emit(index.data(TreeRole.KEY))

    def _menu(self, at: QPoint) -> None:
        rows = self.selected_rows()
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if rows:
            text = f"{rows[0]} 整级达标" if len(rows) == 1 else f"选中的 {len(rows)} 个等级要求整级达标"
            menu.addAction(text, lambda: self.meet_rows.emit(rows))
        menu.addAction("全部展开", self.expandAll)
        menu.addAction("全部收起", self.collapseAll)
        menu.popup(self.viewport().mapToGlobal(at))
