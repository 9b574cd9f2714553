"""The fingerprint of this computer's own key, where people meet it first: on the start page."""

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import button, label, set_role

WHAT_FOR = "发出的任务包和材料包用它签名，收件人会打电话来核对这几组数字。"


class OwnFingerprint(QWidget):
    """Read once the page is drawn, for the ciphers take their time to load. `asked`: more is wanted."""

    asked = Signal()

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._begun = False
        self.text = label("", "muted", wrap=True)
        self.text.setAccessibleName("本机签名的指纹")
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self.text, 1)
        row.addWidget(button("签名与发送人…", self.asked.emit, look="link"), 0, Qt.AlignmentFlag.AlignTop)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._begun:
            self._begun = True
            QTimer.singleShot(0, self, self._read)

    def _read(self) -> None:
        handle = self._context.operations.background(own_fingerprint)
        handle.done.connect(self._show)
        handle.failed.connect(self._on_unreadable)

    def _show(self, fingerprint: str) -> None:
        self.text.setText(f"本机签名的指纹：{fingerprint}\n{WHAT_FOR}")

    def _on_unreadable(self, error: Exception) -> None:
        if isinstance(error, UserError):
            set_role(self.text, "role", "fair")
            self.text.setText(f"{error.message}\n{error.hint}")


def own_fingerprint() -> str:
    """For the background thread; makes the key where there is none yet."""
    from emrassess.services.trust import identity  # noqa: PLC0415

    return identity("", "").fingerprint
