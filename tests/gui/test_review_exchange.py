"""Review files out and in, conflicts, feedback of a group, groups; and what the hospital sees."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from emrassess.domain.review import ExpertVerdict, Severity
from emrassess.gui import dialogs
from emrassess.gui.groups_dialog import ExpertNameDialog, GroupsDialog
from emrassess.gui.main_window import MainWindow
from emrassess.gui.merge_dialog import MergeDialog
from emrassess.gui.pages.review import ReviewPage
from emrassess.services import ledger, merging, reviewing
from emrassess.services.incoming import look_at
from emrassess.services.session import Session
from tests.gui.driving import Drive, named, push, words
from tests.gui.review_samples import closed, drive, experts, focused, package, page, settled, shown
from tests.services.review_samples import WARD, A, B, expert, packed, picture, sent

__all__ = ["drive", "experts", "package", "page"]


@pytest.fixture
def theirs(package: Path, tmp_path: Path) -> Path:
    """What a colleague found: A otherwise than we do, and B."""
    with expert(package, tmp_path / "同事", "专家乙") as there:
        reviewing.record(there, A, verdict=ExpertVerdict.NOT_CONFIRMED, problem="没有时间")
        reviewing.record(there, B, verdict=ExpertVerdict.CONFIRMED)
        reviewing.add_photos(there, A, [(picture(), "现场.png")])
        return sent(there, tmp_path / "同事.zip")


@pytest.fixture
def hospitals(window: MainWindow, empty_session: Session, qtbot: QtBot) -> Iterator[ReviewPage]:
    yield shown(qtbot, window, empty_session)
    closed(window)


def merging_all(qtbot: QtBot, seen: list[str]) -> Any:
    def take(dialog: MergeDialog) -> None:
        seen.append(f"{dialog.windowTitle()}\n{words(dialog)}")
        push(qtbot, dialog, "合并")

    return take


def active(qtbot: QtBot, page: ReviewPage) -> None:
    """The window has the focus again, as after any dialog."""
    page.window().activateWindow()
    qtbot.waitUntil(page.window().isActiveWindow)


# --- out


def test_a_review_file_goes_out(
    qtbot: QtBot, page: ReviewPage, experts: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tab = page.exchange
    page.tabs.setCurrentWidget(tab)
    assert not tab.export.does.isEnabled() and "还没有核查意见" in tab.export.does.toolTip()
    page.walk.writing.give_verdict(A, ExpertVerdict.PARTLY, WARD)
    settled(qtbot, page)
    assert "已有 1 条意见，其中问题 1 个" in words(tab)
    asked: list[Path] = []

    def save(_parent: object, _title: str, suggested: Path, _kinds: str) -> Path:
        asked.append(suggested)
        return tmp_path / "结果.zip"

    monkeypatch.setattr(dialogs, "save_file", save)
    QTest.mouseClick(tab.export.does, Qt.MouseButton.LeftButton)
    settled(qtbot, page)
    assert asked[0].name.startswith("示例市第一人民医院_病房组_专家甲_核查结果")
    assert look_at(tmp_path / "结果.zip").answered == 1
    qtbot.waitUntil(lambda: "已写好" in tab.export._state.text())
    QTest.keyClick(tab.group, Qt.Key.Key_Down)
    assert not tab.export.does.isEnabled()


@pytest.mark.parametrize("suffix", [".pptx", ".docx", ".pdf"])
def test_feedback_of_a_group_is_written(
    qtbot: QtBot, page: ReviewPage, experts: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, suffix: str
) -> None:
    reviewing.record(experts, A, verdict=ExpertVerdict.PARTLY, problem="没有时间", severity=Severity.SERIOUS)
    page.exchange.refresh()
    page.tabs.setCurrentWidget(page.exchange)
    out = tmp_path / f"反馈{suffix}"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: out)
    QTest.mouseClick(page.exchange.cards[suffix].does, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: "已写好" in page.exchange.cards[suffix]._state.text(), timeout=60_000)
    assert out.stat().st_size > 1000


# --- in


def test_a_colleagues_file_is_merged_and_a_conflict_decided(
    qtbot: QtBot, page: ReviewPage, experts: Session, theirs: Path, drive: Drive, said: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    page.walk.writing.give_verdict(A, ExpertVerdict.CONFIRMED, WARD)
    settled(qtbot, page)
    seen: list[str] = []
    drive(merging_all(qtbot, seen))
    monkeypatch.setattr(dialogs, "open_files", lambda *_: [theirs])
    page.exchange.choose_files()
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert seen[0].startswith("导入核查结果") and "份核查结果" in seen[0] and "任务包" not in seen[0]
    assert "合并了 1 份核查结果" in said[0][1] and "冲突" in said[0][1]
    assert experts.assessment.opinion(B).verdict is ExpertVerdict.CONFIRMED
    assert page.tabs.tabText(2) == "合并（1）"
    page.show_target("page:review/merge")
    told = words(page.merging)
    assert "核查结论" in told and "病房组 专家乙" in told and "属实" in told and "任务包" not in told
    active(qtbot, page)
    page.merging.setFocus()
    QTest.keyClick(focused(), Qt.Key.Key_2)
    settled(qtbot, page)
    assert experts.assessment.opinion(A).verdict is ExpertVerdict.NOT_CONFIRMED
    assert page.tabs.tabText(2) == "合并"
    assert page.merging.merges.rowCount() == 1


def test_reviews_and_packets_are_listed_apart(
    window: MainWindow, empty_session: Session, hospitals: ReviewPage, theirs: Path
) -> None:
    merging.merge(empty_session, [theirs])
    hospitals.show_session()
    window.go_to("page:tasks/merge")
    tasks = window.page
    assert tasks is not None and hospitals.merging.merges.rowCount() == 1
    assert tasks.merging.merges.rowCount() == 0  # pyright: ignore[reportAttributeAccessIssue]


# --- who checks, groups


def test_name_and_group_can_be_changed(qtbot: QtBot, page: ReviewPage, experts: Session, drive: Drive) -> None:
    def change(dialog: ExpertNameDialog) -> None:
        dialog._name.setText("专家己")
        dialog._group.setCurrentIndex(dialog._group.findText("数据组"))
        push(qtbot, dialog, "确定")

    drive(change)
    page.tabs.setCurrentWidget(page.exchange)
    push(qtbot, page, "更改姓名或组…")
    settled(qtbot, page)
    review = experts.assessment.review
    assert review is not None and (review.expert, review.group) == ("专家己", "data")
    assert page._who.text().startswith("专家己 · 数据组")
    assert page.walk.route.group.currentText() == "数据组（我的组）"


def test_items_move_between_groups(qtbot: QtBot, page: ReviewPage, experts: Session, drive: Drive) -> None:
    moved: list[str] = []

    def compose(dialog: GroupsDialog) -> None:
        assert not named(dialog, QPushButton, "删除这个组").isEnabled()
        push(qtbot, dialog, "加一个组")
        dialog.name.setText("门诊组")
        dialog.name.textEdited.emit("门诊组")
        assert "同名" in words(dialog) and not named(dialog, QPushButton, "确定").isEnabled()
        dialog.name.setText("手术组")
        dialog.name.textEdited.emit("手术组")
        dialog.groups.setCurrentIndex(dialog._names.index(0))
        moved.extend(dialog._groups[0].items[:2])
        for row in range(2):
            dialog.items.selectionModel().select(dialog._items.index(row), QItemSelectionModel.SelectionFlag.Select)
        dialog.target.setCurrentIndex(dialog.target.findText("手术组"))
        push(qtbot, dialog, "移过去")
        push(qtbot, dialog, "确定")

    drive(compose)
    page.tabs.setCurrentWidget(page.exchange)
    push(qtbot, page, "核查组的分法…")
    settled(qtbot, page)
    groups = experts.assessment.review_groups(experts.pack)
    assert [group.name for group in groups] == ["病房组", "门诊组", "数据组", "手术组"]
    assert list(groups[-1].items) == moved
    assert [group.quality for group in groups[:3]] == [group.quality for group in experts.pack.groups]

    def restore(dialog: GroupsDialog) -> None:
        push(qtbot, dialog, "恢复标准的分法")
        push(qtbot, dialog, "确定")

    drive(restore)
    push(qtbot, page, "核查组的分法…")
    settled(qtbot, page)
    assert experts.assessment.groups is None


# --- the hospital's own workspace


def test_the_hospital_is_told_what_to_do_first(
    qtbot: QtBot, window: MainWindow, hospitals: ReviewPage, empty_session: Session, theirs: Path, drive: Drive,
    said: list[tuple[str, str]], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert "还没有专家的核查意见" in words(hospitals)
    first = focused()
    assert isinstance(first, QPushButton) and first.text() == "导入专家的核查结果…"
    monkeypatch.setattr(dialogs, "open_files", lambda *_: [theirs])
    drive(merging_all(qtbot, []))
    QTest.keyClick(first, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    settled(qtbot, hospitals)
    assert hospitals.tabs.isVisible() and hospitals.tabs.tabText(0) == "核查意见"
    assert hospitals.walk.route.rows.way == (A,)  # those with a problem
    form = hospitals.walk.form
    assert form.texts["problem"].toPlainText() == "没有时间" and form.texts["problem"].isReadOnly()
    assert form.strip.pieces.rowCount() == 1 and not form.add_button.isVisible()
    assert not hospitals.walk.next_one.isVisible() and not hospitals.exchange.export.isVisible()
    active(qtbot, hospitals)
    hospitals.walk.take_focus()
    QTest.keyClick(focused(), Qt.Key.Key_1)
    settled(qtbot, hospitals)
    assert empty_session.assessment.opinion(A).verdict is ExpertVerdict.NOT_CONFIRMED
    assert "只能看" in hospitals.walk._notice.text()
    assert "整改台账：待整改" in hospitals.walk.side.claim.ledger.text()


def test_the_hospital_can_make_a_package_from_here(hospitals: ReviewPage, window: MainWindow) -> None:
    hospitals._make_package.click()
    assert window.page is not None and window.page.key == "reports"


# --- the next visit


def test_a_recheck_shows_what_was_and_begins_anew(
    qtbot: QtBot, window: MainWindow, empty_session: Session, theirs: Path, tmp_path: Path
) -> None:
    merging.merge(empty_session, [theirs])
    ledger.start_recheck(empty_session)
    with expert(packed(empty_session, tmp_path / "二.zip"), tmp_path / "回看", "专家丙") as there:
        page = shown(qtbot, window, there)
        assert page.walk.route.rows.way == (A,) and page.walk.route.wanted[1].value == "recheck"
        assert "第 1 次回看" in page._who.text()
        claim, form = page.walk.side.claim, page.walk.form
        assert "现场核查：不属实（专家乙" in claim.before.text() and "没有时间" in claim.before.text()
        assert "整改台账：待整改" in claim.ledger.text()
        assert form.texts["problem"].toPlainText() == "" and form.verdicts.buttons[ExpertVerdict.OPEN].isChecked()
        QTest.keyClick(focused(), Qt.Key.Key_1)
        settled(qtbot, page)
        assert there.assessment.opinion(A).verdict is ExpertVerdict.CONFIRMED
        assert not there.assessment.opinion(A).is_finding
        closed(window)
