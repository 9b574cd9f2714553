"""整改台账: what is seen, filtered and done with keys and mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.ledger import FindingState
from emrassess.domain.review import Severity
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.ledger import Column, LedgerModel, LedgerProxy, Wanted, ledger_rows
from emrassess.gui.models.ledger_common import CommonModel
from emrassess.gui.widgets.ledger_dialogs import BackDialog, GiveDialog
from emrassess.services import departments, history, ledger
from emrassess.services.session import Session
from tests.gui.ledger_driving import (
    Make,
    answer,
    found,
    make,
    notice,
    press,
    ready,
    saved,
    select,
    shown,
    state,
)
from tests.services.ledger_samples import A1, B1, C1, REVIEW, A, B, C, imported, opinion, with_setting

__all__ = ["found", "make"]


# --- models


def test_models_keep_qts_rules(found: Session, context: Context, qtmodeltester: ModelTester) -> None:
    rows = LedgerModel(context.theme)
    proxy = LedgerProxy(rows)
    rows.show_rows(ledger_rows(found))
    for model in (rows, proxy, CommonModel(context.theme)):
        qtmodeltester.check(model)


def test_serious_supervised_and_overdue_stand_out_in_words_and_colour(found: Session, context: Context) -> None:
    ledger.assign(found, [B1], supervised=True)
    model = LedgerModel(context.theme)
    model.show_rows(ledger_rows(found))

    def cell(key: str, column: Column, role: Qt.ItemDataRole = Qt.ItemDataRole.DisplayRole) -> object:
        return model.index(model.row_of(key), column).data(role)

    assert (cell(A1, Column.SEVERITY), cell(B1, Column.SUPERVISED)) == ("严重", "挂牌督办")
    assert str(cell(A1, Column.DEADLINE)).startswith("2020-01-31\n已逾期 ")
    assert "还有" in str(cell(B1, Column.DEADLINE))
    for key, column in ((A1, Column.SEVERITY), (A1, Column.DEADLINE), (B1, Column.SUPERVISED)):
        assert cell(key, column, Qt.ItemDataRole.DecorationRole) is not None
        assert cell(key, column, Qt.ItemDataRole.ForegroundRole) == context.theme.colour("bad")
    assert cell(B1, Column.ID, Qt.ItemDataRole.BackgroundRole) == context.theme.colour("bad_soft")
    assert cell(A1, Column.ID, Qt.ItemDataRole.BackgroundRole) == context.theme.colour("fair_soft")
    assert cell(C1, Column.ID, Qt.ItemDataRole.BackgroundRole) is None
    model.tell_with_id((Column.SEVERITY, Column.SUPERVISED))
    assert (cell(A1, Column.ID), cell(B1, Column.ID), cell(C1, Column.ID)) == (f"{A1}\n严重", f"{B1}\n挂牌督办", C1)


# --- looking


def test_the_numbers_above_filter(found: Session, make: Make) -> None:
    ledger.move(found, [C1], FindingState.IN_PROGRESS)
    page = make(found)
    buttons = page.ledger.summary.buttons
    said = {name: made.text() for name, made in buttons.items()}
    assert [said[name] for name in ("全部", "待整改", "整改中", "严重", "逾期")] == [
        "全部 3", "待整改 2", "整改中 1", "严重 1", "逾期 1",
    ]  # fmt: skip
    assert buttons["全部"].isChecked()
    for name, keys in (("整改中", [C1]), ("严重", [A1]), ("逾期", [A1]), ("已销号", [])):
        QTest.mouseClick(buttons[name], Qt.MouseButton.LeftButton)
        assert shown(page) == keys
        assert buttons[name].isChecked() and not buttons["全部"].isChecked()
    assert "没有符合的" in page.ledger.count.text()
    QTest.mouseClick(buttons["已销号"], Qt.MouseButton.LeftButton)
    assert sorted(shown(page)) == [A1, B1, C1]


def test_the_filter_line_knows_whose_whereof_and_words(found: Session, make: Make, qtbot: QtBot) -> None:
    page = make(found)
    bar = page.ledger.filter
    bar.department.setCurrentText("检验科")
    assert shown(page) == [B1]
    bar.department.setCurrentText("未分派")
    assert shown(page) == [C1]
    bar.clear()
    bar.group.setCurrentText("数据组")
    assert shown(page) == [B1]
    bar.clear()
    bar.severity.setCurrentText("轻微")
    assert shown(page) == [C1]
    bar.clear()
    bar.round.setCurrentText("现场核查")
    bar.overdue.click()
    assert shown(page) == [A1]
    page.ledger.table.setFocus()
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert len(shown(page)) == 3
    press(Qt.Key.Key_F)
    assert bar.search.hasFocus()
    bar.search.insert("闭环")
    qtbot.waitUntil(lambda: shown(page) == [C1])


def test_the_details_say_who_found_what_and_what_became_of_it(found: Session, make: Make) -> None:
    page = make(found)
    select(page, A1)
    words = "\n".join(
        made.text() for made in page.ledger.details.findChildren(type(page.ledger.count)) if made.isVisible()
    )
    for said in (
        A1,
        "截图没有时间",
        "请改正",
        "专家甲",
        "病房组",
        "现场核查提出",
        "严重",
        "已逾期",
        "责任科室：护理部",
    ):
        assert said in words, said
    assert found.pack.clause_by_id[A].text in words


def test_enter_and_the_link_go_to_the_clause(found: Session, make: Make, qtbot: QtBot) -> None:
    page = make(found)
    select(page, B1)
    with qtbot.waitSignal(page.context.go_to) as gone:
        press(Qt.Key.Key_Return)
    assert gone.args == [f"clause:{B}"]
    with qtbot.waitSignal(page.context.go_to) as gone:
        QTest.mouseClick(page.ledger.details.clause_button, Qt.MouseButton.LeftButton)
    assert gone.args == [f"clause:{B}"]


def test_a_target_takes_a_finding_in_hand_even_where_it_is_filtered_away(found: Session, make: Make) -> None:
    page = make(found)
    page.ledger.filter.show_wanted(Wanted(severity=Severity.SERIOUS))
    page.show_target(f"page:ledger/{C1}")
    assert page.ledger.in_hand is not None and page.ledger.in_hand.id == C1
    page.show_target(f"page:ledger/{B}")
    assert shown(page) == [B1]
    page.show_target("page:ledger/common")
    assert page.tabs.currentWidget() is page.common


# --- states


def test_done_is_refused_with_the_reason_and_taken_once_measures_and_proof_are_there(
    found: Session, make: Make, qtbot: QtBot
) -> None:
    page = make(found)
    select(page, A1)
    done = page.ledger.buttons["ledger.done"]
    assert not done.isEnabled()
    assert "整改措施和整改后的材料" in done.toolTip()
    press(Qt.Key.Key_2)
    assert "还没有整改措施和整改后的材料，不能报完成" in notice(page)
    saved(qtbot, page, lambda: press(Qt.Key.Key_1))
    assert state(found, A1) is FindingState.IN_PROGRESS
    saved(
        qtbot,
        page,
        lambda: page.ledger.writing._attach(A1, []) or ready(found, A1) or page.ledger.writing.supervise([A1]),
    )
    page.ledger.table.setFocus()
    assert done.isEnabled()
    saved(qtbot, page, lambda: QTest.mouseClick(done, Qt.MouseButton.LeftButton))
    assert state(found, A1) is FindingState.DONE


def test_measures_that_are_just_typed_count(found: Session, make: Make, qtbot: QtBot) -> None:
    ready(found, A1)
    ledger.assign(found, [A1], measures="")
    page = make(found)
    select(page, A1)
    done = page.ledger.buttons["ledger.done"]
    assert not done.isEnabled()
    press(Qt.Key.Key_W)
    page.ledger.details.fields.measures.insertPlainText("改好了")
    assert done.isEnabled()
    QTest.mouseClick(done, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: state(found, A1) is FindingState.DONE)
    assert found.assessment.findings[A1].measures == "改好了"


def test_nobody_checks_again_what_they_claimed_themselves(
    found: Session, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    ready(found, A1)
    ledger.move(found, [A1], FindingState.DONE)
    page = make(found)
    select(page, A1)
    close, back = page.ledger.buttons["ledger.close"], page.ledger.buttons["ledger.reopen"]
    assert not close.isEnabled() and not back.isEnabled()
    press(Qt.Key.Key_3)
    assert "自己报的完成，不能由本人回看" in notice(page)
    found.answer_as("质控科")
    page.show_session()
    select(page, A1)
    assert close.isEnabled() and back.isEnabled()
    answer(
        monkeypatch,
        BackDialog,
        lambda dialog: (dialog.accept(), dialog.note.setPlainText("看不到时间"), dialog.accept()),
    )
    saved(qtbot, page, lambda: press(Qt.Key.Key_4))
    assert state(found, A1) is FindingState.REOPENED
    assert found.assessment.findings[A1].history[-1].what == "退回再改：看不到时间"
    saved(qtbot, page, lambda: page.ledger.writing.move([A1], FindingState.DONE))
    found.answer_as("王医生")
    page.show_session()
    select(page, A1)
    saved(qtbot, page, lambda: press(Qt.Key.Key_3))
    assert state(found, A1) is FindingState.CLOSED


def test_several_at_once_and_what_cannot_be_moved_is_named(found: Session, make: Make, qtbot: QtBot) -> None:
    ledger.move(found, [A1], FindingState.IN_PROGRESS)
    page = make(found)
    select(page, A1, B1, C1)
    assert "选中 3 个" in page.ledger.count.text()
    saved(qtbot, page, lambda: press(Qt.Key.Key_1))
    assert {state(found, key) for key in (A1, B1, C1)} == {FindingState.IN_PROGRESS}
    assert "另外 1 个没有动" in notice(page) and A in notice(page)
    assert page.ledger.selected == shown(page)
    saved(qtbot, page, lambda: press(Qt.Key.Key_S))
    assert all(found.assessment.findings[key].supervised for key in (A1, B1, C1))
    assert page.ledger.buttons["ledger.supervise"].text() == "解除督办"
    saved(qtbot, page, lambda: page.context.operations.write("撤销", history.undo))
    assert not any(found.assessment.findings[key].supervised for key in (A1, B1, C1))


def test_giving_findings_to_somebody(found: Session, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    departments.add_department(found, "药学部", ["孙药师"])
    page = make(found)
    select(page, A1, C1)

    def fill(dialog: GiveDialog) -> None:
        dialog.accept()
        assert dialog.isVisible()  # nothing is ticked yet
        dialog.department.setEditText("药学部")
        assert dialog.owner.itemText(0) == "孙药师"
        dialog.deadline.line.setText("2026年13月1日")
        dialog.accept()
        assert dialog.isVisible()
        dialog.deadline.line.setText("2026/12/31")
        dialog.accept()

    answer(monkeypatch, GiveDialog, fill)
    saved(qtbot, page, lambda: press(Qt.Key.Key_A))
    for key, owner in ((A1, "李护士"), (C1, "")):
        finding = found.assessment.findings[key]
        assert (finding.department, finding.owner, finding.deadline) == ("药学部", owner, "2026-12-31")


def test_the_context_menu_says_why_something_cannot_be_done(
    found: Session, make: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = make(found)
    select(page, B1)
    opened: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: opened.append(menu))
    place = page.ledger.table.visualRect(page.ledger.found.place_of(B1)).center()
    page.ledger.table.customContextMenuRequested.emit(place)
    offered = {made.text(): made for made in opened[0].actions()}
    assert offered["开始整改"].isEnabled()
    assert not offered["回看通过（销号）"].isEnabled()
    assert "不能改为“已销号”" in offered["回看通过（销号）"].toolTip()


# --- rounds, empty, read-only


def test_the_next_round_begins_once_it_is_said_what_that_does(
    found: Session, make: Make, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "ask", lambda _p, _t, text, detail, **_: bool(asked.append(text + detail)) or True)
    page = make(found)
    saved(qtbot, page, page.recheck.click)
    assert "第 1 次回看" in asked[0] and "材料包会带上这份台账" in asked[0]
    assert found.assessment.review_round == 2
    assert not page.recheck.isEnabled()
    assert "还没有导入第 1 次回看的核查意见" in page.recheck.toolTip()


def test_an_empty_ledger_says_what_brings_the_findings(
    session: Session, make: Make, monkeypatch: pytest.MonkeyPatch, qtbot: QtBot
) -> None:
    page = make(session)
    assert page.ledger.empty.isVisible() and page.ledger.empty.does.hasFocus()
    assert not page.tabs.isTabEnabled(1) and not page.export.isEnabled()
    asked: list[str] = []
    monkeypatch.setattr(dialogs, "open_files", lambda _p, title, *_: asked.append(title) or [])
    press(Qt.Key.Key_Space)
    assert asked == ["导入专家的核查结果"]
    imported(session, {A: opinion("截图没有时间")})
    page.show_session()
    assert not page.ledger.empty.isVisible() and shown(page) == [A1]


def test_an_expert_reads_the_ledger_of_earlier_rounds(found: Session, make: Make) -> None:
    with_setting(found, "review", REVIEW)
    page = make(found)
    select(page, A1)
    assert not any(made.isVisible() for made in page.ledger.buttons.values())
    assert not page.reviews.isVisible() and page.export.isVisible()
    fields = page.ledger.details.fields
    assert not fields.owner.isVisible() and "责任人：李护士" in fields.told.text()
    press(Qt.Key.Key_1)
    assert "只能看，不能改" in notice(page)
    assert state(found, A1) is FindingState.OPEN


# --- common problems


def test_common_problems_lead_to_their_findings(session: Session, make: Make, qtbot: QtBot) -> None:
    imported(session, {A: opinion("截图没有时间"), B: opinion("截图没有时间。"), C: opinion("闭环缺环节")})
    page = make(session)
    page.tabs.setCurrentWidget(page.common)
    table = page.common.table
    qtbot.waitUntil(lambda: table.model().rowCount() == 2)
    assert [table.model().index(0, column).data() for column in (0, 1, 2)] == ["截图没有时间", "2", "2"]
    page.common.by_clause.click()
    assert table.model().rowCount() == 3
    page.common.by_phrase.click()
    table.setFocus()
    table.selectRow(0)
    press(Qt.Key.Key_Return)
    assert page.tabs.currentWidget() is page.ledger
    assert sorted(shown(page)) == [A1, B1]
    assert "常见问题：截图没有时间" in page.ledger.count.text()
