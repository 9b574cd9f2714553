"""How a file that goes out is protected: signed unless it is not wanted, sealed with a passphrase where it is."""

from typing import Any

from PySide6.QtWidgets import QCheckBox, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.context import Context
from emrassess.gui.passphrase import new_passphrase
from emrassess.gui.widgets.basics import label, set_role
from emrassess.gui.widgets.own_fingerprint import own_fingerprint

SIGN = "签名"
SIGN_TIP = "收件人能看出是谁做的、有没有被换过。指纹在“工具 › 签名与发送人…”里，收件人会打电话来核对。"
SEAL = "用口令加密"
SEAL_TIP = "没有口令打不开里面的文件；文件的名称和大小仍看得见。收件人用本程序或 7-Zip 打开。"


class Protection(QWidget):
    """`what`: what is protected, as the passphrase dialog names it."""

    def __init__(self, context: Context, what: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._context = context
        self._what = what
        self.sign = QCheckBox(SIGN)
        self.sign.setToolTip(SIGN_TIP)
        self.seal = QCheckBox(SEAL)
        self.seal.setToolTip(SEAL_TIP)
        self._who = label("", "muted", wrap=True)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(3)
        for widget in (self.sign, self._who, self.seal):
            box.addWidget(widget)
        self._fingerprint = ""
        self.sign.toggled.connect(self._who.setVisible)
        context.changed.connect(self._show_name)  # another name may be in force
        self.show_session()

    def show_session(self) -> None:
        """As a new file begins: signed, not sealed."""
        self.sign.setChecked(True)
        self.seal.setChecked(False)
        self._who.setText("")
        self._fingerprint = ""
        if self._context.session is not None:
            # By signal: the dialog that holds this may be gone before the key is read.
            handle = self._context.operations.background(own_fingerprint)
            handle.done.connect(self._show_who)
            handle.failed.connect(self._on_unreadable)

    def options(self) -> dict[str, Any] | None:
        """`sign` and `passphrase` for the services; asks for the passphrase. None where the user went back."""
        passphrase = None
        if self.seal.isChecked():
            passphrase = new_passphrase(self, self._what)
            if passphrase is None:
                return None
        return {"sign": self.sign.isChecked(), "passphrase": passphrase}

    def _show_who(self, fingerprint: str) -> None:
        self._fingerprint = fingerprint
        self._show_name()

    def _show_name(self, _changes: object = None) -> None:
        session, fingerprint = self._context.session, self._fingerprint
        if session is not None and fingerprint:
            set_role(self._who, "role", "muted")
            review = session.assessment.review
            self._who.setText(f"署名 {review.expert if review else session.user}，指纹 {fingerprint}")

    def _on_unreadable(self, error: Exception) -> None:
        """The key is there and cannot be read: said here, and again where one tries to sign all the same."""
        if isinstance(error, UserError):
            set_role(self._who, "role", "fair")
            self._who.setText(f"{error.message}\n{error.hint}")
