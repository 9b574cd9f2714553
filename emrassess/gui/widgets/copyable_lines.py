"""Lines to read and to copy: faults, what is left behind, what is missing."""

from collections.abc import Sequence

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from emrassess.gui.widgets.basics import button, label


class CopyableLines(QWidget):
    """Says `nothing` where there are no lines."""

    def __init__(self, name: str, nothing: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._nothing = nothing
        self.text = QPlainTextEdit()
        self.text.setAccessibleName(name)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self._note = label("", "muted", wrap=True)
        self.copy = button("全部复制", self._copy)
        self.copy.setAccessibleName(f"全部复制：{name}")
        line = QHBoxLayout()
        line.addWidget(self._note, 1)
        line.addWidget(self.copy)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 8, 0, 0)
        box.addWidget(self.text, 1)
        box.addLayout(line)
        self.show_lines(())

    def show_lines(self, lines: Sequence[str], note: str = "") -> None:
        """Show these lines, and `note` below them."""
        self.text.setPlainText("\n".join(lines) or self._nothing)
        self.copy.setEnabled(bool(lines))
        self._note.setText(note)

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())
