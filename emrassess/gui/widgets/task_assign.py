"""The dialog that gives clauses to a department: those selected, or whole roles, items and level rows by a tree."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QCompleter, QDialog, QFormLayout, QHBoxLayout, QTreeView, QVBoxLayout, QWidget

from emrassess.errors import UserError
from emrassess.gui.models.task_tree import CheckedTree
from emrassess.gui.theme import Theme
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen, grow
from emrassess.gui.widgets.task_deadline import DeadlineField
from emrassess.services import tasks
from emrassess.services.departments import department_named

if TYPE_CHECKING:
    from emrassess.domain.planning import Department
    from emrassess.services.session import Session


@dataclass(frozen=True, slots=True)
class Assignment:
    """What was filled in. `department`: a name, maybe of none that is there; the last two "" where not filled in."""

    clauses: tuple[str, ...]
    department: str
    person: str
    deadline: str


class AssignDialog(QDialog):
    """`clauses` None: they are chosen in a tree. `department`: id of the one chosen beforehand, "" for none."""

    def __init__(
        self,
        theme: Theme,
        session: "Session",
        clauses: Sequence[str] | None,
        department: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.value: Assignment | None = None
        self._session = session
        self._given = None if clauses is None else tuple(clauses)
        self.tree = CheckedTree(session, self) if clauses is None else None
        self.setWindowTitle("分派" if clauses is None else f"分派 {len(clauses)} 条")
        self.department, self.person = name_choice("科室", "选择，或者写新科室的名称"), name_choice("负责人", "可不填")
        self.deadline = DeadlineField()
        self._foreseen = label("", "muted", wrap=True)
        self._foreseen.setAccessibleName("会怎样")
        self._problem = label("", "bad", wrap=True)
        self._problem.hide()
        self._does = button("分派", self.accept, primary=True)
        self._does.setDefault(True)
        self._arrange(theme)
        self._fill(department)
        if self.tree:
            self.tree.ticked.connect(self._show_foreseen)
            fit_on_screen(self, theme, 640, 640)
        else:
            self.setMinimumWidth(theme.px(520))
        self.department.setFocus()

    def _arrange(self, theme: Theme) -> None:
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("科室", self.department)
        form.addRow("负责人", self.person)
        form.addRow("期限", self.deadline)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._does)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        if self.tree:
            box.addLayout(self._tree_head())
            box.addWidget(self._tree_view(self.tree, theme), 1)
        box.addLayout(form)
        box.addWidget(self._foreseen)
        box.addWidget(self._problem)
        box.addLayout(last)

    def _tree_head(self) -> QHBoxLayout:
        target = self._session.assessment.target
        row = QHBoxLayout()
        row.addWidget(label(f"勾选要分派的角色、项目或等级要求（到 {target} 级为止）", wrap=True), 1)
        if self.tree:
            row.addWidget(button("勾选全部未分派的", self.tree.tick_unassigned, look="link"))
        return row

    def _tree_view(self, model: CheckedTree, theme: Theme) -> QTreeView:
        view = QTreeView()
        view.setModel(model)
        view.setHeaderHidden(True)
        view.setIndentation(theme.px(18))
        view.setAccessibleName("要分派的内容")
        view.setExpandsOnDoubleClick(False)
        view.setUniformRowHeights(True)
        view.setCurrentIndex(model.index(0, 0))
        return view

    def _fill(self, department: str) -> None:
        for known in self._departments():
            self.department.addItem(known.name, known.id)
        place = self.department.findData(department)
        self.department.setCurrentIndex(place)
        if place < 0:
            self.department.setEditText("")
        self.department.editTextChanged.connect(self._on_department)
        self._on_department()

    def _departments(self) -> "tuple[Department, ...]":
        return tuple(self._session.assessment.departments.values())

    @property
    def clauses(self) -> tuple[str, ...]:
        """What is to be assigned."""
        return self.tree.clauses if self.tree else self._given or ()

    def accept(self) -> None:
        """Take it over; what is wrong is said here."""
        name = self.department.currentText().strip()
        if not self.clauses:
            self._refuse("请先勾选要分派的内容。")
        elif not name:
            self._refuse("请选择科室，或者写新科室的名称。", self.department)
        else:
            try:
                deadline = self.deadline.read()
            except UserError as error:
                self._refuse(f"{error.message}。{error.hint}")
                return
            self.value = Assignment(self.clauses, name, self.person.currentText().strip(), deadline)
            super().accept()

    def _refuse(self, why: str, at: QWidget | None = None) -> None:
        self._problem.setText(why)
        self._problem.show()
        grow(self)
        if at is not None:
            at.setFocus()

    def _on_department(self) -> None:
        known = department_named(self._session, self.department.currentText())
        typed = self.person.currentText()
        self.person.clear()
        self.person.addItems(["", *(known.people if known else ())])
        self.person.setEditText(typed)
        self._show_foreseen()

    def _show_foreseen(self) -> None:
        """Say what assigning would do."""
        self._problem.hide()
        name = self.department.currentText().strip()
        known = department_named(self._session, name)
        found = tasks.foreseen(self._session, self.clauses, known.id if known else "")
        parts = [f"共 {len(self.clauses)} 条"]
        parts += [f"新建科室“{name}”"] if name and not known else []
        parts += [f"{found.fresh} 条现在没有分派"] if found.fresh else []
        parts += [f"{found.same} 条已经是它的，状态不变"] if found.same else []
        if found.taken:
            accepted = f"，其中 {found.accepted} 条已验收" if found.accepted else ""
            parts.append(f"{found.taken} 条从别的科室改派过来，从头开始{accepted}")
        self._foreseen.setText("；".join(parts))


def name_choice(name: str, hint: str) -> QComboBox:
    """A list of names in which one can also write another."""
    made = QComboBox()
    made.setEditable(True)
    made.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
    made.setAccessibleName(name)
    line = made.lineEdit()
    if line is not None:
        line.setPlaceholderText(hint)
        line.setMaxLength(100)
    completer = made.completer()
    if completer is not None:
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
    return made
