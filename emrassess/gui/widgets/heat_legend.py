"""What the colours and signs of the heat map mean."""

from collections.abc import Mapping

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from emrassess.domain.scoring import Standing
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.heat_map import paint_sign


class HeatLegend(QWidget):
    """One entry a standing, in as many lines as it takes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._names: Mapping[Standing, str] = {}
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        theme.changed.connect(self.updateGeometry)

    def show_standings(self, names: Mapping[Standing, str]) -> None:
        """Show these, in their order."""
        if names != self._names:
            self._names = names
            self.setAccessibleName("图例：" + "，".join(names.values()))
            self.updateGeometry()
            self.update()

    def sizeHint(self) -> QSize:
        return QSize(self._theme.px(400), self.heightForWidth(self.width()))

    def minimumSizeHint(self) -> QSize:
        return QSize(self._theme.px(160), self._line)

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        return round(max((box.bottom() for _, box in self._places(width)), default=0)) + 2

    @property
    def _line(self) -> int:
        return self._theme.px(18)

    def _places(self, width: int) -> list[tuple[Standing, QRectF]]:
        """Where each entry stands: its coloured square and its text together."""
        metrics = QFontMetrics(self._theme.font(8.5))
        x, y = 0.0, 1.0
        found: list[tuple[Standing, QRectF]] = []
        for standing, name in self._names.items():
            wide = self._theme.px(34) + metrics.horizontalAdvance(name)
            if x and x + wide > width:
                x, y = 0.0, y + self._line + 2
            found.append((standing, QRectF(x, y, wide, self._line)))
            x += wide
        return found

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(theme.font(8.5))
        size = theme.px(14)
        for standing, place in self._places(self.width()):
            box = QRectF(place.left(), place.center().y() - size / 2, size, size)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.colours.heat[standing]))
            painter.drawRoundedRect(box, 2, 2)
            paint_sign(painter, box, standing, QColor(theme.colours.heat_text[standing]))
            painter.setPen(theme.colour("muted"))
            text = place.adjusted(size + theme.px(6), 0, 0, 0)
            painter.drawText(text, Qt.AlignmentFlag.AlignVCenter, self._names[standing])
