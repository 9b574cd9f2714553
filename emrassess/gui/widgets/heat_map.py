"""Items by level as a painted map: one glance, and each cell leads to its clauses."""

from collections.abc import Mapping

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QHelpEvent, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from emrassess.domain.pack import Pack
from emrassess.domain.scoring import Standing
from emrassess.gui.models.standing import Cell
from emrassess.gui.theme import Theme

Key = tuple[str, int]


class HeatMap(QWidget):
    """A column an item, a row a level (the highest on top). Arrow keys move, Enter or a click emits `chosen`."""

    chosen = Signal(str, int)
    described = Signal(str)
    """What the current cell, or the one under the mouse, says."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._cells: Mapping[Key, Cell] = {}
        self._items: tuple[str, ...] = ()
        self._roles: list[tuple[str, int, int]] = []
        self._target = 0
        self._highest = 0
        self._current: Key | None = None
        self.setAccessibleName("项目与级别的热力图")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def show_cells(self, pack: Pack, cells: Mapping[Key, Cell], target: int) -> None:
        """Show the cells of `pack`'s items; the row of `target` is framed."""
        self._cells = cells
        self._target = target
        highest = max((*(level for _, level in cells), *(named.level for named in pack.levels)), default=0)
        if highest != self._highest:
            self._highest = highest
            self.updateGeometry()
        self._items = tuple(item.code for item in pack.items)
        self._roles = []
        for role in pack.roles:
            places = [index for index, item in enumerate(pack.items) if item.role == role.code]
            if places:
                self._roles.append((f"{role.code} {role.name}", places[0], places[-1] + 1))
        if self._current not in cells:
            self._current = next(iter(cells), None)
        self._describe()
        self.update()

    # --- geometry

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(600), self._top + self._highest * self._height + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self.sizeHint().height())

    @property
    def _top(self) -> int:
        return self._theme.px(20)

    @property
    def _left(self) -> int:
        return self._theme.px(34)

    @property
    def _height(self) -> int:
        return self._theme.px(20)

    @property
    def _levels(self) -> range:
        return range(1, self._highest + 1)

    def _y(self, level: int) -> int:
        """The upper edge of a level's row."""
        return self._top + (self._highest - level) * self._height

    def _edge(self, column: int) -> int:
        width = self.width() - self._left - 1
        return self._left + width * column // max(len(self._items), 1)

    def _rect(self, key: Key) -> QRect:
        column = self._items.index(key[0])
        left = self._edge(column)
        return QRect(left, self._y(key[1]), self._edge(column + 1) - left, self._height)

    def _at(self, point: QPointF) -> Key | None:
        level = self._highest - int((point.y() - self._top) // self._height)
        if not self._items or level not in self._levels or point.x() < self._left:
            return None
        column = next((c for c in range(len(self._items)) if point.x() < self._edge(c + 1)), None)
        key = (self._items[column], level) if column is not None else None
        return key if key in self._cells else None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for key, cell in self._cells.items():
            self._paint_cell(painter, self._rect(key), cell)
        self._paint_axes(painter)
        if self._current and self.hasFocus():
            painter.setPen(QPen(self._theme.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self._rect(self._current).adjusted(0, 0, -1, -1))

    def _paint_cell(self, painter: QPainter, rect: QRect, cell: Cell) -> None:
        inner = QRectF(rect).adjusted(0.75, 0.75, -0.75, -0.75)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.colours.heat[cell.standing]))
        painter.drawRoundedRect(inner, 2, 2)
        paint_sign(painter, inner, cell.standing, QColor(self._theme.colours.heat_text[cell.standing]))

    def _paint_axes(self, painter: QPainter) -> None:
        theme = self._theme
        painter.setFont(theme.font(8.5))
        painter.setPen(theme.colour("muted"))
        for level in self._levels:
            box = QRect(0, self._y(level), self._left - 4, self._height)
            if level == self._target:
                painter.setFont(theme.font(8.5, bold=True))
                painter.setPen(theme.colour("accent"))
            painter.drawText(box, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, f"{level} 级")
            painter.setFont(theme.font(8.5))
            painter.setPen(theme.colour("muted"))
        metrics = QFontMetrics(theme.font(8.5))
        for name, first, last in self._roles:
            left, right = self._edge(first), self._edge(last)
            box = QRect(left + 2, 0, right - left - 2, self._top - 2)
            fits = name if metrics.horizontalAdvance(name) <= box.width() else name[:2]
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, fits)
            painter.drawLine(left, 2, left, self._y(0))
        if self._target:
            painter.setPen(QPen(theme.colour("accent"), 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self._left - 1, self._y(self._target), self.width() - self._left - 1, self._height))

    # --- reaching cells

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            key = self._at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._cells[key].tip if key else "", self)
            return True
        return super().event(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        key = self._at(event.position())
        self.setCursor(Qt.CursorShape.PointingHandCursor if key else Qt.CursorShape.ArrowCursor)
        if key:
            self.described.emit(self._cells[key].tip.replace("\n", "　"))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        key = self._at(event.position())
        if key and event.button() == Qt.MouseButton.LeftButton:
            self._current = key
            self._describe()
            self.chosen.emit(*key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, 1), Qt.Key.Key_Down: (0, -1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if self._current and key in steps:
            self._move(*steps[key])
        elif self._current and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(*self._current)
        else:
            super().keyPressEvent(event)

    def _move(self, across: int, up: int) -> None:
        """To the nearest cell that exists in that direction."""
        if self._current is None:
            return
        column, level = self._items.index(self._current[0]), self._current[1]
        for _ in range(len(self._items)):
            column, level = column + across, level + up
            if not 0 <= column < len(self._items) or level not in self._levels:
                return
            if (self._items[column], level) in self._cells:
                self._current = (self._items[column], level)
                self._describe()
                self.update()
                return

    def _describe(self) -> None:
        text = self._cells[self._current].tip if self._current else ""
        self.setAccessibleDescription(text)
        if self.hasFocus():
            self.described.emit(text.replace("\n", "　"))

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def paint_sign(painter: QPainter, box: QRectF, standing: Standing, colour: QColor) -> None:
    """The shape of a standing: full disc, half disc, ring, dot, nothing."""
    radius = min(box.width(), box.height()) * 0.27
    centre = box.center()
    disc = QRectF(centre.x() - radius, centre.y() - radius, 2 * radius, 2 * radius)
    painter.setPen(QPen(colour, 1.4))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    match standing:
        case Standing.BASIC:
            painter.setBrush(colour)
            painter.drawEllipse(disc)
        case Standing.OPTIONAL:
            painter.drawEllipse(disc)
            painter.setBrush(colour)
            painter.drawPie(disc, 90 * 16, 180 * 16)
        case Standing.FUNCTION:
            painter.drawEllipse(disc)
        case Standing.SOME:
            painter.drawLine(QPointF(disc.left(), centre.y()), QPointF(disc.right(), centre.y()))
        case Standing.NOTHING:
            pass
