"""Failed saves: a banner that stays until they are saved or given up."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.operations import Failure
from emrassess.gui.widgets.basics import button, label


class FailureBanner(QFrame):
    """Lists what is not saved, with 重试. Hidden while everything is saved.

    `given_up`: the user gave up what was not saved, so pages must show what is.
    """

    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._failures: list[Failure] = []
        self._text = label("", wrap=True)
        self._hint = label("", wrap=True)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addWidget(self._text)
        words.addWidget(self._hint)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 10, 8)
        row.addLayout(words, 1)
        self._retry = button("重试", self.retry, primary=True)
        row.addWidget(self._retry)
        row.addWidget(button("放弃", self.give_up, tip="不再保存这些内容；界面回到已保存的状态"))
        self.hide()

    @property
    def pending(self) -> int:
        """How many writes are not saved."""
        return len(self._failures)

    def add(self, failure: Failure) -> None:
        """Keep a failed write, in place of earlier ones about the same."""
        self.drop(failure.about)
        self._failures.append(failure)
        self._show()

    def drop(self, about: frozenset[str]) -> None:
        """Forget the failed writes of values that have been given anew: trying them again would undo that."""
        if about:
            self._failures = [kept for kept in self._failures if not kept.about or not kept.about <= about]
            self._show()

    def retry(self) -> None:
        """Do them all again, in order; those that fail again come back."""
        failures, self._failures = self._failures, []
        self._show()
        for failure in failures:
            failure.retry()

    def give_up(self) -> None:
        """Forget them."""
        had = bool(self._failures)
        self._failures = []
        self._show()
        if had:
            self.given_up.emit()

    def _show(self) -> None:
        self.setVisible(bool(self._failures))
        if not self._failures:
            return
        labels = "、".join(dict.fromkeys(failure.label for failure in self._failures))
        error = self._failures[-1].error
        message = error.message if isinstance(error, UserError) else str(error)
        self._text.setText(f"有 {len(self._failures)} 步没有保存（{labels}）：{message}")
        self._hint.setText(error.hint if isinstance(error, UserError) else "")
