"""任务与合并, the tasks: departments, assignments, states, files."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QMenu, QPushButton, QTableView, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.planning import Actor, TaskFilter, WorkState
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.departments import EVERYBODY, NOBODY, DepartmentList, department_rows
from emrassess.gui.models.task_tree import CheckedTree
from emrassess.gui.models.tasks import Column, TaskProxy, TaskTableModel, Wanted, task_rows
from emrassess.gui.pages.tasks import TasksPage
from emrassess.gui.widgets.task_assign import AssignDialog
from emrassess.gui.widgets.task_deadline import DeadlineField
from emrassess.gui.widgets.task_dialogs import (
    DepartmentDialog,
    PacketDialog,
    RemarkDialog,
    RemoveDialog,
    RolesDialog,
)
from emrassess.services import answering, departments, tasks
from emrassess.services.session import Session

FIRST, SECOND, LATE = "01.01.1(1)", "01.01.1(2)", "01.01.2(1)"
D = TypeVar("D", bound=QDialog)
Make = Callable[[Session], TasksPage]


@pytest.fixture
def make(qtbot: QtBot, context: Context) -> Make:
    def build(session: Session) -> TasksPage:
        context.set_session(session)
        page = TasksPage(context)
        qtbot.addWidget(page)
        page.resize(1226, 660)
        context.changed.connect(page.refresh)
        page.show_session()
        with qtbot.waitActive(page):
            page.show()
        page.setFocus()
        return page

    return build


@pytest.fixture
def planned(session: Session) -> dict[str, str]:
    """Two departments with a few clauses, one of them overdue; their ids by name."""
    tasks.assign_by_name(session, [FIRST, SECOND], "护理部", "李护士", "2099-01-31")
    tasks.assign_by_name(session, [LATE], "检验科", "", "2020-01-31")
    return {department.name: key for key, department in session.assessment.departments.items()}


def answer(monkeypatch: pytest.MonkeyPatch, kind: type[D], act: Callable[[D], object]) -> list[D]:
    """Have `act` stand for the person at the next dialog."""
    seen: list[D] = []

    def run(dialog: QDialog) -> bool:
        assert isinstance(dialog, kind)
        seen.append(dialog)
        dialog.show()
        act(dialog)
        if dialog.isVisible():
            dialog.reject()
        return bool(dialog.result())

    monkeypatch.setattr(dialogs, "run", run)
    return seen


def push(widget: QWidget, name: str) -> None:
    found = next(b for b in widget.findChildren(QPushButton) if b.text() == name and b.isVisible())
    QTest.mouseClick(found, Qt.MouseButton.LeftButton)


def saved(qtbot: QtBot, page: TasksPage, act: Callable[[], object]) -> None:
    with qtbot.waitSignal(page.context.changed):
        act()
    with qtbot.waitActive(page):  # again, once a dialog is gone
        page.activateWindow()


def select(page: TasksPage, *clauses: str) -> None:
    table = page.tasks.table
    table.clearSelection()
    for clause in clauses:
        index = page.tasks.found.mapFromSource(page.tasks.rows.index(page.tasks.rows.row_of(clause), 0))
        assert index.isValid(), clause
        flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
        table.selectionModel().select(index, flags)
    table.setFocus()


def press(key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifier)


def shown(page: TasksPage) -> list[str]:
    found = page.tasks.found
    return [found.index(row, 0).data() for row in range(found.rowCount())]


# --- models


def test_models_keep_qts_rules(
    session: Session, context: Context, planned: dict[str, str], qtmodeltester: ModelTester
) -> None:
    rows = TaskTableModel(context.theme)
    found = TaskProxy(rows)
    rows.show_rows(task_rows(session))
    listed = DepartmentList()
    listed.show_rows(department_rows(session))
    for model in (rows, found, listed, CheckedTree(session)):
        qtmodeltester.check(model)
    assert [row.name for row in department_rows(session)] == ["全部条款", "护理部", "检验科", "未分派"]


def test_the_filter_knows_whose_what_is_and_how_late(
    session: Session, context: Context, planned: dict[str, str]
) -> None:
    departments.edit_department(session, planned["检验科"], people=[session.user])
    rows = TaskTableModel(context.theme)
    found = TaskProxy(rows)
    rows.show_rows(task_rows(session))

    def passing(**wanted: Any) -> list[str]:
        found.show_wanted(Wanted(**wanted))
        return [found.index(row, 0).data() for row in range(found.rowCount())]

    assert passing(department=planned["护理部"]) == [FIRST, SECOND]
    assert passing(filter=TaskFilter.OVERDUE) == passing(filter=TaskFilter.MINE) == [LATE]
    assert FIRST not in passing(filter=TaskFilter.UNASSIGNED) == passing(department=NOBODY)
    assert passing(state=WorkState.ASSIGNED) == [FIRST, SECOND, LATE]
    assert passing(words=("李护士",)) == [FIRST, SECOND] and passing(words=("检验科", "01.01.2")) == [LATE]
    assert passing() == list(tasks.planned(session))
    rows.show_rows(task_rows(session))
    assert rows.index(rows.row_of(LATE), Column.DEADLINE).data().startswith("2020-01-31（已逾期")


def test_the_tree_ticks_what_lies_below(session: Session, planned: dict[str, str]) -> None:
    tree = CheckedTree(session)
    role, item = tree.index_of("01"), tree.index_of("01.01")
    check = Qt.ItemDataRole.CheckStateRole
    assert tree.setData(item, Qt.CheckState.Checked, check)
    assert tree.clauses == tasks.expanded(session, ["01.01"])
    assert role.data(check) == Qt.CheckState.PartiallyChecked
    assert tree.index_of("01.01.2").data(check) == Qt.CheckState.Checked
    tree.setData(role, Qt.CheckState.Checked, check)
    tree.setData(role, Qt.CheckState.Unchecked, check)
    assert not tree.clauses
    tree.tick_unassigned()
    assert tree.clauses == tasks.unassigned(session)
    assert "条未分派" in item.data()


# --- the page


def test_an_empty_page_says_what_to_do_first(
    qtbot: QtBot, make: Make, empty_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(empty_session)
    assert page.tasks.stack.currentIndex() == 1

    def choose(dialog: RolesDialog) -> None:
        dialog.boxes[0].setChecked(False)
        dialog.names[1].setText("护理")
        dialog.names[2].setText("护理")
        dialog.field.line.setText("2099年1月31日")
        push(dialog, "分派")

    answer(monkeypatch, RolesDialog, choose)
    saved(qtbot, page, lambda: push(page, "按角色分派…"))
    assert page.tasks.stack.currentIndex() == 0
    assert len(empty_session.assessment.departments) == len(empty_session.pack.roles) - 2
    assert {task.deadline for task in empty_session.assessment.tasks.values()} == {"2099-01-31"}
    assert {clause[:2] for clause in tasks.unassigned(empty_session)} == {"01"}


def test_states_and_verdicts_are_shown_whole(make: Make, session: Session, planned: dict[str, str]) -> None:
    answering.set_verdict(session, [FIRST], Verdict.PARTIAL)
    page = make(session)
    table = page.tasks.table
    for column in (Column.CLAUSE, Column.STATE, Column.VERDICT, Column.EVIDENCE):
        assert table.sizeHintForColumn(column) <= table.columnWidth(column), column


def test_a_filter_that_finds_nothing_says_why(make: Make, session: Session, planned: dict[str, str]) -> None:
    page = make(session)
    page.tasks.filter.setCurrentText("我的")
    assert shown(page) == []
    assert f"没有分给“{session.user}”的任务" in page.tasks.nothing.text()
    assert page.tasks.nothing.isVisible()
    page.tasks.search.setText("没有这样的条款")
    page.tasks.filter.setCurrentIndex(0)
    assert "没有符合的条款" in page.tasks.nothing.text()
    page.tasks.search.clear()
    page.tasks.filter.setCurrentText("已逾期")
    assert not page.tasks.nothing.isVisible()


def test_departments_show_how_far_they_are_and_filter(make: Make, session: Session, planned: dict[str, str]) -> None:
    page = make(session)
    tab = page.tasks
    assert "已逾期 1 条" in tab.count.text()
    rows = tab.departments.rows
    assert "已逾期 1 条" in rows.index(2).data(Qt.ItemDataRole.AccessibleTextRole)
    page.show_target(f"page:tasks/{planned['护理部']}")
    assert shown(page) == [FIRST, SECOND]
    tab.departments.choose(NOBODY)
    assert FIRST not in shown(page) and not tab._edit.isEnabled()
    tab.departments.choose(EVERYBODY)
    tab.filter.setCurrentIndex(tab.filter.findText("已逾期"))
    assert shown(page) == [LATE]


def test_selected_clauses_are_assigned_by_a_key(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    clause = tasks.unassigned(session)[0]

    def choose(dialog: AssignDialog) -> None:
        assert "1 条从别的科室改派过来" in dialog._foreseen.text()
        push(dialog, "分派")
        assert dialog.isVisible()  # no department yet
        dialog.department.setEditText("药学部")
        dialog.person.setEditText("钱药师")
        dialog.deadline.line.setText("明天")
        push(dialog, "分派")
        assert "不是日期" in dialog._problem.text()
        dialog.deadline.line.setText("2099/2/1")
        push(dialog, "分派")

    answer(monkeypatch, AssignDialog, choose)
    select(page, FIRST, clause)
    saved(qtbot, page, lambda: press(Qt.Key.Key_A))
    pharmacy = departments.department_named(session, "药学部")
    assert pharmacy is not None
    for assigned in (FIRST, clause):
        task = session.assessment.tasks[assigned]
        assert (task.department, task.person, task.deadline) == (pharmacy.id, "钱药师", "2099-02-01")


def test_whole_items_are_assigned_by_the_tree(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    page.tasks.departments.choose(planned["检验科"])

    def choose(dialog: AssignDialog) -> None:
        assert dialog.tree is not None and dialog.department.currentText() == "检验科"
        push(dialog, "分派")
        assert "请先勾选" in dialog._problem.text()
        dialog.tree.setData(dialog.tree.index_of("05.01"), Qt.CheckState.Checked, Qt.ItemDataRole.CheckStateRole)
        push(dialog, "分派")

    answer(monkeypatch, AssignDialog, choose)
    saved(qtbot, page, lambda: push(page, "整项分派…"))
    assert {c for c in session.assessment.tasks if c.startswith("05.01")} == set(tasks.expanded(session, ["05.01"]))


def test_states_move_by_keys_and_say_what_cannot(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    select(page, FIRST)
    press(Qt.Key.Key_3)
    assert "不能从“已分派”直接到“已验收”" in page.tasks._notice.text()
    answering.set_verdict(session, [FIRST], Verdict.UNMET)
    select(page, FIRST, SECOND)
    saved(qtbot, page, lambda: press(Qt.Key.Key_2))
    assert session.assessment.tasks[FIRST].state is WorkState.SUBMITTED
    assert "另外 1 条" in page.tasks._notice.text()

    def remark(dialog: RemarkDialog) -> None:
        push(dialog, "退回修改")
        assert dialog.isVisible()
        dialog.remark.setPlainText("截图没有时间")
        push(dialog, "退回修改")

    answer(monkeypatch, RemarkDialog, remark)
    select(page, FIRST)
    saved(qtbot, page, lambda: press(Qt.Key.Key_4))
    task = session.assessment.tasks[FIRST]
    assert (task.state, task.comment) == (WorkState.CHANGES_REQUESTED, "截图没有时间")
    place = page.tasks.rows.row_of(FIRST)
    assert "截图没有时间" in page.tasks.rows.index(place, Column.STATE).data(Qt.ItemDataRole.ToolTipRole)


def test_work_that_has_begun_is_not_unassigned_unasked(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)
    tasks.move(session, [FIRST], WorkState.IN_PROGRESS, Actor.DEPARTMENT)
    select(page, SECOND)
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete))
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: False)
    select(page, FIRST)
    press(Qt.Key.Key_Delete)
    assert FIRST in session.assessment.tasks and SECOND not in session.assessment.tasks
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: True)
    saved(qtbot, page, lambda: press(Qt.Key.Key_Delete))
    assert FIRST not in session.assessment.tasks


def test_departments_are_made_changed_and_removed(
    qtbot: QtBot, make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(session)

    def name(dialog: DepartmentDialog) -> None:
        dialog.name_line.setText("检验科")
        push(dialog, "新建")
        assert "已经有科室" in dialog._problem.text()
        dialog.name_line.setText("药学部")
        dialog.people_text.setPlainText("钱药师、孙药师\n钱药师")
        push(dialog, "新建")

    answer(monkeypatch, DepartmentDialog, name)
    saved(qtbot, page, lambda: push(page, "新建…"))
    pharmacy = departments.department_named(session, "药学部")
    assert pharmacy is not None and pharmacy.people == ("钱药师", "孙药师")
    page.tasks.departments.choose(planned["护理部"])
    answer(monkeypatch, DepartmentDialog, lambda d: (d.name_line.setText("护理"), push(d, "保存")))
    saved(qtbot, page, lambda: push(page, "编辑…"))
    assert session.assessment.departments[planned["护理部"]].name == "护理"

    def hand_over(dialog: RemoveDialog) -> None:
        dialog.choice.setCurrentIndex(dialog.choice.findData(pharmacy.id))
        push(dialog, "删除")

    answer(monkeypatch, RemoveDialog, hand_over)
    saved(qtbot, page, lambda: push(page, "删除…"))
    assert session.assessment.tasks[FIRST].department == pharmacy.id
    assert page.tasks.departments.key == EVERYBODY
    page.tasks.departments.choose(planned["检验科"])
    answer(monkeypatch, RemoveDialog, lambda d: d.reject())
    push(page, "删除…")
    assert planned["检验科"] in session.assessment.departments


def test_enter_goes_to_the_clause(qtbot: QtBot, make: Make, session: Session, planned: dict[str, str]) -> None:
    page = make(session)
    page.tasks.table.selectRow(page.tasks.rows.row_of(SECOND))
    page.tasks.table.setFocus()
    with qtbot.waitSignal(page.context.go_to) as asked:
        press(Qt.Key.Key_Return)
    assert asked.args == [f"clause:{SECOND}"]


def test_the_list_and_a_packet_are_written(
    qtbot: QtBot,
    make: Make,
    session: Session,
    planned: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    said: list[tuple[str, str]],
) -> None:
    page = make(session)
    offered: list[Path] = []

    def save(_parent: QWidget, _title: str, suggested: Path, _kinds: str) -> Path:
        offered.append(suggested)
        return tmp_path / suggested.name

    monkeypatch.setattr(dialogs, "save_file", save)
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: False)
    with qtbot.waitSignal(page.context.operations.ended) as ended:
        push(page, "任务清单…")
    assert ended.args is not None and ended.args[0].error is None
    page.tasks.departments.choose(planned["护理部"])
    answer(monkeypatch, PacketDialog, lambda d: push(d, "导出…"))
    with qtbot.waitSignal(page.context.operations.ended, timeout=20_000):
        push(page, "导出任务包…")
    qtbot.waitUntil(lambda: bool(said))
    assert "“护理部”的任务包已写好：2 条" in said[-1][1]
    assert all((tmp_path / suggested.name).stat().st_size for suggested in offered)
    assert [suggested.suffix for suggested in offered] == [".xlsx", ".zip"]


@pytest.mark.qt_log_ignore("does not support (grabbing the keyboard|raise)", extend=True)
def test_the_calendar_is_seen_whole(qtbot: QtBot, context: Context) -> None:
    assert context.theme.scale == 100
    field = DeadlineField()
    qtbot.addWidget(field)
    room = field.screen().availableGeometry()
    for top in (0, room.bottom() - 80):
        field.move(room.left(), room.top() + top)
        with qtbot.waitExposed(field):
            field.show()
        QTest.mouseClick(field.calendar, Qt.MouseButton.LeftButton)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        qtbot.waitUntil(menu.isVisible)
        assert room.contains(menu.geometry())
        days = menu.findChild(QTableView, "qt_calendar_calendarview")
        assert days is not None
        assert sum(days.rowHeight(week) for week in range(7)) <= days.viewport().height()
        menu.close()
        qtbot.waitUntil(lambda: QApplication.activePopupWidget() is None)


def test_a_deadline_is_read_as_people_write_it(qtbot: QtBot) -> None:
    field = DeadlineField()
    qtbot.addWidget(field)
    for typed in ("2026-12-1", "2026/12/01", "２０２６年１２月１日", "2026.12.1"):
        field.line.setText(typed)
        assert field.read() == "2026-12-01"
    field.line.setText(" ")
    assert field.read() == ""


def test_read_only_offers_nothing_that_writes(
    make: Make, session: Session, planned: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Context, "writable", property(lambda _: False))
    page = make(session)
    select(page, FIRST)
    tab = page.tasks
    assert not any(made.isEnabled() for made in (tab._new, tab._assign_button, tab._change, tab._states, tab._roles))
    press(Qt.Key.Key_A)
    assert tab._list.isEnabled()
