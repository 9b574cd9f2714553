"""The small dialogs of the tasks: a department, what becomes of its tasks, departments a role, a remark."""

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QGridLayout,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.planning import Department
from emrassess.errors import UserError
from emrassess.gui.context import Context
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label, scrolled
from emrassess.gui.widgets.dialog_size import fit_on_screen, grow
from emrassess.gui.widgets.protection import Protection
from emrassess.gui.widgets.task_deadline import DeadlineField
from emrassess.services.departments import NOBODY, Suggestion, department_named
from emrassess.services.tasks import Share

if TYPE_CHECKING:
    from emrassess.services.session import Session

_BETWEEN = re.compile(r"[,，、;；\n]+")


class PlainDialog(QDialog):
    """A body, a line for what is wrong, 取消 and the button that does it."""

    def __init__(self, title: str, does: str, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.body = QVBoxLayout()
        self.body.setSpacing(10)
        self._problem = label("", "bad", wrap=True)
        self._problem.hide()
        self.does = button(does, self.accept, primary=True)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self.does)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        box.addLayout(self.body, 1)
        box.addWidget(self._problem)
        box.addLayout(last)

    def refuse(self, why: str, at: QWidget | None = None) -> None:
        """Say what is wrong, and go to where it is."""
        self._problem.setText(why)
        self._problem.show()
        grow(self)
        if at is not None:
            at.setFocus()

    def read_deadline(self, field: DeadlineField) -> str | None:
        """What the field holds; None where it is no date, which is said."""
        try:
            return field.read()
        except UserError as error:
            self.refuse(f"{error.message}。{error.hint}")
            return None


class DepartmentDialog(PlainDialog):
    """A new department, or one to be changed. `name` and `people` hold what was filled in."""

    def __init__(
        self, theme: Theme, session: "Session", department: Department | None, parent: QWidget | None = None
    ) -> None:
        super().__init__("编辑科室" if department else "新建科室", "保存" if department else "新建", parent)
        self.setMinimumWidth(theme.px(460))
        self._session, self._department = session, department
        self.name_line = QLineEdit(department.name if department else "")
        self.name_line.setAccessibleName("科室名称")
        self.name_line.setPlaceholderText("如 护理部")
        self.name_line.setMaxLength(60)
        self.people_text = QPlainTextEdit("\n".join(department.people if department else ()))
        self.people_text.setAccessibleName("人员")
        self.people_text.setPlaceholderText("一行一人，或用顿号隔开；可不填")
        self.people_text.setTabChangesFocus(True)
        self.people_text.setFixedHeight(self.people_text.fontMetrics().height() * 5 + 16)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("科室名称", self.name_line)
        form.addRow("人员", self.people_text)
        self.body.addLayout(form)
        self.does.setDefault(True)
        self.name_line.setFocus()

    @property
    def name(self) -> str:
        return self.name_line.text().strip()

    @property
    def people(self) -> list[str]:
        return [name.strip() for name in _BETWEEN.split(self.people_text.toPlainText()) if name.strip()]

    def accept(self) -> None:
        """Only with a name that no other department has."""
        taken = department_named(self._session, self.name)
        if not self.name:
            self.refuse("请填写科室名称。", self.name_line)
        elif taken and (self._department is None or taken.id != self._department.id):
            self.refuse(f"已经有科室“{taken.name}”了，请换一个名称。", self.name_line)
        else:
            super().accept()


class RemoveDialog(PlainDialog):
    """What becomes of the tasks of a department that is to go. `tasks_to`: another one's id, or NOBODY."""

    def __init__(
        self, department: Department, tasks: int, others: Sequence[Department], parent: QWidget | None = None
    ) -> None:
        super().__init__("删除科室", "删除", parent)
        self.setMinimumWidth(420)
        self.choice = QComboBox()
        self.choice.setAccessibleName("任务怎么办")
        self.choice.addItem("改为未分派", NOBODY)
        for other in others:
            self.choice.addItem(f"转给“{other.name}”，期限和状态不变", other.id)
        self.body.addWidget(label(f"“{department.name}”还有 {tasks} 条任务。删除以后，这些任务：", wrap=True))
        self.body.addWidget(self.choice)
        self.body.addWidget(label("已填的答案和材料都不受影响；可以撤销。", "muted", wrap=True))
        self.body.addStretch(1)
        self.choice.setFocus()

    @property
    def tasks_to(self) -> str:
        return self.choice.currentData()


class RolesDialog(PlainDialog):
    """A department a role: which, under what names, by when. `shares` and `deadline` hold what was chosen."""

    def __init__(
        self, theme: Theme, session: "Session", found: Sequence[Suggestion], parent: QWidget | None = None
    ) -> None:
        super().__init__("按角色分派", "分派", parent)
        self._found = tuple(found)
        self.deadline = ""
        self.boxes: list[QCheckBox] = []
        self.names: list[QLineEdit] = []
        target = session.assessment.target
        words = (
            f"每个工作角色交给一个科室：到 {target} 级为止还没有分派的条款。科室名称可以改；"
            "两个角色写同一个名称，就交给同一个科室。以后还可以逐条改派。"
        )
        self.body.addWidget(label(words, "muted", wrap=True))
        self.body.addWidget(scrolled(self._grid(session)), 1)
        self.field = DeadlineField()
        form = QFormLayout()
        form.addRow("期限", self.field)
        self.body.addLayout(form)
        fit_on_screen(self, theme, 620, 200 + 40 * max(len(found), 4))
        self.names[0].setFocus()

    def _grid(self, session: "Session") -> QWidget:
        holder = QWidget()
        grid = QGridLayout(holder)
        grid.setContentsMargins(0, 0, 8, 0)
        grid.setHorizontalSpacing(14)
        for row, suggestion in enumerate(self._found):
            role = session.pack.role_by_code[suggestion.role]
            box = QCheckBox(f"{role.code} {role.name}")
            box.setChecked(True)
            name = QLineEdit(suggestion.name)
            name.setAccessibleName(f"{role.name}交给哪个科室")
            name.setMaxLength(60)
            box.toggled.connect(name.setEnabled)
            self.boxes.append(box)
            self.names.append(name)
            grid.addWidget(box, row, 0)
            grid.addWidget(name, row, 1)
            grid.addWidget(label(f"{len(suggestion.clauses)} 条", "muted"), row, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(len(self._found), 1)
        return holder

    @property
    def shares(self) -> list[Share]:
        rows = zip(self._found, self.boxes, self.names, strict=True)
        return [Share(name.text().strip(), s.clauses) for s, box, name in rows if box.isChecked()]

    def accept(self) -> None:
        """Only with a name for each that is ticked, and a deadline that is one."""
        shares = self.shares
        if not shares:
            self.refuse("请至少勾选一个角色。")
            return
        if any(not share.name for share in shares):
            self.refuse("请给勾选的每个角色写上科室名称。", next(n for n in self.names if not n.text().strip()))
            return
        deadline = self.read_deadline(self.field)
        if deadline is not None:
            self.deadline = deadline
            super().accept()


class RemarkDialog(PlainDialog):
    """What is to be changed; `text` holds it."""

    def __init__(self, theme: Theme, count: int, parent: QWidget | None = None) -> None:
        super().__init__(f"退回修改 {count} 条", "退回修改", parent)
        self.setMinimumWidth(theme.px(480))
        self.remark = QPlainTextEdit()
        self.remark.setAccessibleName("修改意见")
        self.remark.setPlaceholderText("要改什么，如：截图里看不到医院名称和时间")
        self.remark.setTabChangesFocus(True)
        self.body.addWidget(label("写明要改什么，科室在任务清单和任务包里都能看到：", wrap=True))
        self.body.addWidget(self.remark)
        self.remark.setFocus()

    @property
    def text(self) -> str:
        return self.remark.toPlainText().strip()

    def accept(self) -> None:
        """Only with a remark."""
        if self.text:
            super().accept()
        else:
            self.refuse("请写明要改什么，科室才知道怎样修改。", self.remark)


class PacketDialog(PlainDialog):
    """How a packet goes out: by when it is to be back, signed and sealed or not. `deadline`: ISO date or ""."""

    def __init__(
        self, context: Context, department: str, clauses: int, deadline: str, parent: QWidget | None = None
    ) -> None:
        super().__init__(f"导出“{department}”的任务包", "导出…", parent)
        self.setMinimumWidth(context.theme.px(520))
        self.deadline = deadline
        self.field = DeadlineField(deadline)
        self.protection = Protection(context, "这个任务包")
        self.body.addWidget(label(f"一个文件，里面是这 {clauses} 条条款、标准、已有的答案和材料。", wrap=True))
        self.body.addWidget(label("科室用本程序打开，填好以后交回，再在这里合并。", "muted", wrap=True))
        form = QFormLayout()
        form.addRow("交回期限", self.field)
        self.body.addLayout(form)
        self.body.addWidget(self.protection)
        self.body.addStretch(1)
        self.field.setFocus()

    def accept(self) -> None:
        """Only with a date, or with nothing."""
        deadline = self.read_deadline(self.field)
        if deadline is not None:
            self.deadline = deadline
            super().accept()
