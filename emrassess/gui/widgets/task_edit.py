"""The dialog that changes person, deadline and remark of tasks that are assigned already."""

from collections.abc import Mapping, Sequence

from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QPlainTextEdit, QWidget

from emrassess.domain.planning import Department, Task
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import label
from emrassess.gui.widgets.task_assign import name_choice
from emrassess.gui.widgets.task_deadline import DeadlineField
from emrassess.gui.widgets.task_dialogs import PlainDialog

DIFFERING = "各不相同，不填就不改"


class EditDialog(PlainDialog):
    """What is ticked is set for all tasks; whoever fills in a field ticks it thereby.

    `value`: the ticked ones by the names that services.tasks.edit gives them.
    """

    def __init__(
        self,
        theme: Theme,
        held: Sequence[Task],
        departments: Mapping[str, Department],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(f"修改 {len(held)} 条的分派", "修改", parent)
        self.setMinimumWidth(theme.px(520))
        self.value: dict[str, str] = {}
        self._ticks: dict[str, QCheckBox] = {}
        self.person = name_choice("负责人", "没有")
        ids = dict.fromkeys(task.department for task in held)
        people = [name for key in ids if key in departments for name in departments[key].people]
        named = [task.person for task in held if task.person]
        self.person.addItems(["", *dict.fromkeys((*people, *named))])
        self.deadline = DeadlineField()
        self.comment = QPlainTextEdit()
        self.comment.setAccessibleName("意见")
        self.comment.setPlaceholderText("没有")
        self.comment.setTabChangesFocus(True)
        self.comment.setFixedHeight(self.comment.fontMetrics().height() * 3 + 16)
        self._arrange(held)
        self.does.setDefault(True)
        self.person.setFocus()

    def _arrange(self, held: Sequence[Task]) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(10)
        grid.setVerticalSpacing(10)
        line = self.person.lineEdit() or QLineEdit()
        rows = (
            ("person", "负责人", self.person, line, self.person.editTextChanged),
            ("deadline", "期限", self.deadline, self.deadline.line, self.deadline.edited),
            ("comment", "意见", self.comment, self.comment, self.comment.textChanged),
        )
        for row, (key, name, widget, text, changed) in enumerate(rows):
            tick = self._ticks[key] = QCheckBox(name)
            tick.setAccessibleName(f"改{name}")
            known = {getattr(task, key) for task in held}
            said = known.pop() if len(known) == 1 else None
            if isinstance(text, QPlainTextEdit):
                text.setPlainText(said or "")
            else:
                self.person.setEditText(said or "") if text is line else text.setText(said or "")
            if said is None:
                text.setPlaceholderText(DIFFERING)
            changed.connect(lambda *_, made=tick: made.setChecked(True))
            grid.addWidget(tick, row, 0)
            grid.addWidget(widget, row, 1)
        grid.setColumnStretch(1, 1)
        self.body.addLayout(grid)
        self.body.addWidget(label("勾选的才改；勾选了而没有填，就是取消。状态不变，可以撤销。", "muted", wrap=True))

    def accept(self) -> None:
        """Take over what is ticked; what is no date is said here."""
        told = {"person": self.person.currentText().strip(), "comment": self.comment.toPlainText().strip()}
        if self._ticks["deadline"].isChecked():
            deadline = self.read_deadline(self.deadline)
            if deadline is None:
                return
            told["deadline"] = deadline
        self.value = {key: text for key, text in told.items() if self._ticks[key].isChecked()}
        super().accept()
