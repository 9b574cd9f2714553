"""A bar with an optional mark for what is needed."""

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from emrassess.gui.theme import Theme


class Meter(QWidget):
    """`share` 0..1 of the width filled, a lighter part up to `also`, a tick at `needed`."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._share, self._also, self._needed = 0.0, 0.0, None
        self._colour = "accent"
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(60)
        theme.changed.connect(self.update)

    def show_share(
        self, share: float, *, also: float = 0.0, needed: float | None = None, colour: str = "accent"
    ) -> None:
        """Shares 0..1 of the width; what is larger is cut."""
        self._share, self._also = min(max(share, 0.0), 1.0), min(max(also, 0.0), 1.0)
        self._needed, self._colour = needed, colour
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self._theme.px(14))

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002
        theme = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(0.5, self.height() / 2 - 4.5, self.width() - 1, 9)
        painter.setPen(QPen(theme.colour("border"), 1))
        painter.setBrush(theme.colour("none_soft"))
        painter.drawRoundedRect(whole, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        pale = theme.colour(self._colour)
        pale.setAlpha(90)
        for share, colour in ((self._also, pale), (self._share, theme.colour(self._colour))):
            if share > 0:
                painter.setBrush(colour)
                painter.drawRoundedRect(
                    QRectF(whole.left(), whole.top(), max(whole.width() * share, 6), whole.height()), 4, 4
                )
        if self._needed is not None:
            x = whole.left() + whole.width() * min(self._needed, 1.0)
            painter.setPen(QPen(theme.colour("text"), 2))
            painter.drawLine(int(x) - 1, 0, int(x) - 1, self.height())
