"""A share typed as two counts or as a plain ratio, checked while one types."""

import unicodedata
from decimal import Decimal

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QVBoxLayout, QWidget

from emrassess.domain.answers import Ratio
from emrassess.gui.widgets.basics import label

LARGEST = 18  # digits of a count: SQLite's and everyone's integers hold them


def read_ratio(numerator: str, denominator: str, plain: str) -> Ratio | None:
    """The share that the three fields hold; None where all are empty.

    Two counts go before a plain ratio. ValueError (Chinese) says what is wrong. Full-width digits and thousands
    separators are taken as they are meant.
    """
    if numerator.strip() or denominator.strip():
        if not denominator.strip():
            raise ValueError("还缺分母")
        if not numerator.strip():
            raise ValueError("还缺分子")
        return Ratio.counted(_whole("分子", numerator), _whole("分母", denominator))
    if not plain.strip():
        return None
    text = unicodedata.normalize("NFKC", plain).strip()
    if text.endswith("%"):
        raise ValueError("请填 0 到 1 之间的小数，如 0.95")
    return Ratio.plain(text)


def _whole(name: str, typed: str) -> int:
    text = unicodedata.normalize("NFKC", typed).strip().replace(",", "").replace(" ", "")
    if text.startswith("-") and text[1:].isdecimal():
        raise ValueError("分子、分母不能是负数")
    if not text.isdecimal():
        raise ValueError(f"{name}“{typed.strip()}”不是整数")
    if len(text) > LARGEST:
        raise ValueError(f"{name}超过 {LARGEST} 位")
    return int(text)


class RatioField(QWidget):
    """Numerator / denominator = ratio. It commits when Enter is pressed or the focus leaves all three fields."""

    committed = Signal(object)
    """A Ratio, or None to take it back; only where it differs from what was set."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: Ratio | None = None
        self.numerator = self._edit(f"{name} 分子", "分子")
        self.denominator = self._edit(f"{name} 分母", "分母")
        self.plain = self._edit(f"{name} 比例", "比例")
        self.plain.setToolTip("没有分子、分母时，可直接填比例，如 0.95")
        self.problem = label("", "bad", wrap=True)
        self.problem.hide()
        line = QHBoxLayout()
        line.setSpacing(4)
        line.addWidget(self.numerator, 3)
        line.addWidget(QLabel("/"))
        line.addWidget(self.denominator, 3)
        line.addWidget(QLabel("="))
        line.addWidget(self.plain, 2)
        box = QVBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(2)
        box.addLayout(line)
        box.addWidget(self.problem)
        self.setFocusProxy(self.numerator)

    def _edit(self, name: str, placeholder: str) -> QLineEdit:
        edit = QLineEdit(self)
        edit.setAccessibleName(name)
        edit.setPlaceholderText(placeholder)
        edit.setAlignment(Qt.AlignmentFlag.AlignRight)
        edit.setMaxLength(40)
        edit.setMinimumWidth(edit.fontMetrics().horizontalAdvance("0.00") + 24)
        edit.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        edit.textEdited.connect(self._on_typed)
        edit.returnPressed.connect(self.commit)
        edit.installEventFilter(self)
        return edit

    @property
    def edits(self) -> tuple[QLineEdit, QLineEdit, QLineEdit]:
        """The three fields."""
        return self.numerator, self.denominator, self.plain

    def set_ratio(self, ratio: Ratio | None) -> None:
        """Show a saved share. What is being typed, or could not be saved, is kept while it differs."""
        if ratio == self._shown and self._typed():
            return
        self._shown = ratio
        self._show(ratio)

    def set_read_only(self, read_only: bool) -> None:
        """Whether it takes input."""
        for edit in self.edits:
            edit.setReadOnly(read_only)

    def fail(self, message: str) -> None:
        """Say in place that saving failed; what was typed stays."""
        self._say(message)

    def commit(self) -> None:
        """Take what is typed: emit it, or say what is wrong."""
        try:
            ratio = read_ratio(*self._texts())
        except ValueError as error:
            self._say(str(error), invalid=True)
            return
        self._say("")
        if ratio != self._shown:
            self.committed.emit(ratio)
        elif ratio is not None:
            self._show(ratio)

    def _texts(self) -> tuple[str, str, str]:
        plain = "" if self.plain.isReadOnly() else self.plain.text()
        return self.numerator.text(), self.denominator.text(), plain

    def _typed(self) -> bool:
        """Whether the fields hold something else than what was set."""
        try:
            return read_ratio(*self._texts()) != self._shown
        except ValueError:
            return True

    def _show(self, ratio: Ratio | None) -> None:
        counted = ratio is not None and ratio.numerator is not None
        self.numerator.setText(str(ratio.numerator) if ratio and counted else "")
        self.denominator.setText(str(ratio.denominator) if ratio and counted else "")
        self.plain.setText("" if ratio is None else str(ratio.rounded) if counted else _decimal(ratio))
        self._lock_plain()
        self._say("")

    def _lock_plain(self) -> None:
        """With counts given, the ratio is only shown."""
        counted = bool(self.numerator.text().strip() or self.denominator.text().strip())
        self.plain.setReadOnly(counted or self.numerator.isReadOnly())

    def _on_typed(self) -> None:
        was_counted = self.plain.isReadOnly()
        self._lock_plain()
        counts = [edit.text().strip() for edit in (self.numerator, self.denominator)]
        if not any(counts):
            if was_counted:
                self.plain.clear()
            self._say("")
            return
        try:
            ratio = read_ratio(*self._texts())
        except ValueError as error:
            self.plain.clear()
            self._say(str(error) if all(counts) else "", invalid=all(counts))
        else:
            self.plain.setText(str(ratio.rounded) if ratio else "")
            self._say("")

    def _say(self, message: str, *, invalid: bool = False) -> None:
        self.problem.setText(message)
        self.problem.setVisible(bool(message))
        for edit in self.edits:
            if bool(edit.property("invalid")) != invalid:
                edit.setProperty("invalid", invalid)
                edit.style().unpolish(edit)
                edit.style().polish(edit)
            edit.setAccessibleDescription(message)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusOut:
            QTimer.singleShot(0, self, self._commit_if_left)
        elif event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            self._show(self._shown)
            return True
        return super().eventFilter(watched, event)

    def _commit_if_left(self) -> None:
        if not any(edit.hasFocus() for edit in self.edits) and self._typed():
            self.commit()


def _decimal(ratio: Ratio) -> str:
    """A plain ratio as it was given: exact where it ends, which a typed decimal always does."""
    return str(Decimal(ratio.value.numerator) / Decimal(ratio.value.denominator))
