"""What is known of a signature: quiet where it is known, loud where people have to compare fingerprints first."""

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label, set_role

if TYPE_CHECKING:
    from emrassess.exchange.signing import Signature
    from emrassess.services.trust import Standing

REMEMBER = "记住这个发送人…"
LOOKS = {
    "unknown": ("notice", "warning", "fair"),
    "changed": ("banner", "warning", "bad"),
}
"""Frame, picture and its colour by Trust; the others are quiet."""
QUIET = ("card", "verify", "muted")


class SignatureNote(QFrame):
    """Shows a Standing, with the way to remember the sender. `remembered`: he is known now."""

    remembered = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._signature: Signature | None = None
        self._look = QUIET
        self._picture = label()
        self._title = label("", "heading", wrap=True)
        self._text = label("", wrap=True)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.remember = button(REMEMBER, self._remember, tip="打电话或当面核对过指纹以后，以后收到他的文件就不再提醒")
        words = QVBoxLayout()
        words.setSpacing(3)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(self._picture, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        row.addWidget(self.remember, 0, Qt.AlignmentFlag.AlignVCenter)
        theme.changed.connect(self._dress)

    def show_standing(self, standing: "Standing", signature: "Signature | None") -> None:
        """Show what is known of `signature` (None: there is none)."""
        self._signature = signature
        self._look = LOOKS.get(standing.trust.value, QUIET)
        self._title.setText(f"签名：{standing.title}")
        # The digits stay on one line, to be read out.
        digits = signature.fingerprint if signature else ""
        self._text.setText(standing.text.replace(digits, digits.replace(" ", "\u00a0")))
        self.setAccessibleName(self._title.text())
        self.setAccessibleDescription(standing.text)
        self.remember.setVisible(standing.loud)
        self.setObjectName(self._look[0])
        set_role(self, "trust", standing.trust.value)
        self._dress()

    def _dress(self) -> None:
        _, icon, colour = self._look
        self._picture.setPixmap(self._theme.icon(icon, colour).pixmap(self._theme.px(24)))

    def _remember(self) -> None:
        if self._signature is not None and remember_sender(self, self._signature):
            from emrassess.services.trust import judge  # noqa: PLC0415

            self.show_standing(judge(self._signature), self._signature)
            self.remembered.emit()


def remember_sender(parent: QWidget, signature: "Signature") -> bool:
    """Ask whether the fingerprints were compared, and remember the sender then; whether it was done."""
    from emrassess.services.trust import remember  # noqa: PLC0415 - loads the ciphers

    text = (
        f"“{signature.name}”（{signature.organisation}）念出来的指纹，是不是这 24 位数字？\n\n{signature.fingerprint}"
    )
    detail = "请用以前就知道的电话打给他，或当面核对，不要用随文件送来的号码。在他那边：菜单“工具 › 签名与发送人…”。"
    if not dialogs.ask(parent, "核对指纹", text, detail, yes="一致，记住他", no="没有核对", careful=True):
        return False
    try:
        remember(signature)
    except UserError as error:
        dialogs.error(parent, "没有记住", error)
        return False
    return True
