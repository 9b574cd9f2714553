"""Coefficients as a painted map: a row an item, a column a dimension; colour and number together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from PySide6.QtCore import QEvent, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QToolTip, QWidget

from emrassess.domain.pack import Dimension
from emrassess.domain.quality_comparison import Trend
from emrassess.domain.reasons import DIMENSION_NAMES
from emrassess.gui.models.quality_rules import share_text
from emrassess.gui.theme import Theme

BANDS = (
    (Fraction(95, 100), 4, "0.95 及以上"),
    (Fraction(80, 100), 3, "0.80～0.95"),
    (Fraction(50, 100), 2, "0.50～0.80"),
    (Fraction(0), 1, "不到 0.50"),
)
NOT_EXAMINED = "没有检查"
_SIGNS = {Trend.ROSE: "↑", Trend.FELL: "↓"}
_HEIGHT, _TOP, _ITEM = 24, 24, 190


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A coefficient; None: not examined. `tip` says how it came about."""

    share: Fraction | None
    trend: Trend | None
    tip: str


def band(share: Fraction) -> int:
    """Which of the theme's heat colours a coefficient has."""
    return next(colour for least, colour, _ in BANDS if share >= least)


class QualityHeat(QWidget):
    """Arrow keys move; Enter or a click emits `chosen` (item, Dimension); `described` what the current cell says."""

    chosen = Signal(str, object)
    described = Signal(str)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._items: list[tuple[str, str]] = []
        self._dimensions: tuple[Dimension, ...] = ()
        self._cells: Mapping[tuple[str, Dimension], HeatCell] = {}
        self._current: tuple[str, Dimension] | None = None
        self.setAccessibleName("项目与数据质量维度的热力图")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self._on_theme)

    def show_cells(
        self,
        items: Sequence[tuple[str, str]],
        dimensions: Sequence[Dimension],
        cells: Mapping[tuple[str, Dimension], HeatCell],
    ) -> None:
        """Show `items` (code and name) by `dimensions`; cells that the standard does not ask for are not in `cells`."""
        self._items, self._dimensions, self._cells = list(items), tuple(dimensions), cells
        if self._current not in cells:
            self._current = next(iter(cells), None)
        self._describe()
        self.updateGeometry()
        self.update()

    # --- geometry

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(420), self._theme.px(_TOP + _HEIGHT * len(self._items)) + 4)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(220), self.sizeHint().height())

    @property
    def _left(self) -> int:
        return min(self._theme.px(_ITEM), self.width() * 45 // 100)

    def _edge(self, column: int) -> int:
        return self._left + (self.width() - self._left - 1) * column // max(len(self._dimensions), 1)

    def rect_of(self, item: str, dimension: Dimension) -> QRect:
        """Where a cell is."""
        row = [code for code, _ in self._items].index(item)
        column = self._dimensions.index(dimension)
        left, height = self._edge(column), self._theme.px(_HEIGHT)
        return QRect(left, self._theme.px(_TOP) + row * height, self._edge(column + 1) - left, height)

    def _at(self, point: QPointF) -> tuple[str, Dimension] | None:
        row = int((point.y() - self._theme.px(_TOP)) // self._theme.px(_HEIGHT))
        if not 0 <= row < len(self._items) or point.x() < self._left:
            return None
        column = next((c for c in range(len(self._dimensions)) if point.x() < self._edge(c + 1)), None)
        if column is None:
            return None
        key = self._items[row][0], self._dimensions[column]
        return key if key in self._cells else None

    # --- painting

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme, height = self._theme, self._theme.px(_HEIGHT)
        painter.setFont(theme.font(9.5, bold=True))
        painter.setPen(theme.colour("muted"))
        for column, dimension in enumerate(self._dimensions):
            box = QRect(self._edge(column), 0, self._edge(column + 1) - self._edge(column), theme.px(_TOP))
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, DIMENSION_NAMES[dimension])
        plain = theme.font(9.5)
        metrics = QFontMetrics(plain)
        for row, (code, name) in enumerate(self._items):
            box = QRect(0, theme.px(_TOP) + row * height, self._left - theme.px(8), height)
            if not box.united(QRect(box.left(), box.top(), self.width(), height)).intersects(event.rect()):
                continue
            painter.setFont(plain)
            painter.setPen(theme.colour("text"))
            shown = metrics.elidedText(f"{code} {name}", Qt.TextElideMode.ElideRight, box.width())
            painter.drawText(box, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
            for dimension in self._dimensions:
                if cell := self._cells.get((code, dimension)):
                    paint_cell(painter, theme, QRectF(self.rect_of(code, dimension)), cell)
        if self._current and self.hasFocus():
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect_of(*self._current).adjusted(1, 1, -2, -2))

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
            self._go_to(key)
            self.chosen.emit(*key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (-1, 0), Qt.Key.Key_Right: (1, 0), Qt.Key.Key_Up: (0, -1), Qt.Key.Key_Down: (0, 1),
        }  # fmt: skip
        key = Qt.Key(event.key())
        if self._current and key in steps:
            self._move(*steps[key])
        elif self._current and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.chosen.emit(*self._current)
        else:
            super().keyPressEvent(event)

    def _move(self, across: int, down: int) -> None:
        """To the nearest cell that exists in that direction; sideways the column may be empty in this row."""
        if self._current is None:
            return
        codes = [code for code, _ in self._items]
        row, column = codes.index(self._current[0]) + down, self._dimensions.index(self._current[1]) + across
        while 0 <= row < len(codes) and 0 <= column < len(self._dimensions):
            if (key := (codes[row], self._dimensions[column])) in self._cells:
                self._go_to(key)
                return
            row, column = row + down, column + across

    def _go_to(self, key: tuple[str, Dimension]) -> None:
        self._current = key
        self._describe()
        self.update()
        viewport = self.parent()
        area = viewport.parent() if viewport else None
        if isinstance(area, QScrollArea):
            box = self.rect_of(*key)
            area.ensureVisible(box.center().x(), box.center().y(), 0, box.height())

    def _describe(self) -> None:
        text = self._cells[self._current].tip if self._current else ""
        self.setAccessibleDescription(text)
        if self.hasFocus():
            self.described.emit(text.replace("\n", "　"))

    def _on_theme(self) -> None:
        self.updateGeometry()
        self.update()


def paint_cell(painter: QPainter, theme: Theme, rect: QRectF, cell: HeatCell) -> None:
    """Ground and number; what was not examined is hatched."""
    inner = rect.adjusted(1, 1, -1, -1)
    colour = band(cell.share) if cell.share is not None else 0
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.colours.heat[colour]))
    painter.drawRoundedRect(inner, 2, 2)
    if cell.share is None:
        painter.setBrush(QBrush(theme.colour("border"), Qt.BrushStyle.BDiagPattern))
        painter.drawRoundedRect(inner, 2, 2)
    painter.setPen(QColor(theme.colours.heat_text[colour]))
    painter.setFont(theme.font(9.5, bold=cell.share is not None))
    sign = _SIGNS.get(cell.trend, "") if cell.trend else ""
    painter.drawText(inner, Qt.AlignmentFlag.AlignCenter, share_text(cell.share) + sign)


class QualityLegend(QWidget):
    """What the colours mean, on one line or two."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._entries = [(words, HeatCell(least, None, "")) for least, _, words in BANDS]
        self._entries.append((NOT_EXAMINED, HeatCell(None, None, "")))
        self.setAccessibleName("图例：" + "，".join(words for words, _ in self._entries))
        theme.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(300), self._theme.px(20) * len(self._lines(self.width())) + 2)

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(200), self._theme.px(20) * len(self._lines(max(self.width(), 200))) + 2)

    def _lines(self, width: int) -> list[list[tuple[str, HeatCell]]]:
        metrics = QFontMetrics(self._theme.font(8.5))
        lines: list[list[tuple[str, HeatCell]]] = [[]]
        used = 0
        for words, cell in self._entries:
            wide = self._theme.px(34) + metrics.horizontalAdvance(words)
            if lines[-1] and used + wide > width:
                lines.append([])
                used = 0
            lines[-1].append((words, cell))
            used += wide
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(8.5))
        metrics = QFontMetrics(theme.font(8.5))
        size, height = theme.px(14), theme.px(20)
        for row, line in enumerate(self._lines(self.width())):
            x = 0.0
            for words, cell in line:
                box = QRectF(x, row * height + (height - size) / 2, size, size)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(theme.colours.heat[band(cell.share) if cell.share is not None else 0]))
                painter.drawRoundedRect(box, 2, 2)
                if cell.share is None:
                    painter.setBrush(QBrush(theme.colour("muted"), Qt.BrushStyle.BDiagPattern))
                    painter.drawRoundedRect(box, 2, 2)
                painter.setPen(theme.colour("muted"))
                wide = metrics.horizontalAdvance(words)
                place = QRectF(x + size + theme.px(6), row * height, wide + 4, height)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, words)
                x += theme.px(34) + wide
