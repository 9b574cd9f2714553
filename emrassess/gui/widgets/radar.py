"""The roles against the target as a radar: 100 % at the rim is every item of the role passing at the target."""

import math
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from emrassess.gui.theme import Theme

LINE = 15
NARROW_CHARACTERS = 4
"""Where there is little room beside the circle, names are broken after so many."""


@dataclass(frozen=True)
class Spoke:
    """`share` 0..1 of what the role needs; `code` is what a click asks for."""

    code: str
    name: str
    share: float


class Radar(QWidget):
    """Arrow keys move from role to role, Enter or a click on a name emits `chosen` with the role's code."""

    chosen = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._spokes: tuple[Spoke, ...] = ()
        self._current = 0
        self.setAccessibleName("工作角色雷达图")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def show_spokes(self, spokes: tuple[Spoke, ...]) -> None:
        """Show these roles, the first on top, clockwise."""
        self._spokes = spokes
        self._current = min(self._current, max(len(spokes) - 1, 0))
        self._describe()
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(360), self._theme.px(250))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(232), self._theme.px(250))

    # --- geometry

    @property
    def _centre(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    @property
    def _radius(self) -> float:
        theme = self._theme
        tallest = max((len(self._lines(i)) for i in range(len(self._spokes))), default=1) + 1
        above = self.height() / 2 - theme.px(12 + tallest * LINE)
        beside = self.width() / 2 - self._label_width - theme.px(2)
        return max(min(above, beside), theme.px(40))

    @property
    def _narrow(self) -> bool:
        return self.width() / 2 < self._theme.px(150)

    @property
    def _label_width(self) -> int:
        return self._theme.px(56 if self._narrow else 86)

    def _lines(self, index: int) -> list[str]:
        name = self._spokes[index].name
        step = NARROW_CHARACTERS if self._narrow else len(name)
        return [name[start : start + step] for start in range(0, len(name), step)]

    def _point(self, index: int, share: float) -> QPointF:
        angle = 2 * math.pi * index / len(self._spokes) - math.pi / 2
        return self._centre + QPointF(math.cos(angle), math.sin(angle)) * (self._radius * share)

    def _label_box(self, index: int) -> QRectF:
        theme = self._theme
        rim = self._point(index, 1) - self._centre
        anchor = self._point(index, 1) + rim * (theme.px(8) / self._radius)
        width, height = self._label_width, theme.px(LINE) * (len(self._lines(index)) + 1)
        left = anchor.x() - width / 2 + rim.x() / self._radius * width / 2
        top = anchor.y() - height / 2 + rim.y() / self._radius * height / 2
        return QRectF(min(max(left, 0), self.width() - width), top, width, height)

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        if not self._spokes:
            return
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        count = range(len(self._spokes))
        for share in (0.25, 0.5, 0.75):
            painter.setPen(QPen(theme.colour("border"), 1))
            painter.drawPolygon(QPolygonF([self._point(i, share) for i in count]))
        for i in count:
            painter.drawLine(self._centre, self._point(i, 1))
        painter.setPen(QPen(theme.colour("strong_border"), 1.6, Qt.PenStyle.DashLine))
        painter.drawPolygon(QPolygonF([self._point(i, 1) for i in count]))
        fill = theme.colour("accent")
        painter.setPen(QPen(fill, 2))
        fill.setAlpha(56)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF([self._point(i, spoke.share) for i, spoke in enumerate(self._spokes)]))
        painter.setBrush(theme.colour("accent"))
        for i, spoke in enumerate(self._spokes):
            painter.drawEllipse(self._point(i, spoke.share), 3, 3)
        for i in count:
            self._paint_label(painter, i)

    def _paint_label(self, painter: QPainter, index: int) -> None:
        theme, spoke, box = self._theme, self._spokes[index], self._label_box(index)
        line = QRectF(box.left(), box.top(), box.width(), theme.px(LINE))
        font = theme.font(9)
        painter.setFont(font)
        painter.setPen(theme.colour("text"))
        for part in self._lines(index):
            shown = QFontMetrics(font).elidedText(part, Qt.TextElideMode.ElideRight, int(box.width()))
            painter.drawText(line, Qt.AlignmentFlag.AlignCenter, shown)
            line.translate(0, line.height())
        painter.setFont(theme.font(9, bold=True))
        painter.setPen(theme.colour("accent"))
        painter.drawText(line, Qt.AlignmentFlag.AlignCenter, percent(spoke.share))
        if self.hasFocus() and index == self._current:
            painter.setPen(QPen(theme.colour("accent"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(box.adjusted(1, 0, -1, 2), 4, 4)
            painter.setBrush(theme.colour("accent"))

    # --- reaching roles

    def _at(self, point: QPointF) -> int | None:
        return next((i for i in range(len(self._spokes)) if self._label_box(i).contains(point)), None)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        over = self._at(event.position()) is not None
        self.setCursor(Qt.CursorShape.PointingHandCursor if over else Qt.CursorShape.ArrowCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        index = self._at(event.position())
        if index is not None and event.button() == Qt.MouseButton.LeftButton:
            self._current = index
            self.chosen.emit(self._spokes[index].code)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_Right: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_Left: -1, Qt.Key.Key_Up: -1}.get(
            Qt.Key(event.key())
        )
        if step and self._spokes:
            self._current = (self._current + step) % len(self._spokes)
            self._describe()
            self.update()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._spokes:
            self.chosen.emit(self._spokes[self._current].code)
        else:
            super().keyPressEvent(event)

    def _describe(self) -> None:
        if self._spokes:
            spoke = self._spokes[self._current]
            self.setAccessibleDescription(f"{spoke.name} {percent(spoke.share)}")

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def percent(share: float) -> str:
    """A share as whole per cent; 100 only where nothing is missing."""
    return f"{100 if share >= 1 else min(round(share * 100), 99)} %"
