"""A picture to look at: fitted into the view or at its own size."""

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QLabel, QScrollArea, QWidget


class PictureView(QScrollArea):
    """`fit` is the state; a double click toggles it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pixmap = QPixmap()
        self.fit = True
        self._label = QLabel()
        self._label.setObjectName("scrolled")
        self._label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setWidget(self._label)
        self.setWidgetResizable(True)
        self.setAccessibleName("图片预览")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def show_image(self, image: QImage) -> None:
        """Show a picture."""
        self._pixmap = QPixmap.fromImage(image)
        self._show()

    def set_fit(self, fit: bool) -> None:
        """Fit it into the view (never enlarged), or show it at 100 %."""
        self.fit = fit
        self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self.fit:
            self._show()

    def _show(self) -> None:
        if self._pixmap.isNull():
            self._label.clear()
            return
        shown = self._pixmap
        ratio = self.devicePixelRatioF()
        if self.fit:
            space = self.maximumViewportSize() * ratio
            if shown.width() > space.width() or shown.height() > space.height():
                shown = shown.scaled(
                    space, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
                )
        else:
            shown = QPixmap(shown)
        shown.setDevicePixelRatio(ratio)
        self._label.setPixmap(shown)
        self._label.setMinimumSize(0 if self.fit else 1, 1)
        if not self.fit:
            self._label.setMinimumSize(shown.deviceIndependentSize().toSize())
