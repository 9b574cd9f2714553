"""The strip of evidence under a clause: thumbnails to look at, open, and take off the clause."""

from typing import ClassVar

from PySide6.QtCore import QMargins, QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import (
    QAbstractItemView,
    QListView,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from emrassess.gui.models.evidence_strip import EvidenceStripModel, StripRole
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.thumbnails import Thumbnails, fitted

Index = QModelIndex | QPersistentModelIndex
MASKED = "已遮盖"


class _ThumbnailDelegate(QStyledItemDelegate):
    """A picture, its title, and what it lacks."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, _index: Index) -> QSize:
        return cell_size(self._theme, option.fontMetrics.height())

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        theme = self._theme
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        cell = option.rect.adjusted(3, 3, -3, -3)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.setPen(QPen(theme.colour("accent" if chosen else "border"), 2 if chosen else 1))
        painter.setBrush(theme.colour("accent_soft" if chosen else "raised"))
        painter.drawRoundedRect(cell, 6, 6)
        line = option.fontMetrics.height()
        picture = QRect(cell.left() + 5, cell.top() + 5, cell.width() - 10, cell.height() - 2 * line - 10)
        self._paint_picture(painter, picture, index)
        if index.data(StripRole.MASKED):
            self._paint_masked(painter, cell, option)
        words = QRect(cell.left() + 6, picture.bottom() + 3, cell.width() - 12, line)
        elided = option.fontMetrics.elidedText(index.data(), Qt.TextElideMode.ElideMiddle, words.width())
        painter.setPen(theme.colour("text"))
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided)
        text, colour = index.data(StripRole.STATE)
        words.translate(0, line)
        painter.setPen(theme.colour(colour))
        state = option.fontMetrics.elidedText(text, Qt.TextElideMode.ElideRight, words.width())
        painter.drawText(words, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, state)
        painter.restore()

    def _paint_masked(self, painter: QPainter, cell: QRect, option: QStyleOptionViewItem) -> None:
        """The mark of a masked picture, over its upper left corner."""
        size = option.fontMetrics.size(0, MASKED).grownBy(QMargins(6, 1, 6, 1))
        mark = QRect(cell.topLeft(), size)
        painter.setPen(QPen(self._theme.colour("accent"), 1))
        painter.setBrush(self._theme.colour("accent_soft"))
        painter.drawRoundedRect(mark, 6, 6)
        painter.drawText(mark, Qt.AlignmentFlag.AlignCenter, MASKED)

    def _paint_picture(self, painter: QPainter, box: QRect, index: Index) -> None:
        pixmap = index.data(Qt.ItemDataRole.DecorationRole)
        if pixmap is None:
            painter.setPen(self._theme.colour("muted"))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, index.data(StripRole.SUFFIX))
            return
        shown = fitted(pixmap, box.width(), box.height(), painter.device().devicePixelRatio())
        size = shown.deviceIndependentSize().toSize()
        corner = QPoint(box.center().x() - size.width() // 2, box.center().y() - size.height() // 2)
        painter.drawPixmap(corner, shown)


def cell_size(theme: Theme, line: int) -> QSize:
    """The size of one thumbnail with its two lines of text."""
    return QSize(theme.px(124), theme.px(74) + 2 * line + 18)


class EvidenceStrip(QListView):
    """←/→ choose, Enter or double click previews, Delete takes the piece off the clause."""

    previewed = Signal(str)
    opened = Signal(str)
    unlinked = Signal(str)
    mask_wanted = Signal(str)
    rows_of: ClassVar[type[EvidenceStripModel]] = EvidenceStripModel

    def __init__(self, theme: Theme, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.writable = True
        self.pieces = self.rows_of(thumbnails.pixmap, self)
        thumbnails.ready.connect(self.pieces.picture_ready)
        self.setModel(self.pieces)
        self.setItemDelegate(_ThumbnailDelegate(theme, self))
        self.setAccessibleName("本条款的实证材料")
        self.setFlow(QListView.Flow.LeftToRight)
        self.setWrapping(False)
        self.setUniformItemSizes(True)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.activated.connect(lambda index: self.previewed.emit(index.data(StripRole.ID)))
        self.clicked.connect(lambda index: self.previewed.emit(index.data(StripRole.ID)))

    def sizeHint(self) -> QSize:
        height = cell_size(self._theme, self.fontMetrics().height()).height()
        return QSize(200, height + self.horizontalScrollBar().sizeHint().height() + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(100, self.sizeHint().height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            event.ignore()  # the page goes to the next clause
            return
        removes = event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.writable
        if removes and self.currentIndex().isValid():
            self.unlinked.emit(self.currentIndex().data(StripRole.ID))
            return
        super().keyPressEvent(event)

    def _menu(self, at: QPoint) -> None:
        index = self.indexAt(at)
        if not index.isValid():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, index)
        menu.popup(self.viewport().mapToGlobal(at))

    def fill_menu(self, menu: QMenu, index: QModelIndex) -> None:
        """What can be done with a piece."""
        evidence = index.data(StripRole.ID)
        menu.addAction("预览", lambda: self.previewed.emit(evidence))
        menu.addAction("在实证材料页打开", lambda: self.opened.emit(evidence))
        if self.writable and index.data(StripRole.PICTURE):
            menu.addAction("遮盖…", lambda: self.mask_wanted.emit(evidence))
        if self.writable:
            menu.addAction("从本条款移除", lambda: self.unlinked.emit(evidence))
