"""Common findings to choose from: the program's, and those that the expert wrote before."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHBoxLayout, QLineEdit, QListView, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.merging import ROLE, ListModel
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen
from emrassess.gui.widgets.large_type import large_sheet
from emrassess.gui.widgets.two_lines import TwoLines

if TYPE_CHECKING:
    from emrassess.services.phrases import Phrase

HINT = "你写过的问题会自动记在这里，下次可以直接选；只存在这台电脑上。"


class PhrasesDialog(QDialog):
    """`chosen` once accepted."""

    def __init__(self, context: Context, clause: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"常见问题　{clause}")
        fit_on_screen(self, context.theme, 760, 560)
        if context.preferences.large:
            self.setStyleSheet(large_sheet(context.theme))
        self.chosen: Phrase | None = None
        self.rows: ListModel[Phrase] = ListModel(self)
        self.search = _Search()
        self.search.textChanged.connect(lambda _: self._show())
        self.list = QListView()
        self.list.setModel(self.rows)
        self.list.setItemDelegate(TwoLines(context.theme))
        self.list.setAccessibleName("常见问题")
        self.list.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.list.activated.connect(lambda _: self.accept())
        self.list.selectionModel().currentChanged.connect(lambda *_: self._show_state())
        self.search.stepped.connect(self._step)
        self._none = label("没有这样的常见问题。", "muted", wrap=True)
        self._forget = button("忘掉这条", self._on_forget, tip="从列表里去掉，以后不再出现")
        self._use = button("采用", self.accept, primary=True)
        self._use.setDefault(True)
        last = QHBoxLayout()
        last.addWidget(self._forget)
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._use)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 14)
        box.setSpacing(8)
        box.addWidget(self.search)
        box.addWidget(self._none)
        box.addWidget(self.list, 1)
        box.addWidget(label(HINT, "muted", wrap=True))
        box.addLayout(last)
        self._show()
        self.search.setFocus()

    def accept(self) -> None:
        """Take the phrase in hand."""
        self.chosen = self.list.currentIndex().data(ROLE) if self.list.currentIndex().isValid() else None
        if self.chosen is not None:
            super().accept()

    def _show(self) -> None:
        from emrassess.services.phrases import phrases  # noqa: PLC0415 - not needed at start

        found = phrases(self.search.text().strip())
        self.rows.show_entries(found, [_lines(phrase) for phrase in found])
        self._none.setVisible(not found)
        self.list.setCurrentIndex(self.rows.index(0))
        self._show_state()

    def _show_state(self) -> None:
        there = self.list.currentIndex().isValid()
        self._use.setEnabled(there)
        self._forget.setEnabled(there)

    def _step(self, by: int) -> None:
        row = self.list.currentIndex().row() + by
        if 0 <= row < self.rows.rowCount():
            self.list.setCurrentIndex(self.rows.index(row))

    def _on_forget(self) -> None:
        from emrassess.services.phrases import forget  # noqa: PLC0415

        row = self.list.currentIndex().row()
        phrase: Phrase = self.list.currentIndex().data(ROLE)
        try:
            forget(phrase.text)
        except UserError as error:
            dialogs.error(self, "没有忘掉", error)
            return
        self._show()
        self.list.setCurrentIndex(self.rows.index(min(row, self.rows.rowCount() - 1)))


def _lines(phrase: "Phrase") -> tuple[str, str]:
    whose = f"用过 {phrase.used} 次　" if phrase.used else ""
    return phrase.text, f"{whose}建议：{phrase.suggestion}" if phrase.suggestion else f"{whose}没有写建议"


def joined(before: str, phrase: str) -> str:
    """A text with a phrase added: nothing that is written already is lost, nothing stands there twice."""
    lines: Sequence[str] = before.strip().splitlines()
    return before.strip() if phrase in lines else "\n".join(part for part in (before.strip(), phrase) if part)


class _Search(QLineEdit):
    """↓ and ↑ go through the list while one types."""

    stepped = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setAccessibleName("查找常见问题")
        self.setPlaceholderText("查找")
        self.setClearButtonEnabled(True)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
        if event.key() in steps:
            self.stepped.emit(steps[Qt.Key(event.key())])
            return
        super().keyPressEvent(event)
