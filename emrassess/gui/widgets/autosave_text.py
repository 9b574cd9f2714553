"""A text field that saves itself: when it is left, and after a pause in typing. A failed save keeps the text."""

from PySide6.QtCore import QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

PAUSE_MS = 1000


class AutosaveText(QPlainTextEdit):
    """A few lines of plain text. Tab leaves it, Escape too; pictures and files pasted into it go to `pasted`."""

    save = Signal(str)
    """The text to save: it differs from the saved one. Answer by `saved` once it is."""
    left = Signal()
    """Escape was pressed."""
    pasted = Signal(QMimeData)
    """A picture or files, which are no text."""

    def __init__(
        self, name: str, placeholder: str, lines: int = 2, parent: QWidget | None = None, *, pause_ms: int = PAUSE_MS
    ) -> None:
        super().__init__(parent)
        self._lines = lines
        self._known = ""
        self._loading = False
        self.setAccessibleName(name)
        self.setPlaceholderText(placeholder)
        self.setTabChangesFocus(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._pause = QTimer(self, singleShot=True, interval=pause_ms)
        self._pause.timeout.connect(self.flush)
        self.textChanged.connect(self._on_changed)
        self.document().documentLayout().documentSizeChanged.connect(lambda _: self.updateGeometry())

    @property
    def unsaved(self) -> bool:
        """Whether it holds something that is not saved."""
        return self.toPlainText() != self._known

    def set_text(self, saved: str, draft: str | None = None) -> None:
        """Show `saved`, or a `draft` of it that could not be saved. Typing under way in the same text is kept."""
        self._known = saved
        shown = saved if draft is None else draft
        if self.toPlainText() == shown:
            return
        self._loading = True
        self.setPlainText(shown)
        self._loading = False

    def saved(self, text: str) -> None:
        """`text` is in the workspace now; what was typed since then stays to be saved."""
        self._known = text

    def flush(self) -> None:
        """Save now what is not saved yet."""
        self._pause.stop()
        if self.unsaved and not self.isReadOnly():
            self.save.emit(self.toPlainText())

    def _on_changed(self) -> None:
        if not self._loading:
            self._pause.start()

    def sizeHint(self) -> QSize:
        """As high as its text, within 2 and 8 lines."""
        line = self.fontMetrics().lineSpacing()
        lines = max(self._lines, min(round(self.document().size().height()), 8))
        margins = self.contentsMargins().top() + self.contentsMargins().bottom()
        return QSize(200, line * lines + round(2 * self.document().documentMargin()) + margins + 12)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, self.sizeHint().height())

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.flush()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.flush()
            self.left.emit()
            return
        super().keyPressEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasImage() or source.hasUrls() or super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        if source.hasUrls() or (source.hasImage() and not source.hasText()):
            self.pasted.emit(source)
        else:
            self.insertPlainText(source.text())
