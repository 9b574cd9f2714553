"""Merging in the window: the preview, the merge, conflicts side by side, taking a merge back."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QComboBox, QLineEdit, QListView, QPushButton, QTableView, QTextEdit
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.merge import WHOLE, MergeKey, MergeKind
from emrassess.errors import StorageError
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.merge_dialog import MergeDialog
from emrassess.gui.models.merging import ConflictModel, MergeModel, PacketModel, compared, value_text
from emrassess.gui.pages.tasks import TasksPage
from emrassess.gui.widgets.merge_tab import MergeTab
from emrassess.services import answering, evidence, merging
from emrassess.services.deciding import conflicts
from emrassess.services.packets import create_packet, open_packet, return_packet
from emrassess.services.session import Session, close, open_workspace
from tests.gui.driving import Drive, named, push, words
from tests.services.packet_samples import LAB, A, B, C, assign, attach, department_id, working

OURS, THEIRS = "医嘱由护士核对并执行", "医嘱由责任护士核对、签名并执行"
PASSPHRASE = "correct horse battery"
Work = Callable[[Session], object]


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Iterator[Drive]:
    made = Drive(qtbot)
    monkeypatch.setattr(dialogs, "run", made.run)
    yield made
    assert not made.left


@pytest.fixture
def returned(empty_session: Session, tmp_path: Path) -> Callable[..., Path]:
    """`returned(work, …)`: the packet that a department gives back after `work`; `clauses` are given to it first."""

    def make(work: Work, *, name: str = LAB, clauses: tuple[str, ...] = (A, B), **options: Any) -> Path:
        assign(empty_session, *clauses, name=name)
        folder = tmp_path / f"{name}{len(list(tmp_path.iterdir()))}"
        create_packet(empty_session, department_id(empty_session, name), folder.with_suffix(".zip"))
        open_packet(folder.with_suffix(".zip"), folder, "王五")
        out = tmp_path / f"{folder.name}-交回.zip"
        with working(folder) as there:
            work(there)
            return_packet(there, out, **options)
        return out

    return make


@pytest.fixture
def conflicting(empty_session: Session, returned: Callable[..., Path]) -> Path:
    """A packet with a verdict to take, and conflicts about a verdict and a text."""

    def work(there: Session) -> None:
        answering.set_note(there, A, THEIRS)
        answering.set_verdict(there, [A, B], Verdict.MET)

    packet = returned(work)
    answering.set_note(empty_session, A, OURS)
    answering.set_verdict(empty_session, [A], Verdict.UNMET)
    return packet


@pytest.fixture
def tab(qtbot: QtBot, window: MainWindow, empty_session: Session) -> MergeTab:
    """The tab in the window."""
    window.context.set_session(empty_session)
    window.go_to("page:tasks/merge")
    page = window.page
    assert isinstance(page, TasksPage)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return page.merging


def settled(qtbot: QtBot, context: Context) -> None:
    qtbot.waitUntil(lambda: not context.operations.busy, timeout=20_000)


def take(qtbot: QtBot) -> Callable[[MergeDialog], None]:
    return lambda dialog: push(qtbot, dialog, "合并")


def listed(tab: MergeTab) -> list[str]:
    return [str(tab.conflicts.index(row).data()) for row in range(tab.conflicts.rowCount())]


# --- looking and merging


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


# --- conflicts


@pytest.fixture
def merged(qtbot: QtBot, tab: MergeTab, empty_session: Session, conflicting: Path) -> MergeTab:
    """The tab after the merge that left conflicts about the verdict and the note of A."""
    tab._context.operations.write("合并", lambda session: merging.merge(session, [conflicting]).changes[-1])
    settled(qtbot, tab._context)
    assert len(listed(tab)) == 2
    named(tab, QListView, "等待决定的冲突").setFocus()
    return tab


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


# --- models and words


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


def test_only_words_that_differ_are_marked() -> None:
    ours, theirs = compared("由护士核对 HIS 5", "由责任护士核对 LIS 5", "#eee")
    assert ours.count("<span") == 1
    assert ">HIS</span> 5" in ours
    assert ">责任</span>护士核对" in theirs
    assert compared("<a>\n", "完全不同的话", "#eee") == ("&lt;a&gt;<br>", "完全不同的话")


def test_values_are_read_as_words() -> None:
    def key(kind: MergeKind, place: str, field: str = "") -> MergeKey:
        return MergeKey(kind, place, field)

    share = key(MergeKind.COVERAGE, "01.01/4")
    assert value_text(share, ["950", "1000"]) == "0.95（950/1000）"
    assert value_text(share, None) == "（没有填）"
    assert value_text(key(MergeKind.ANSWER, A, "note"), None) == "（空）"
    assert value_text(key(MergeKind.LINK, "e", A), True) == f"用于 {A}"
    assert value_text(key(MergeKind.LINK, "e", A), None) == f"不用于 {A}"
    assert value_text(key(MergeKind.EVIDENCE, "e", "kind"), "screenshot") == "截图"
    assert "abcdef01" in value_text(key(MergeKind.EVIDENCE, "e", "file"), "abcdef0123" * 6)
    whole = {"title": "界面", "kind": "document", "file": "ab" * 32, "clauses": [A]}
    assert value_text(key(MergeKind.EVIDENCE, "e", WHOLE), whole) == f"“界面”（文件）用于 {A}"
