"""Merging in the window: what packets bring is looked at first, then merged."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTableView, QTextEdit
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Box
from emrassess.errors import StorageError
from emrassess.gui import dialogs
from emrassess.gui.merge_dialog import MergeDialog
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.services import answering, evidence, masking, merging
from emrassess.services.session import Session
from tests.gui.driving import Drive, named, push, words
from tests.gui.merge_samples import (
    PASSPHRASE,
    conflicting,
    drawn,
    drive,
    listed,
    returned,
    tab,
    take,
)
from tests.services.packet_samples import A, B, C, attach

__all__ = ["conflicting", "drive", "returned", "tab"]


def test_the_preview_says_what_would_happen_and_then_it_does(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, conflicting: Path, drive: Drive, said: list,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
) -> None:  # fmt: skip
    other = tmp_path / "另一个.txt"
    other.write_text("no packet")
    monkeypatch.setattr(dialogs, "open_files", lambda *_: [conflicting, other, conflicting])

    def look(dialog: MergeDialog) -> None:
        assert "合并 1 个任务包，另有 1 个不合并：采用 1 处；2 处冲突留给你决定" in words(dialog)
        assert "本机的签名" in words(dialog)
        table = named(dialog, QTableView, "会改什么")
        cells = {tuple(table.model().index(row, col).data() for col in range(4)) for row in range(3)}
        assert ("冲突", A, "自评结论", "× 未达标 → ✓ 达标") in cells
        assert ("采用", B, "自评结论", "○ 待评 → ✓ 达标") in cells
        kinds = named(dialog, QComboBox, "显示哪些改动")
        kinds.setCurrentIndex(kinds.findText("采用（1）"))
        assert named(dialog, QTextEdit, "新文字").toPlainText() == "✓ 达标"
        packets = named(dialog, QTableView, "任务包")
        packets.setFocus()
        qtbot.keyClick(packets, Qt.Key.Key_Down)
        assert "另一个.txt 不能合并" in words(dialog)
        qtbot.keyClick(packets, Qt.Key.Key_Up)
        qtbot.keyClick(packets, Qt.Key.Key_Space)
        assert not named(dialog, QPushButton, "合并").isEnabled()
        qtbot.keyClick(packets, Qt.Key.Key_Space)
        assert empty_session.assessment.answer(B).verdict is Verdict.NOT_ASSESSED
        push(qtbot, dialog, "合并")

    drive(look)
    push(qtbot, tab, "合并交回的任务包…")
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("inform", "合并了 1 个任务包，采用 1 处。有 2 处冲突等你决定。")]
    assert empty_session.assessment.answer(B).verdict is Verdict.MET
    assert listed(tab) == [f"{A} 自评结论", f"{A} 说明"]
    assert "采用 1 处，冲突 2 处（还有 2 处没有决定）" in str(tab.merges.index(0).data(Qt.ItemDataRole.ToolTipRole))


def test_nothing_happens_without_consent(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, conflicting: Path, drive: Drive
) -> None:
    drive(lambda dialog: qtbot.keyClick(dialog, Qt.Key.Key_Escape))
    tab.merge_files([conflicting])
    qtbot.waitUntil(lambda: not drive.left, timeout=20_000)
    assert not empty_session.assessment.merges
    assert "还没有合并过任务包" in words(tab)


def test_the_same_packet_again_has_nothing_to_merge(
    qtbot: QtBot, tab: MergeTab, conflicting: Path, drive: Drive, said: list
) -> None:
    def look(dialog: MergeDialog) -> None:
        assert not named(dialog, QPushButton, "合并").isEnabled()
        assert "已合并过" in str(named(dialog, QTableView, "任务包").model().index(0, 7).data())
        dialog.reject()

    drive(take(qtbot), look)
    tab.merge_files([conflicting])
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    tab.merge_files([conflicting])
    qtbot.waitUntil(lambda: not drive.left, timeout=20_000)


def test_files_are_dropped_and_sealed_ones_ask(
    qtbot: QtBot, tab: MergeTab, returned: Callable[..., Path], drive: Drive, said: list
) -> None:
    sealed = returned(lambda s: answering.set_note(s, A, "写了"), passphrase=PASSPHRASE)
    other = returned(lambda s: answering.set_note(s, C, "也写了"), name="药剂科", clauses=(C,), passphrase=PASSPHRASE)

    def give(text: str, told: str) -> Callable[[Any], None]:
        def step(dialog: Any) -> None:
            assert told in words(dialog)
            named(dialog, QLineEdit, "口令").setText(text)
            push(qtbot, dialog, "打开")

        return step

    def look(dialog: MergeDialog) -> None:
        assert "合并 1 个任务包，另有 1 个不合并" in words(dialog)
        push(qtbot, dialog, "合并")

    drive(give("wrong wrong", sealed.name), give(PASSPHRASE, "口令不对"), lambda d: d.reject(), look)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(sealed)), QUrl.fromLocalFile(str(other))])
    event = QDropEvent(
        QPointF(5, 5), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    tab.dropEvent(event)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("inform", "合并了 1 个任务包，采用 1 处。")]


def test_what_was_merged_before_a_fault_is_on_screen(
    qtbot: QtBot, tab: MergeTab, returned: Callable[..., Path], drive: Drive, said: list,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    files = [
        returned(lambda s: answering.set_note(s, A, "写了")),
        returned(lambda s: answering.set_note(s, C, "也写了"), name="药剂科", clauses=(C,)),
    ]
    merge = merging.merge

    def full(session: Session, which: list[Path], **options: Any) -> object:
        if which == files[1:]:
            raise StorageError("磁盘满了", "请清理。")
        return merge(session, which, **options)

    monkeypatch.setattr(merging, "merge", full)
    drive(take(qtbot))
    tab.merge_files(files)
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("error", "合并了 1 个任务包，采用 1 处。其余 1 个没有合并。\n磁盘满了")]
    assert tab.merges.rowCount() == 1


def test_merging_can_be_cancelled(
    qtbot: QtBot, tab: MergeTab, conflicting: Path, drive: Drive, said: list, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(session: Session, which: list[Path], *, passphrases: object, progress: Callable[..., None]) -> object:
        while True:
            progress(1, 2, "正在取出实证材料")

    monkeypatch.setattr(merging, "merge", slow)

    def give_up(dialog: MergeDialog) -> None:
        push(qtbot, dialog, "合并")
        qtbot.waitUntil(lambda: "1/1" in words(dialog))
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(give_up)
    tab.merge_files([conflicting])
    qtbot.waitUntil(lambda: bool(said), timeout=20_000)
    assert said == [("inform", "没有合并任务包，什么都没有改。")]
    assert tab.merges.rowCount() == 0


def test_new_files_are_named_and_shown_small(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, returned: Callable[..., Path], drive: Drive
) -> None:
    piece = attach(empty_session, b"old", A, name="旧.txt")
    picture = drawn("red")
    packet = returned(lambda there: evidence.replace_evidence(there, piece.id, picture, "新界面.png"))

    def look(dialog: MergeDialog) -> None:
        table = named(dialog, QTableView, "会改什么")
        assert table.model().index(0, 3).data() == "旧.txt → 新界面.png"
        shown = named(dialog, QLabel, "新文字的小图")
        qtbot.waitUntil(shown.isVisible, timeout=20_000)
        assert shown.pixmap().toImage().pixelColor(5, 5).red() > 200
        assert not named(dialog, QLabel, "原文字的小图").isVisible()
        dialog.reject()

    drive(look)
    tab.merge_files([packet])
    qtbot.waitUntil(lambda: not drive.left, timeout=20_000)


def test_a_masked_picture_that_would_go_is_said(
    qtbot: QtBot, tab: MergeTab, empty_session: Session, returned: Callable[..., Path], drive: Drive
) -> None:
    piece = attach(empty_session, drawn("white"), A, name="界面.png")
    masking.mask(empty_session, piece.id, [Box(0.1, 0.1, 0.2, 0.2)])
    packet = returned(lambda there: evidence.replace_evidence(there, piece.id, drawn("red"), "新界面.png"))

    def look(dialog: MergeDialog) -> None:
        assert "1 张遮盖过的图片会换成没有遮盖的文件" in words(dialog)
        assert "没有遮盖　界面.png → 新界面.png" in named(dialog, QTableView, "会改什么").model().index(0, 3).data()
        packets = named(dialog, QTableView, "任务包")
        packets.setFocus()
        qtbot.keyClick(packets, Qt.Key.Key_Space)
        assert "遮盖过的图片" not in words(dialog)
        dialog.reject()

    drive(look)
    tab.merge_files([packet])
    qtbot.waitUntil(lambda: not drive.left, timeout=20_000)
