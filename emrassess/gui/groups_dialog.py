"""How the review groups are composed: which item is whose; and who checks here, for which group."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QStringListModel, Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.dialog_size import fit_on_screen

if TYPE_CHECKING:
    from emrassess.services.session import Changes, Session

MOST_NAME = 20


def start_composing(context: Context, parent: QWidget) -> None:
    """Ask how the groups are composed, and save that as one step."""
    from emrassess.services.settings import set_groups  # noqa: PLC0415 - not needed at start

    session = context.session
    if session is None or not context.saves:
        return
    dialog = GroupsDialog(context, session.pack, session.assessment.review_groups(session.pack), parent)
    if dialogs.run(dialog):
        composed = dialog.value
        context.operations.write("核查组的分法", set_groups, None if composed == session.pack.groups else composed)
    dialog.deleteLater()


def start_changing_expert(context: Context, parent: QWidget) -> None:
    """Ask who checks here, and for which group."""
    session = context.session
    review = session.assessment.review if session else None
    if session is None or review is None or not context.saves:
        return
    dialog = ExpertNameDialog(review.expert, review.group, session.assessment.review_groups(session.pack), parent)
    if dialogs.run(dialog):
        context.operations.write("专家和核查组", _set_expert, dialog.name, dialog.group)
    dialog.deleteLater()


def _set_expert(session: "Session", name: str, group: str) -> "Changes":
    from emrassess.services.changes import together  # noqa: PLC0415
    from emrassess.services.reviewing import set_expert, set_group  # noqa: PLC0415 - loads the ciphers

    changes = set_expert(session, name)
    return together(changes, set_group(session, group)) if group else changes


class ExpertNameDialog(QDialog):
    """`name` and `group` once accepted."""

    def __init__(self, name: str, group: str, groups: Sequence[ReviewGroup], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("专家和核查组")
        self._name, self._group = QLineEdit(name), QComboBox()
        self._name.setAccessibleName("专家姓名")
        self._name.setMaxLength(60)
        self._group.setAccessibleName("核查组")
        if not group:
            self._group.addItem("以后再选", "")
        for one in groups:
            self._group.addItem(one.name, one.code)
        self._group.setCurrentIndex(max(self._group.findData(group), 0))
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("专家姓名", self._name)
        form.addRow("核查组", self._group)
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(button("取消", self.reject))
        self._does = button("确定", self.accept, primary=True)
        self._does.setDefault(True)
        last.addWidget(self._does)
        box = QVBoxLayout(self)
        box.setContentsMargins(22, 18, 22, 16)
        box.setSpacing(12)
        box.addLayout(form)
        box.addWidget(label("已经写好的意见不变，以后写的署这个名字。", "muted", wrap=True))
        box.addLayout(last)
        self._name.textChanged.connect(lambda _: self._does.setEnabled(bool(self.name)))

    @property
    def name(self) -> str:
        return self._name.text().strip()

    @property
    def group(self) -> str:
        return self._group.currentData()

    def accept(self) -> None:
        """A name is needed."""
        if self.name:
            super().accept()


@dataclass
class _Group:
    code: str
    name: str
    items: list[str] = field(default_factory=list)
    quality: bool = False


class GroupsDialog(QDialog):
    """Groups at the left, the items of the one in hand at the right; `value` once accepted."""

    def __init__(
        self, context: Context, pack: Pack, groups: Sequence[ReviewGroup], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("核查组的分法")
        fit_on_screen(self, context.theme, 820, 560)
        self._pack = pack
        self._groups = _editable(groups)
        self._names, self._items = QStringListModel(self), QStringListModel(self)
        self.groups = _list(self._names, "核查组", QAbstractItemView.SelectionMode.SingleSelection)
        self.items = _list(self._items, "组里的评价项目", QAbstractItemView.SelectionMode.ExtendedSelection)
        self.name = QLineEdit()
        self.name.setAccessibleName("组名")
        self.name.setMaxLength(MOST_NAME)
        self.name.textEdited.connect(self._rename)
        self.target = QComboBox()
        self.target.setAccessibleName("移到哪个组")
        self._move = button("移过去", self.move_items, tip="把右边选中的项目移到这个组")
        self._remove = button("删除这个组", self._remove_group, tip="组里没有项目时才能删除")
        self._head = label("", "heading")
        self._problem = label("", "bad", wrap=True)
        self._take = button("确定", self.accept, primary=True)
        self._arrange()
        self.groups.selectionModel().currentChanged.connect(lambda *_: self._show_group())
        self.items.selectionModel().selectionChanged.connect(lambda *_: self._show_state())
        self._show(0)
        self.items.setFocus()

    def _arrange(self) -> None:
        left = QVBoxLayout()
        left.addWidget(label("核查组", "heading"))
        left.addWidget(self.groups, 1)
        left.addWidget(self.name)
        left.addWidget(button("加一个组", self.add_group))
        left.addWidget(self._remove)
        right = QVBoxLayout()
        right.addWidget(self._head)
        right.addWidget(self.items, 1)
        moving = QHBoxLayout()
        moving.addWidget(label("选中的移到"))
        moving.addWidget(self.target, 1)
        moving.addWidget(self._move)
        right.addLayout(moving)
        both = QHBoxLayout()
        both.setSpacing(16)
        both.addLayout(left, 2)
        both.addLayout(right, 3)
        last = QHBoxLayout()
        last.addWidget(button("恢复标准的分法", self.restore))
        last.addWidget(self._problem, 1)
        last.addWidget(button("取消", self.reject))
        last.addWidget(self._take)
        box = QVBoxLayout(self)
        box.setContentsMargins(20, 16, 20, 14)
        box.setSpacing(10)
        box.addLayout(both, 1)
        box.addLayout(last)

    @property
    def value(self) -> tuple[ReviewGroup, ...]:
        """The groups, each with its items in the pack's order."""
        order = {item.code: number for number, item in enumerate(self._pack.items)}
        return tuple(
            ReviewGroup(g.code, g.name.strip(), tuple(sorted(g.items, key=order.__getitem__)), g.quality)
            for g in self._groups
        )

    # --- showing

    @property
    def _row(self) -> int:
        return max(self.groups.currentIndex().row(), 0)

    def _show(self, row: int) -> None:
        self._names.setStringList([f"{group.name}（{len(group.items)}）" for group in self._groups])
        self.groups.setCurrentIndex(self._names.index(min(row, len(self._groups) - 1)))
        self._show_group()

    def _show_group(self) -> None:
        group = self._groups[self._row]
        if self.name.text() != group.name:
            self.name.setText(group.name)
        by_code = self._pack.item_by_code
        self._items.setStringList([f"{code}　{by_code[code].name}" for code in group.items])
        self._head.setText(f"{group.name}的评价项目")
        self.target.clear()
        for other in self._groups:
            if other is not group:
                self.target.addItem(other.name, other.code)
        self._show_state()

    def _show_state(self) -> None:
        group = self._groups[self._row]
        self._move.setEnabled(bool(self.items.selectionModel().selectedRows()) and self.target.count() > 0)
        self._remove.setEnabled(not group.items and len(self._groups) > 1)
        names = [one.name.strip() for one in self._groups]
        problem = "" if all(names) else "每个组要有名称。"
        problem = problem or ("" if len(set(names)) == len(names) else "有两个组同名。")
        self._problem.setText(problem)
        self._take.setEnabled(not problem)

    # --- doing

    def move_items(self) -> None:
        """Move the items that are selected to the group that is chosen."""
        rows = sorted(index.row() for index in self.items.selectionModel().selectedRows())
        group = self._groups[self._row]
        target = next((other for other in self._groups if other.code == self.target.currentData()), None)
        if not rows or target is None:
            return
        moved = [group.items[row] for row in rows]
        group.items = [code for code in group.items if code not in moved]
        target.items += moved
        order = {item.code: number for number, item in enumerate(self._pack.items)}
        target.items.sort(key=order.__getitem__)
        self._show(self._row)

    def add_group(self) -> None:
        """A group more, without items."""
        taken = {group.code for group in self._groups}
        code = next(f"group{n}" for n in range(1, 1000) if f"group{n}" not in taken)
        self._groups.append(_Group(code, f"第 {len(self._groups) + 1} 组"))
        self._show(len(self._groups) - 1)
        self.name.setFocus()
        self.name.selectAll()

    def _remove_group(self) -> None:
        row = self._row
        if not self._groups[row].items and len(self._groups) > 1:
            del self._groups[row]
            self._show(max(row - 1, 0))

    def restore(self) -> None:
        """As the standard has it."""
        self._groups = _editable(self._pack.groups)
        self._show(0)

    def _rename(self, text: str) -> None:
        row = self._row
        self._groups[row].name = text
        self._names.setData(self._names.index(row), f"{text}（{len(self._groups[row].items)}）")
        self._head.setText(f"{text}的评价项目")
        self._show_state()


def _editable(groups: Sequence[ReviewGroup]) -> list[_Group]:
    return [_Group(group.code, group.name, list(group.items), group.quality) for group in groups]


def _list(model: QStringListModel, name: str, mode: QAbstractItemView.SelectionMode) -> QListView:
    made = QListView()
    made.setModel(model)
    made.setAccessibleName(name)
    made.setSelectionMode(mode)
    made.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    made.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return made
