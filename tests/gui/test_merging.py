"""Merging in the window: conflicts side by side, taking a merge back."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QListView, QPushButton, QTextEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.merging import ConflictModel, MergeModel, PacketModel
from emrassess.gui.pages.tasks import TasksPage
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.services import evidence, merging
from emrassess.services.deciding import conflicts
from emrassess.services.packets import create_packet, open_packet
from emrassess.services.session import Session, close, open_workspace
from tests.gui.driving import named, push, words
from tests.gui.merge_samples import (
    OURS,
    THEIRS,
    conflicting,
    listed,
    returned,
    settled,
    tab,
)
from tests.services.packet_samples import LAB, A, B, assign, attach, department_id, working

__all__ = ["conflicting", "returned", "tab"]


# --- conflicts


@pytest.fixture
def merged(qtbot: QtBot, tab: MergeTab, empty_session: Session, conflicting: Path) -> MergeTab:
    """The tab after the merge that left conflicts about the verdict and the note of A."""
    tab._context.operations.write("合并", lambda session: merging.merge(session, [conflicting]).changes[-1])
    settled(qtbot, tab._context)
    assert len(listed(tab)) == 2
    named(tab, QListView, "等待决定的冲突").setFocus()
    return tab


def test_pictures_keep_their_room_in_large_text(qtbot: QtBot, merged: MergeTab) -> None:
    merged._context.theme.set_scale(150)
    merged.resize(1100, 560)
    preview = merged._view.ours.preview
    preview.show()
    qtbot.waitUntil(lambda: preview.height() >= merged._context.theme.px(200))
    assert all(button.visibleRegion().boundingRect() == button.rect() for button in merged._view.buttons.values())


def press(qtbot: QtBot, tab: MergeTab, key: Qt.Key) -> None:
    qtbot.keyClick(named(tab, QListView, "等待决定的冲突"), key)
    settled(qtbot, tab._context)


def test_conflicts_are_decided_by_keys_one_after_the_other(
    qtbot: QtBot, merged: MergeTab, empty_session: Session, window: MainWindow
) -> None:
    tab = merged
    press(qtbot, tab, Qt.Key.Key_3)  # a verdict cannot be both
    assert len(listed(tab)) == 2
    press(qtbot, tab, Qt.Key.Key_J)
    assert named(tab, QTextEdit, "我们的文字").toPlainText() == OURS
    assert named(tab, QTextEdit, "对方的文字").toPlainText() == THEIRS
    assert "underline" in named(tab, QTextEdit, "对方的文字").toHtml()
    assert "发出任务包时：（空）" in words(tab)
    press(qtbot, tab, Qt.Key.Key_K)
    press(qtbot, tab, Qt.Key.Key_2)
    assert empty_session.assessment.answer(A).verdict is Verdict.MET
    assert listed(tab) == [f"{A} 说明"]
    press(qtbot, tab, Qt.Key.Key_3)
    assert empty_session.assessment.answer(A).note == f"{OURS}\n{THEIRS}"
    assert "没有等待决定的冲突" in words(tab)
    window.commands.trigger("undo")
    settled(qtbot, tab._context)
    assert listed(tab) == [f"{A} 说明"]
    press(qtbot, tab, Qt.Key.Key_1)
    assert empty_session.assessment.answer(A).note == OURS


def test_keys_work_while_a_text_has_the_focus(qtbot: QtBot, merged: MergeTab, empty_session: Session) -> None:
    press(qtbot, merged, Qt.Key.Key_J)
    text = named(merged, QTextEdit, "对方的文字")
    text.setFocus()
    qtbot.keyClick(text, Qt.Key.Key_2)
    settled(qtbot, merged._context)
    assert empty_session.assessment.answer(A).note == THEIRS


def test_a_key_pressed_twice_decides_one(qtbot: QtBot, merged: MergeTab, empty_session: Session, said: list) -> None:
    conflicts_list = named(merged, QListView, "等待决定的冲突")
    for _ in range(2):
        qtbot.keyClick(conflicts_list, Qt.Key.Key_2)
    settled(qtbot, merged._context)
    assert len(listed(merged)) == 1
    assert empty_session.assessment.answer(A).note == OURS
    assert not said


def test_conflicts_wait_across_a_restart_and_are_decided_by_mouse(
    qtbot: QtBot, merged: MergeTab, empty_session: Session, window: MainWindow
) -> None:
    window.context.set_session(None)
    folder = empty_session.workspace.folder
    close(empty_session)
    again = open_workspace(folder, "王医生")
    window.context.set_session(again)
    window.go_to("page:tasks/merge")
    page = window.page
    assert isinstance(page, TasksPage)
    assert len(listed(page.merging)) == 2
    push(qtbot, page.merging, "采用对方的")
    settled(qtbot, window.context)
    assert again.assessment.answer(A).verdict is Verdict.MET
    window.context.set_session(None)
    close(again)


def test_pictures_of_both_sides_are_shown(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, returned: Callable[..., Path]
) -> None:
    piece = attach(empty_session, b"first", A, title="界面")
    packet = returned(lambda s: evidence.replace_evidence(s, piece.id, b"theirs", "对方.txt"))
    evidence.replace_evidence(empty_session, piece.id, b"ours", "我们.txt")
    tab._context.operations.write("合并", lambda session: merging.merge(session, [packet]).changes[-1])
    settled(qtbot, tab._context)
    assert listed(tab) == [f"{A} 实证材料“界面”的文件"]
    sides = tab._view.ours.preview, tab._view.theirs.preview
    qtbot.waitUntil(lambda: [side.text.toPlainText() for side in sides] == ["ours", "theirs"], timeout=10_000)
    assert "截图.txt" in words(tab)  # what went out
    assert not named(sides[1], QPushButton, "遮盖…").isVisible()
    push(qtbot, tab, "采用对方的")
    settled(qtbot, tab._context)
    assert empty_session.assessment.evidence[piece.id].current.file_name == "对方.txt"


def test_a_piece_removed_here_can_come_back(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, returned: Callable[..., Path]
) -> None:
    piece = attach(empty_session, b"first", A, title="界面")
    packet = returned(lambda s: evidence.replace_evidence(s, piece.id, b"theirs", "对方.txt"))
    evidence.unlink_evidence(empty_session, piece.id, A)
    evidence.remove_evidence(empty_session, piece.id)
    tab._context.operations.write("合并", lambda session: merging.merge(session, [packet]).changes[-1])
    settled(qtbot, tab._context)
    assert "这边已删去，对方有修改" in words(tab)
    assert "（没有这件材料）" in words(tab)
    qtbot.waitUntil(lambda: tab._view.theirs.preview.text.toPlainText() == "theirs", timeout=10_000)
    press(qtbot, tab, Qt.Key.Key_2)
    assert empty_session.assessment.evidence[piece.id].clauses == (A,)


# --- taken back


def test_a_merge_is_taken_back_as_a_whole(
    qtbot: QtBot, merged: MergeTab, empty_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def ask(_parent: object, _title: str, text: str, *_: object, **__: object) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr(dialogs, "ask", ask)
    push(qtbot, merged, "撤销这次合并")
    settled(qtbot, merged._context)
    assert LAB in asked[0]
    assert empty_session.assessment.answer(B).verdict is Verdict.NOT_ASSESSED
    assert not empty_session.assessment.merges
    assert "还没有合并过任务包" in words(merged)


# --- where nothing can be merged


def test_a_packet_or_a_read_only_workspace_merges_nothing(
    qtbot: QtBot, window: MainWindow, empty_session: Session, tmp_path: Path
) -> None:
    assign(empty_session, A)
    create_packet(empty_session, department_id(empty_session), tmp_path / "去.zip")
    open_packet(tmp_path / "去.zip", tmp_path / "科室", "王五")
    with working(tmp_path / "科室") as there:
        window.context.set_session(there)
        tab = MergeTab(window.context)
        qtbot.addWidget(tab)
        tab.show()
        assert "这里打开的是科室任务包" in words(tab)
        assert not named(tab, QPushButton, "合并交回的任务包…").isEnabled()
        window.context.set_session(None)
    reading = open_workspace(tmp_path / "科室", "王五", write=False)
    window.context.set_session(reading)
    tab.show_session()
    assert not named(tab, QPushButton, "合并交回的任务包…").isEnabled()
    window.context.set_session(None)
    close(reading)


# --- models


def test_the_models_are_sound(empty_session: Session, conflicting: Path) -> None:
    found = merging.preview(empty_session, [conflicting, conflicting.with_name("没有.zip")])
    packets = PacketModel(found)
    merging.merge(empty_session, [conflicting])
    waiting, done = ConflictModel(), MergeModel()
    waiting.show_conflicts(conflicts(empty_session), empty_session)
    done.show_merges(empty_session)
    for model in (packets, waiting, done):
        assert model.rowCount()
        ModelTester(None).check(model)
    assert waiting.row_of(conflicts(empty_session)[1].id) == 1
    assert waiting.row_of("none") == -1
