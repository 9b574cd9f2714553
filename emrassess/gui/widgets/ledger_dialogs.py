"""The small dialogs of the ledger: who mends findings by when, and why one is given back."""

from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QPlainTextEdit, QWidget

from emrassess.domain.ledger import Finding
from emrassess.domain.planning import Department
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.task_assign import name_choice
from emrassess.gui.widgets.task_deadline import DeadlineField
from emrassess.gui.widgets.task_dialogs import PlainDialog
from emrassess.gui.widgets.task_edit import DIFFERING


class GiveDialog(PlainDialog):
    """What is ticked is set for all of `held`; whoever fills in a field ticks it thereby.

    `value`: the ticked ones by the names that services.ledger.assign gives them.
    """

    def __init__(
        self,
        theme: Theme,
        held: Sequence[Finding],
        departments: Mapping[str, Department],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(f"分派 {len(held)} 个问题", "分派", parent)
        self.setMinimumWidth(theme.px(520))
        self.value: dict[str, str] = {}
        self._people = {department.name: department.people for department in departments.values()}
        self._ticks: dict[str, QCheckBox] = {}
        self.department = name_choice("责任科室", "选择，或者写科室名称")
        self.department.addItems(list(dict.fromkeys((*self._people, *(f.department for f in held if f.department)))))
        self.owner = name_choice("责任人", "谁负责改")
        self.deadline = DeadlineField()
        self._arrange(held)
        self.department.editTextChanged.connect(self._offer_people)
        self._offer_people()
        self.does.setDefault(True)
        self.department.setFocus()

    def _arrange(self, held: Sequence[Finding]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(10)
        rows: tuple[tuple[str, str, QWidget, QLineEdit, Any], ...] = (
            ("department", "责任科室", self.department, _line(self.department), self.department.editTextChanged),
            ("owner", "责任人", self.owner, _line(self.owner), self.owner.editTextChanged),
            ("deadline", "期限", self.deadline, self.deadline.line, self.deadline.edited),
        )
        for row, (key, name, widget, line, changed) in enumerate(rows):
            tick = self._ticks[key] = QCheckBox(name)
            tick.setAccessibleName(f"改{name}")
            known = {getattr(finding, key) for finding in held}
            line.setText(known.pop() if len(known) == 1 else "")
            if known:
                line.setPlaceholderText(DIFFERING)
            changed.connect(lambda *_, made=tick: made.setChecked(True))
            grid.addWidget(tick, row, 0)
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.body.addWidget(label("勾选的才改；勾选了而没有填，就是清除。状态不变，可以撤销。", "muted", wrap=True))

    def _offer_people(self) -> None:
        people, typed = list(self._people.get(self.department.currentText().strip(), ())), self.owner.currentText()
        if [self.owner.itemText(place) for place in range(self.owner.count())] == people:
            return
        self.owner.blockSignals(True)
        self.owner.clear()
        self.owner.addItems(people)
        self.owner.setEditText(typed)
        self.owner.blockSignals(False)

    def accept(self) -> None:
        """Take over what is ticked; what is no date is said here."""
        told = {"department": self.department.currentText().strip(), "owner": self.owner.currentText().strip()}
        if self._ticks["deadline"].isChecked():
            deadline = self.read_deadline(self.deadline)
            if deadline is None:
                return
            told["deadline"] = deadline
        self.value = {key: text for key, text in told.items() if self._ticks[key].isChecked()}
        if self.value:
            super().accept()
        else:
            self.refuse("还没有填要改的内容。", self.department)


class BackDialog(PlainDialog):
    """What is not mended yet; `text` holds it."""

    def __init__(self, theme: Theme, count: int, parent: QWidget | None = None) -> None:
        super().__init__(f"退回再改 {count} 个问题", "退回再改", parent)
        self.setMinimumWidth(theme.px(480))
        self.note = QPlainTextEdit()
        self.note.setAccessibleName("退回的理由")
        self.note.setPlaceholderText("哪里没有改好，如：新截图里仍然看不到时间")
        self.note.setTabChangesFocus(True)
        self.body.addWidget(label("写明哪里没有改好，会记入问题的经过：", wrap=True))
        self.body.addWidget(self.note)
        self.note.setFocus()

    @property
    def text(self) -> str:
        return self.note.toPlainText().strip()

    def accept(self) -> None:
        """Only with a reason."""
        if self.text:
            super().accept()
        else:
            self.refuse("请写明哪里没有改好，科室才知道怎样再改。", self.note)


def _line(combo: QComboBox) -> QLineEdit:
    return combo.lineEdit() or QLineEdit()
