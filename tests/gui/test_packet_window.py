"""The window on a department's packet: its clauses and no others, no level, and giving it back."""

from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QListView, QMenu, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import PacketInfo, Sender
from emrassess.domain.pack import Pack
from emrassess.domain.planning import WorkState
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.checkup import checkup_of
from emrassess.gui.models.clause_filter import ClauseFilter, shown_clauses
from emrassess.gui.models.packet_progress import deadline_of, todos
from emrassess.gui.pages.clauses import ClausesPage
from emrassess.gui.pages.evidence import EvidencePage
from emrassess.gui.pages.packet import PacketPage
from emrassess.gui.pages.tasks import TasksPage
from emrassess.gui.widgets.search_box import SearchBox
from emrassess.services import answering, tasks
from emrassess.services.packets import create_packet, look_at, open_packet
from emrassess.services.session import Session, close, open_workspace

# A whole level row, a part of one, and one above the target.
CLAUSES = ("02.01.1(1)", "02.01.4(1)", "02.01.7(1)")


@pytest.fixture
def packet(empty_session: Session, tmp_path: Path) -> Session:
    """The opened packet of a department; the window closes it."""
    tasks.assign_by_name(empty_session, CLAUSES, "护理部", "李护士", "2099-01-31")
    (department,) = empty_session.assessment.departments
    create_packet(empty_session, department, tmp_path / "包.zip", sign=False)
    open_packet(tmp_path / "包.zip", tmp_path / "科室", "李护士")
    return open_workspace(tmp_path / "科室", "李护士")


@pytest.fixture
def opened(window: MainWindow, packet: Session, qtbot: QtBot):
    window.context.set_session(packet)
    with qtbot.waitActive(window):
        window.activateWindow()
    yield window
    window.context.set_session(None)
    window.context.operations.finish()
    close(packet)


def page(window: MainWindow, key: str) -> QWidget:
    window.go_to(f"page:{key}")
    assert window.page is not None
    return window.page


def test_the_first_page_says_from_whom_by_when_and_what_next(qtbot: QtBot, opened: MainWindow) -> None:
    first = opened.page
    assert isinstance(first, PacketPage)
    facts = {name: text.text() for name, text in first._facts.items()}
    assert facts["来自"].startswith("王医生") and facts["交给"] == "护理部　李护士"
    assert facts["期限"].startswith("2099-01-31（还有") and facts["条款"] == "3 条，目标 4 级"
    begin = QApplication.focusWidget()
    assert isinstance(begin, QPushButton) and begin.text() == "开始填写"
    QTest.keyClick(begin, Qt.Key.Key_Space)
    assert isinstance(opened.page, ClausesPage) and opened.page.clause == CLAUSES[0]


def test_pages_show_only_what_is_in_the_packet(opened: MainWindow, packet: Session) -> None:
    pages = opened.findChild(QListView, "pages")
    assert pages is not None
    names = [
        pages.model().index(row, 0).data() for row in range(pages.model().rowCount()) if not pages.isRowHidden(row)
    ]
    assert names == ["任务包", "条款", "实证材料", "任务与合并", "标准"]
    opened.go_to("page:reports")
    assert isinstance(opened.page, PacketPage)
    assert not opened._header._attained.isVisible() and "护理部" in opened._header._name
    clauses = page(opened, "clauses")
    assert isinstance(clauses, ClausesPage)
    assert tuple(clauses._order) == CLAUSES
    assert clauses.tree.nodes.index_of("02").isValid() and not clauses.tree.nodes.index_of("01").isValid()
    assert not clauses._above.isVisible() and not clauses.panel.figure.isVisible()
    assert {place.level for place in clauses.panel.shares.fields} == {1}  # the only row that is all here
    opened.go_to("clause:01.01.1(1)")
    assert clauses.clause in CLAUSES and "不在这个任务包里" in clauses._notice.text()


def test_meeting_a_row_meets_only_what_is_here(qtbot: QtBot, opened: MainWindow, packet: Session) -> None:
    clauses = page(opened, "clauses")
    assert isinstance(clauses, ClausesPage)
    with qtbot.waitSignal(opened.context.changed):
        clauses.writing.meet_rows(["02.01.4"])
    met = {clause for clause, answer in packet.assessment.answers.items() if answer.verdict is Verdict.MET}
    assert met == {CLAUSES[1]}
    assert packet.assessment.tasks[CLAUSES[1]].state is WorkState.IN_PROGRESS


def test_what_the_sender_does_is_disabled_and_says_why(
    opened: MainWindow, packet: Session, empty_session: Session
) -> None:
    for key, why in (("submit", "交回"), ("snapshots", "提交记录在"), ("hospital", "由发出它的医院")):
        assert not opened.commands[key].isEnabled() and why in opened.commands[key].toolTip()
    menus = [menu for menu in opened.menuBar().findChildren(QMenu) if opened.commands["submit"] in menu.actions()]
    assert [menu.toolTipsVisible() for menu in menus] == [True]
    opened.context.set_session(empty_session)
    assert opened.commands["submit"].isEnabled() and "定版" in opened.commands["submit"].toolTip()
    assert "任务包" not in opened.commands["snapshots"].toolTip()
    opened.context.set_session(packet)


def test_the_check_up_looks_at_the_packet_only(qtbot: QtBot, opened: MainWindow, packet: Session) -> None:
    answering.set_verdict(packet, [CLAUSES[0], "01.01.1(1)"], Verdict.MET)
    opened.commands["checkup"].trigger()
    assert opened.page is not None and opened.page.key == "evidence"
    checkup = checkup_of(opened.context)
    checkup.start()
    qtbot.waitUntil(lambda: checkup.run is not None, timeout=20_000)
    assert [finding.clauses for finding in checkup.open] == [(CLAUSES[0],)]


def test_filter_and_search_stay_within_the_packet(opened: MainWindow, packet: Session) -> None:
    assert shown_clauses(packet, ClauseFilter(level=5)) == {}
    assert [c.id for c in shown_clauses(packet, above_target=True)["02.01"]] == list(CLAUSES)
    search = opened.findChild(SearchBox)
    assert search is not None
    search.open()
    search._field.setText("02.01")
    found = {search._model.hit(row).clause for row in range(search._model.rowCount())}
    assert found == set(CLAUSES)
    search._field.setText("01.01.1(1)")
    assert search._model.rowCount() == 0


def test_a_department_says_what_is_done_and_assigns_nothing(qtbot: QtBot, opened: MainWindow, packet: Session) -> None:
    answering.set_verdict(packet, [CLAUSES[0]], Verdict.MET)
    tab = page(opened, "tasks")
    assert isinstance(tab, TasksPage)
    assert not tab.tasks._left_side.isVisible() and not tab.tasks._assign_button.isVisible()
    flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    tab.tasks.table.selectionModel().select(tab.tasks.found.index(0, 0), flags)
    tab.tasks.table.setFocus()
    QTest.keyClick(tab.tasks.table, Qt.Key.Key_3)
    QTest.keyClick(tab.tasks.table, Qt.Key.Key_A)
    with qtbot.waitSignal(opened.context.changed):
        QTest.keyClick(tab.tasks.table, Qt.Key.Key_2)
    assert packet.assessment.tasks[CLAUSES[0]].state is WorkState.SUBMITTED


def test_giving_back_writes_the_packet_and_counts_as_submitted(
    qtbot: QtBot, opened: MainWindow, packet: Session, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answering.set_verdict(packet, [CLAUSES[0]], Verdict.MET)
    first = page(opened, "overview")
    assert isinstance(first, PacketPage)
    first.protection.sign.setChecked(False)
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask", lambda _, __, text, **___: not asked.append(text))
    monkeypatch.setattr(dialogs, "save_file", lambda *_: tmp_path / "交回.zip")
    with qtbot.waitSignal(opened.context.changed, timeout=20_000):
        first.back.does.click()
    assert "还有 2 条没有评" in asked[0]
    assert look_at(tmp_path / "交回.zip").answered == 1
    assert packet.assessment.tasks[CLAUSES[0]].state is WorkState.SUBMITTED
    qtbot.waitUntil(lambda: "已写好" in first.back._state.text())


def test_another_workspace_brings_its_own_pages(opened: MainWindow, packet: Session, session: Session) -> None:
    page(opened, "evidence")
    opened.context.set_session(session)
    assert opened.page is not None and not isinstance(opened.page, PacketPage)
    assert isinstance(page(opened, "evidence"), EvidencePage)
    opened.go_to("page:reports")
    assert opened.page.key == "reports"
    opened.context.set_session(packet)
    assert isinstance(opened.page, PacketPage)


def test_what_is_left_is_told(empty_session: Session, pack: Pack) -> None:
    info = PacketInfo("p", "a", "d", "护理部", "", "2026-11-24", "示例医院", Sender("王", "信息科"), CLAUSES, {})
    assert deadline_of(info, date(2026, 11, 20)) == ("2026-11-24（还有 4 天）", "")
    assert deadline_of(info, date(2026, 11, 22))[1] == "fair"
    assert deadline_of(info, date(2026, 11, 25)) == ("2026-11-24（已逾期 1 天）", "bad")
    answering.set_verdict(empty_session, list(tasks.planned(empty_session)), Verdict.MET)
    assert [todo.does for todo in todos(empty_session)] == ["去添加"]
