"""A list row of two lines: what it is, and below it in a quieter colour what it says."""

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from emrassess.gui.theme import Theme

DETAIL = Qt.ItemDataRole.UserRole + 40
MARK = Qt.ItemDataRole.UserRole + 41
"""A pair: short text and the colour name it stands in, drawn at the left."""


class TwoLines(QStyledItemDelegate):
    """Draws DisplayRole bold over DETAIL, each cut to the width."""

    def __init__(self, theme: Theme, mark_width: int = 0) -> None:
        super().__init__(theme)
        self._theme = theme
        self._mark_width = mark_width

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:  # noqa: ARG002
        height = QFontMetrics(self._theme.font()).height()
        return QSize(100, 2 * height + self._theme.px(14))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme = self._theme
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(option.rect, theme.colour("accent_soft"))
        area = option.rect.adjusted(theme.px(10), theme.px(6), -theme.px(10), -theme.px(6))
        mark = index.data(MARK)
        if mark:
            text, name = mark
            painter.setFont(theme.font(9.5, bold=True))
            painter.setPen(theme.colour(name))
            width = theme.px(self._mark_width)
            painter.drawText(
                QRect(area.left(), area.top(), width, area.height() // 2), Qt.AlignmentFlag.AlignLeft, text
            )
            area.setLeft(area.left() + width)
        half = area.height() // 2
        first = QRect(area.left(), area.top(), area.width(), half)
        second = QRect(area.left(), area.top() + half, area.width(), half)
        for box, text, font, colour in (
            (first, index.data(), theme.font(bold=True), "text"),
            (second, index.data(DETAIL), theme.font(9.5), "muted"),
        ):
            painter.setFont(font)
            painter.setPen(theme.colour(colour))
            shown = QFontMetrics(font).elidedText(str(text or ""), Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, shown)
        if option.state & QStyle.StateFlag.State_HasFocus:
            painter.setPen(option.palette.color(QPalette.ColorRole.Accent))
            painter.drawRect(option.rect.adjusted(0, 0, -1, -1))
        painter.restore()
