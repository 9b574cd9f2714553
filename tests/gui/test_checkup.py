"""The check-up before submission in the window: run, look, go and mend, accept with a reason, take that back."""

import threading
from collections.abc import Callable, Iterator
from typing import TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Acceptance
from emrassess.domain.checkup import Finding, FindingKind, about_clause
from emrassess.errors import Cancelled
from emrassess.gui.checkup_panel import CheckupPanel
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.checkup import Checkup, FindingTree, checkup_of, standing
from emrassess.gui.pages.evidence import EvidencePage
from emrassess.gui.pages.reports import ReportsPage
from emrassess.services import answering, checkup
from emrassess.services.evidence import NewEvidence, add_evidence
from emrassess.services.history import undo
from emrassess.services.session import Session, close, open_workspace
from tests.services.test_checkup import ID_NUMBER, packed, screen

FIRST, SECOND = "01.01.3(1)", "01.01.3(2)"
W = TypeVar("W", bound=QWidget)


@pytest.fixture
def faulty(empty_session: Session) -> Session:
    """Two clauses met without evidence, a list with an ID number, and two pictures that look alike."""
    answering.set_verdict(empty_session, [FIRST, SECOND], Verdict.MET)
    text = f"这里写的是怎样使用医嘱功能，身份证号 {ID_NUMBER} 没有删去".encode()
    add(empty_session, text, "名单.txt", "名单", "01.01.4(1)")
    add(empty_session, packed(screen(1)), "甲.png", "甲", "01.01.4(1)")
    add(empty_session, packed(screen(1).resize((1300, 731))), "乙.png", "乙", "01.02.3(1)")
    return empty_session


def add(session: Session, data: bytes, name: str, title: str, clause: str) -> str:
    new = NewEvidence(data, name, f"示例市第一人民医院 {title}", None, "住院医师工作站", "2026-11-20 08:30")
    (piece,) = add_evidence(session, [new], [clause]).evidence
    return piece


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, faulty: Session) -> MainWindow:
    return _open(qtbot, window, faulty)


def _open(qtbot: QtBot, window: MainWindow, session: Session) -> MainWindow:
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def panel(qtbot: QtBot, opened: MainWindow) -> CheckupPanel:
    """Run, as a person does it by keys."""
    return run(qtbot, opened)


def run(qtbot: QtBot, window: MainWindow) -> CheckupPanel:
    qtbot.keyClick(window, Qt.Key.Key_F7)
    found = panel_of(window)
    state = checkup_of(window.context)
    assert found.begin.hasFocus()
    qtbot.keyClick(found.begin, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: state.handle is None and state.run is not None, timeout=20_000)
    return found


def panel_of(window: MainWindow) -> CheckupPanel:
    assert isinstance(window.page, EvidencePage)
    return window.page.checkup


def named(parent: QWidget, kind: type[W], name: str) -> W:
    return next(w for w in parent.findChildren(kind) if w.accessibleName() == name)


def words(parent: QWidget) -> str:
    return "\n".join(made.text() for made in parent.findChildren(QLabel) if made.isVisible())


def push(qtbot: QtBot, parent: QWidget, name: str) -> None:
    found = named(parent, QPushButton, name)
    assert found.isEnabled()
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def written(qtbot: QtBot, window: MainWindow, act: Callable[[], object]) -> None:
    with qtbot.waitSignal(window.context.changed):
        act()


def kinds(panel: CheckupPanel) -> list[str]:
    model = panel.findings
    return [model.index(row, 0).data() for row in range(model.rowCount())]


def choose(panel: CheckupPanel, kind: FindingKind, number: int = 0) -> Finding:
    """Select the finding of a kind as a click would."""
    key = [key for key in panel.findings.ids() if key.startswith(f"{kind.value}:")][number]
    index = panel.findings.index_of(key)
    panel.view.setCurrentIndex(index)
    (finding,) = panel.view.selected()
    return finding


def accept(qtbot: QtBot, window: MainWindow, panel: CheckupPanel, reason: str) -> None:
    named(panel, QLineEdit, "接受的理由").setText(reason)
    written(qtbot, window, lambda: push(qtbot, panel, "接受"))


def test_findings_stand_by_kind_the_gravest_first(panel: CheckupPanel) -> None:
    assert kinds(panel) == ["露出身份证号", "自评达标但没有实证材料", "几张图片几乎一样"]
    heads = [panel.findings.index(row, 0) for row in range(3)]
    told = [head.data(Qt.ItemDataRole.AccessibleTextRole) for head in heads]
    assert told[:2] == ["须处理：露出身份证号，1 个", "须处理：自评达标但没有实证材料，2 个"]
    assert "还有 4 个问题待处理，其中 3 个须处理" in words(panel)
    assert named(panel, QComboBox, "显示哪些问题").currentText() == "待处理（4）"
    # The first is in hand, and says everything about itself; the number itself is not shown in full.
    said = words(panel.details)
    assert "专家会当场退回" in said
    assert "删去" in said
    assert ID_NUMBER not in said


def test_the_list_leads_to_the_clause_and_back(qtbot: QtBot, opened: MainWindow, panel: CheckupPanel) -> None:
    choose(panel, FindingKind.UNPROVEN, 1)
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert opened.page is not None
    assert opened.page.key == "clauses"
    qtbot.keyClick(opened, Qt.Key.Key_F7)
    assert panel_of(opened) is panel
    assert panel.view.hasFocus()
    (finding,) = panel.view.selected()
    assert finding.clauses == (SECOND,)


def test_a_piece_is_shown_and_leads_to_its_form(qtbot: QtBot, opened: MainWindow, panel: CheckupPanel) -> None:
    finding = choose(panel, FindingKind.SIMILAR)
    strip, preview = panel.details.strip, panel.details.preview
    assert strip.pieces.rowCount() == 2
    assert preview.piece is not None
    assert preview.piece.id == finding.evidence[0]
    strip.setFocus()
    qtbot.keyClick(strip, Qt.Key.Key_Down)
    assert preview.piece.id == finding.evidence[1]
    push(qtbot, panel, "去处理")
    page = opened.page
    assert isinstance(page, EvidencePage)
    assert page.table.isVisible()
    assert page.form.piece is not None
    assert page.form.piece.id == finding.evidence[0]


def test_a_kind_folds(qtbot: QtBot, panel: CheckupPanel) -> None:
    panel.view.setCurrentIndex(panel.findings.index(1, 0))
    assert "选中 2 个：自评达标但没有实证材料" in words(panel.details)
    assert not named(panel, QPushButton, "去处理").isEnabled()
    qtbot.keyClick(panel.view, Qt.Key.Key_Return)
    assert not panel.view.isExpanded(panel.findings.index(1, 0))


def test_what_is_accepted_with_a_reason_is_no_longer_open(
    qtbot: QtBot, opened: MainWindow, panel: CheckupPanel, faulty: Session
) -> None:
    finding = choose(panel, FindingKind.UNPROVEN)
    button = named(panel, QPushButton, "接受")
    assert not button.isEnabled()
    named(panel, QLineEdit, "接受的理由").setText("　 ")
    assert not button.isEnabled()
    accept(qtbot, opened, panel, "现场演示")
    assert faulty.assessment.accepted[finding.id].reason == "现场演示"
    assert named(panel, QLineEdit, "接受的理由").text() == ""
    # The neighbour is next, and nothing is out of date.
    (following,) = panel.view.selected()
    assert following.clauses == (SECOND,)
    assert not checkup_of(opened.context).stale
    which = named(panel, QComboBox, "显示哪些问题")
    assert which.currentText() == "待处理（3）"
    which.setCurrentIndex(1)
    assert which.currentText() == "已接受（1）"
    assert panel.findings.ids() == (finding.id,)
    assert "已接受：现场演示（王医生" in words(panel.details)
    assert not named(panel, QPushButton, "接受").isVisible()
    written(qtbot, opened, lambda: push(qtbot, panel, "撤回接受"))
    assert panel.findings.ids() == ()
    assert not faulty.assessment.accepted
    written(qtbot, opened, lambda: opened.context.operations.write("撤销", undo))
    assert panel.findings.ids() == (finding.id,)


def test_a_whole_kind_is_accepted_at_once(
    qtbot: QtBot, opened: MainWindow, panel: CheckupPanel, faulty: Session
) -> None:
    panel.view.setCurrentIndex(panel.findings.index(1, 0))
    accept(qtbot, opened, panel, "现场演示")
    assert len(faulty.assessment.accepted) == 2
    assert kinds(panel) == ["露出身份证号", "几张图片几乎一样"]
    panel.which.setCurrentIndex(2)
    assert len(panel.findings.ids()) == 4
    panel.view.selectAll()
    assert "选中 4 个：3 类问题" in words(panel.details)
    written(qtbot, opened, lambda: push(qtbot, panel, "撤回接受"))
    assert not faulty.assessment.accepted


def test_changes_put_it_out_of_date(qtbot: QtBot, opened: MainWindow, panel: CheckupPanel, faulty: Session) -> None:
    operations = opened.context.operations
    written(qtbot, opened, lambda: operations.write("自评", answering.set_verdict, [FIRST], Verdict.UNMET))
    assert "之后又有改动，请重新检查" in words(panel)
    written(qtbot, opened, lambda: operations.write("撤销", undo))
    assert "请重新检查" not in words(panel)
    written(qtbot, opened, lambda: operations.write("自评", answering.set_verdict, [FIRST, SECOND], Verdict.UNMET))
    push(qtbot, panel, "重新检查")
    qtbot.waitUntil(lambda: len(panel.findings.ids()) == 2)
    assert "请重新检查" not in words(panel)
    assert panel.view.hasFocus()
    assert len(faulty.assessment.evidence) == 3


def test_nothing_to_find_is_said(qtbot: QtBot, window: MainWindow, empty_session: Session) -> None:
    panel = run(qtbot, _open(qtbot, window, empty_session))
    assert "可以送审了" in words(panel)
    assert "没有待处理的问题" in words(panel)
    assert panel.start.hasFocus()


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Each check-up waits for this event, reporting until then."""
    go = threading.Event()

    def wait(session: Session, progress: Callable[[int, int, str], None], checks: object) -> tuple[Finding, ...]:
        while not go.wait(0.01):
            progress(1, 2, "检查文件")
        return ()

    monkeypatch.setattr(checkup, "run", wait)
    yield go
    go.set()


def test_it_can_be_cancelled(qtbot: QtBot, opened: MainWindow, held: threading.Event) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_F7)
    panel, state = panel_of(opened), checkup_of(opened.context)
    push(qtbot, panel, "开始检查")
    qtbot.waitUntil(lambda: "检查文件 1/2" in words(panel))
    assert "正在进行" in words(panel)
    assert not panel.begin.isEnabled()
    cancel = named(panel, QPushButton, "取消")
    assert cancel.hasFocus()
    with qtbot.waitSignal(opened.context.operations.failed) as failed:
        qtbot.keyClick(cancel, Qt.Key.Key_Space)
    assert isinstance(failed.args[0].error, Cancelled)  # type: ignore[index]
    assert state.run is None
    assert panel.begin.hasFocus()


def test_another_workspace_forgets_it(
    qtbot: QtBot, opened: MainWindow, faulty: Session, session: Session, held: threading.Event
) -> None:
    state = checkup_of(opened.context)
    state.start()
    with qtbot.waitSignal(opened.context.operations.ended):
        opened.context.set_session(session)
    assert state.run is None
    assert state.handle is None
    assert standing(state) == "还没有做送审前体检。"
    held.set()
    state.start()
    qtbot.waitUntil(lambda: state.run is not None)
    opened.context.set_session(faulty)
    assert state.run is None


def test_keys_of_the_table_stay_with_the_table(qtbot: QtBot, opened: MainWindow, panel: CheckupPanel) -> None:
    page = opened.page
    assert isinstance(page, EvidencePage)
    assert page.form.piece is not None
    page.table.setFocus()
    qtbot.keyClick(panel.view, Qt.Key.Key_Delete, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(panel.view, Qt.Key.Key_F)
    assert not opened.context.operations.busy
    assert len(page.rows._ids) == 3


def test_the_package_card_says_how_it_stands(qtbot: QtBot, opened: MainWindow) -> None:
    opened.go_to("page:reports")
    page = opened.page
    assert isinstance(page, ReportsPage)
    assert "还没有做送审前体检" in words(page)
    push(qtbot, page, "去体检")
    run(qtbot, opened)
    opened.go_to("page:reports")
    assert "还有 4 个问题待处理，其中 3 个须处理" in words(page)
    operations = opened.context.operations
    written(qtbot, opened, lambda: operations.write("自评", answering.set_verdict, [FIRST], Verdict.UNMET))
    assert "之后又有改动" in words(page)


def test_a_read_only_workspace_is_checked_but_not_accepted(qtbot: QtBot, window: MainWindow, faulty: Session) -> None:
    close(faulty)
    looked_at = open_workspace(faulty.workspace.folder, "李医生", write=False)
    try:
        panel = run(qtbot, _open(qtbot, window, looked_at))
        assert len(panel.findings.ids()) == 4
        assert not named(panel, QLineEdit, "接受的理由").isEnabled()
        assert "只读" in words(panel.details)
    finally:
        window.context.set_session(None)
        close(looked_at)


def test_the_tree_keeps_qts_rules(qtmodeltester: ModelTester) -> None:
    model = FindingTree()
    qtmodeltester.check(model)
    clauses = [f"01.01.1({number})" for number in range(1, 5)]
    found = [about_clause(FindingKind.UNPROVEN, clause, clause, "没有", ()) for clause in clauses]
    model.show(found, {found[0].id: Acceptance("看过", "王医生", "2026-11-22T08:00:00+08:00")})
    qtmodeltester.check(model)
    first = model.index_of(found[0].id)
    assert first.data(Qt.ItemDataRole.AccessibleTextRole) == "01.01.1(1)，已接受　没有"
    assert model.parent(first) == model.index(0, 0)
    assert not model.index_of("none").isValid()


def test_there_is_one_for_all_pages(opened: MainWindow) -> None:
    assert checkup_of(opened.context) is checkup_of(opened.context)
    assert len(opened.context.findChildren(Checkup)) == 1
