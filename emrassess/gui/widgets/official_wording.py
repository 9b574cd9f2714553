"""The official wording of a clause: a quiet block with a bar at its left, apart from the pack's own words."""

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label


class OfficialWording(QWidget):
    """Hidden where there is none. Its text can be selected and copied."""

    pressed = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.text = _Selectable()
        self.text.pressed.connect(self._on_pressed)
        box = QVBoxLayout(self)
        box.setContentsMargins(12, 2, 0, 2)
        box.setSpacing(2)
        box.addWidget(label("官方原文", "muted"))
        box.addWidget(self.text)
        self.hide()

    def show_text(self, text: str) -> None:
        """Show this wording; "" hides the block."""
        if self.text.text() != text:
            self.text.setText(text)
        self.setVisible(bool(text))

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._theme.colour("strong_border"))
        painter.drawRoundedRect(QRectF(1, 2, 3, self.height() - 4), 1.5, 1.5)

    def _on_pressed(self) -> None:
        self.pressed.emit()
        # Taking the clause in hand has moved the focus to its card; what is selected next is to be copied from here.
        self.text.setFocus(Qt.FocusReason.MouseFocusReason)


class _Selectable(QLabel):
    pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("官方原文")
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setProperty("role", "muted")
        self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.setCursor(Qt.CursorShape.IBeamCursor)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        super().mousePressEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.pressed.emit()
