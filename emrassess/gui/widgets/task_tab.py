"""The tasks half of 任务与合并: departments at the left, the clauses to be worked on at the right."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QFocusEvent, QShowEvent
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from emrassess.domain.planning import FILTER_NAMES, STATE_NAMES, WorkState
from emrassess.gui import actions
from emrassess.gui.context import Context
from emrassess.gui.models.departments import EVERYBODY, department_rows
from emrassess.gui.models.tasks import ROW_ROLE, TaskProxy, TaskTableModel, Wanted, task_rows, why_nothing
from emrassess.gui.task_writing import TaskWriting
from emrassess.gui.widgets.basics import button, label
from emrassess.gui.widgets.task_departments import Departments
from emrassess.gui.widgets.task_table import TaskTable

if TYPE_CHECKING:
    from emrassess.services.changes import Changes

SEARCH_PAUSE_MS = 120
NOTICE_MS = 8000
STATES = {
    "tasks.begin": WorkState.IN_PROGRESS,
    "tasks.submit": WorkState.SUBMITTED,
    "tasks.accept": WorkState.ACCEPTED,
    "tasks.return": WorkState.CHANGES_REQUESTED,
    "tasks.again": WorkState.ASSIGNED,
}
BY_DEPARTMENT = ("tasks.begin", "tasks.submit")
"""What a department may do in its own packet."""


class TaskTab(QWidget):
    """`clause_wanted`: a clause was asked for."""

    clause_wanted = Signal(str)

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.context = context
        self.writing = TaskWriting(context, self)
        self.rows = TaskTableModel(context.theme, self)
        self.found = TaskProxy(self.rows, self)
        self.table = TaskTable(context.theme, self.found)
        self.departments = Departments(context.theme)
        self.search = QLineEdit()
        self.search.setPlaceholderText("查找条款、项目、要求、负责人")
        self.search.setAccessibleName("查找任务")
        self.search.setClearButtonEnabled(True)
        self._pause = QTimer(self, singleShot=True, interval=SEARCH_PAUSE_MS)
        self._pause.timeout.connect(self._filter)
        self.filter, self.state = QComboBox(), QComboBox()
        self.count = label("", "muted", wrap=True)
        self.nothing = label("", wrap=True)
        self._notice = label("", "fair", wrap=True)
        self._notice.hide()
        self._notice_timer = QTimer(self, singleShot=True, interval=NOTICE_MS)
        self._notice_timer.timeout.connect(self._notice.hide)
        self._session_shown: object = None
        self._shared_out = False
        self._make_buttons()
        self._make_actions()
        self._build()
        self._connect()

    # --- building

    def _make_buttons(self) -> None:
        writing = self.writing
        self._new = button("新建…", writing.new_department, tip="新建科室")
        self._edit = button("编辑…", lambda: writing.edit_department(self.departments.department), tip="名称和人员")
        self._remove = button("删除…", lambda: writing.remove_department(self.departments.department))
        self._packet = button(
            "导出任务包…",
            lambda: writing.export_packet(self.departments.department),
            tip="把选中科室的条款做成一个文件交给它",
        )
        self._roles = button("按角色分派…", writing.assign_by_roles, tip="一个工作角色一个科室，一次分完")
        self._whole = button("整项分派…", lambda: self._assign(None), tip="在树上勾选角色、项目、等级要求")
        self._list = button("任务清单…", writing.export_list, tip="导出 Excel，一个科室一张表，可打印张贴")
        self._assign_button = button(
            "分派…", lambda: self._assign(self._selected()), primary=True, tip="分派选中的条款（A）"
        )
        self._change = button("修改…", lambda: writing.edit(self._selected()), tip="选中条款的负责人、期限和意见（E）")
        self._states = QPushButton("状态")
        self._states.setToolTip("改变选中条款的工作状态")

    def _make_actions(self) -> None:
        writing = self.writing
        slots = {
            "tasks.assign": lambda: self._assign(self._selected()),
            "tasks.edit": lambda: writing.edit(self._selected()),
            "tasks.unassign": lambda: writing.unassign(self._selected()),
            "tasks.find": self.search.setFocus,
        }
        slots |= {key: lambda s=state: writing.move(self._selected(), s) for key, state in STATES.items()}
        self.actions_by_key = {key: actions.make(key, self, slot) for key, slot in slots.items()}
        menu = QMenu(self._states)
        for key in STATES:
            menu.addAction(self.actions_by_key[key])
        self._states.setMenu(menu)

    def _build(self) -> None:
        self.filter.addItem("全部任务", None)
        for wanted, name in FILTER_NAMES.items():
            self.filter.addItem(name, wanted)
        self.filter.setAccessibleName("只看")
        self.state.addItem("全部状态", None)
        for state, name in STATE_NAMES.items():
            self.state.addItem(name, state)
        self.state.setAccessibleName("按状态筛选")
        splitter = QSplitter()
        splitter.setHandleWidth(1)
        splitter.setChildrenCollapsible(False)
        self._left_side = self._left()
        splitter.addWidget(self._left_side)
        splitter.addWidget(self._right())
        splitter.setStretchFactor(1, 1)
        self.splitter = splitter
        self.stack = QStackedWidget()
        self.stack.addWidget(splitter)
        self.stack.addWidget(self._empty_state())
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(self.stack)

    def _left(self) -> QWidget:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(14, 10, 8, 10)
        column.setSpacing(8)
        column.addWidget(self.departments, 1)
        row = QHBoxLayout()
        row.setSpacing(6)
        for made in (self._new, self._edit, self._remove):
            row.addWidget(made, 1)
        column.addLayout(row)
        column.addWidget(self._packet)
        left.setMinimumWidth(220)
        return left

    def _right(self) -> QWidget:
        right = QWidget()
        first = QHBoxLayout()
        for widget, stretch in ((self.search, 1), (self.filter, 0), (self.state, 0)):
            first.addWidget(widget, stretch)
        second = QHBoxLayout()
        second.setSpacing(6)
        for made in (self._assign_button, self._change, self._states):
            second.addWidget(made)
        second.addStretch(1)
        for made in (self._roles, self._whole, self._list):
            second.addWidget(made)
        column = QVBoxLayout(right)
        column.setContentsMargins(8, 10, 14, 10)
        column.addLayout(first)
        column.addLayout(second)
        column.addWidget(self.count)
        column.addWidget(self._notice)
        column.addWidget(self.nothing)
        column.addWidget(self.table, 1)
        right.setMinimumWidth(420)
        return right

    def _empty_state(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.addStretch(1)
        words = (
            "先把条款分给科室：按工作角色一次分完最快，科室名称可以改。\n"
            "分好以后，各科室领走自己的任务包，填好交回，在这里合并。"
        )
        for widget in (label("还没有分派任务", "title"), label(words, "muted", wrap=True)):
            widget.setAlignment(Qt.AlignmentFlag.AlignCenter)
            column.addWidget(widget)
        self._first = [
            button("新建科室…", self.writing.new_department),
            button("整项分派…", lambda: self._assign(None)),
            button("按角色分派…", self.writing.assign_by_roles, primary=True),
        ]
        line = QHBoxLayout()
        line.addStretch(1)
        for made in self._first:
            line.addWidget(made)
        line.addStretch(1)
        column.addLayout(line)
        column.addStretch(2)
        return page

    def _connect(self) -> None:
        self.search.textChanged.connect(lambda _: self._pause.start())
        self.filter.currentIndexChanged.connect(self._filter)
        self.state.currentIndexChanged.connect(self._filter)
        self.departments.chosen.connect(self._on_department)
        self.departments.customContextMenuRequested.connect(self._department_menu)
        self.departments.doubleClicked.connect(lambda _: self._edit.click())
        self.table.opened.connect(self.clause_wanted)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().selectionChanged.connect(self._show_count)
        self.found.modelReset.connect(self._show_count)
        self.writing.said.connect(self._say)

    # --- what the page asks

    def show_session(self) -> None:
        """Show the open workspace; another one without filter and search."""
        session = self.context.session
        if session is not self._session_shown:
            self._session_shown = session
            self.search.clear()
            self.filter.setCurrentIndex(0)
            self.state.setCurrentIndex(0)
            self.departments.choose(EVERYBODY)
        self._notice.hide()
        self._show()

    def refresh(self, changes: "Changes") -> None:  # noqa: ARG002
        """Any write may begin work, deliver it, or prove it."""
        self._show()

    def choose_department(self, department: str) -> None:
        """Show the clauses of a department, by its id."""
        self.departments.choose(department)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        if not self._shared_out:
            self._shared_out = True
            left = min(self.context.theme.px(270), round(self.width() * 0.3))
            self.splitter.setSizes([left, self.width() - left])

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        if self.stack.currentIndex():
            self._first[-1].setFocus(Qt.FocusReason.OtherFocusReason)
        else:
            self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    # --- what is shown

    def _show(self) -> None:
        session = self.context.session
        if session is None:
            return
        self.rows.show_rows(task_rows(session))
        self.departments.show_rows(department_rows(session))
        assessment = session.assessment
        self.stack.setCurrentIndex(0 if assessment.departments or assessment.tasks or assessment.packet else 1)
        self._filter()
        self._enable()

    def _enable(self) -> None:
        session, writable = self.context.session, self.context.writable
        coordinates = session is not None and session.assessment.packet is None
        for made in (self._left_side, self._roles, self._whole, self._assign_button, self._change):
            made.setVisible(coordinates)
        for made in (self._new, self._roles, self._whole, *self._first):
            made.setEnabled(writable)
        chosen, selected = bool(self.departments.department), writable and bool(self._selected())
        self._edit.setEnabled(writable and chosen)
        self._remove.setEnabled(writable and chosen)
        self._packet.setEnabled(chosen)
        for made in (self._assign_button, self._change, self._states):
            made.setEnabled(selected)
        for key, action in self.actions_by_key.items():
            action.setEnabled(key == "tasks.find" or (selected and (coordinates or key in BY_DEPARTMENT)))
            action.setVisible(coordinates or key in BY_DEPARTMENT)

    def _filter(self) -> None:
        self._pause.stop()
        wanted = Wanted(
            tuple(self.search.text().casefold().split()),
            self.departments.key,
            self.filter.currentData(),
            self.state.currentData(),
        )
        if wanted != self.found.wanted:
            self.found.show_wanted(wanted)
        self._show_count()

    def _show_count(self) -> None:
        shown, total, chosen = self.found.rowCount(), self.rows.rowCount(), len(self._selected())
        late = sum(self.found.index(place, 0).data(ROW_ROLE).late for place in range(shown))
        parts = [f"{shown}/{total} 条" if shown != total else f"{total} 条"]
        parts += [f"已逾期 {late} 条"] if late else []
        parts += [f"选中 {chosen} 条"] if chosen > 1 else []
        self.count.setText("，".join(parts))
        session = self.context.session
        self.nothing.setVisible(not shown and session is not None)
        if not shown and session is not None:
            self.nothing.setText(why_nothing(session, self.found.wanted))
        self._enable()

    def _selected(self) -> list[str]:
        return [row.clause.id for row in self.table.selected]

    def _on_department(self) -> None:
        self._filter()
        self.table.clearSelection()

    def _say(self, text: str) -> None:
        self._notice.setText(text)
        self._notice.show()
        self._notice_timer.start()

    # --- what people do

    def _assign(self, clauses: list[str] | None) -> None:
        self.writing.assign(clauses, self.departments.department)

    def _menu(self, at: QPoint) -> None:
        if not self._selected():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        row = self.table.selected[0]
        menu.addAction(f"到条款 {row.clause.id}", lambda: self.clause_wanted.emit(row.clause.id))
        menu.addSeparator()
        for key in ("tasks.assign", "tasks.edit"):
            menu.addAction(self.actions_by_key[key])
        menu.addSeparator()
        for key in STATES:
            menu.addAction(self.actions_by_key[key])
        menu.addSeparator()
        menu.addAction(self.actions_by_key["tasks.unassign"])
        menu.popup(self.table.viewport().mapToGlobal(at))

    def _department_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for made in (self._new, self._edit, self._remove, self._packet):
            menu.addAction(made.text(), made.click).setEnabled(made.isEnabled())
        menu.popup(self.departments.viewport().mapToGlobal(at))
