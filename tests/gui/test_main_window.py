"""The window: start page, pages, status, target, undo, search, failures, closing."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QListView, QPlainTextEdit, QPushButton, QRadioButton
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.errors import LockedError, ReadOnlyError, StorageError
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.checkup import checkup_of
from emrassess.gui.new_assessment import NewAssessmentDialog
from emrassess.gui.widgets.header import Header
from emrassess.services import answering
from emrassess.services import checkup as services_checkup
from emrassess.services.history import history
from emrassess.services.session import Session, close, create_workspace, open_workspace
from emrassess.services.settings import set_hospital

HOSPITAL = "示例市第一人民医院"


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, session: Session) -> Iterator[MainWindow]:
    """The window with the half-answered assessment, keyboard focus in it."""
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window


def words(window: MainWindow) -> str:
    """All that labels say now."""
    return "\n".join(made.text() for made in window.findChildren(QLabel) if made.isVisible())


def push(qtbot: QtBot, window: MainWindow, name: str) -> None:
    """Click the visible button of that accessible name."""
    buttons = [b for b in window.findChildren(QPushButton) if b.accessibleName() == name and b.isVisible()]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)


def test_a_new_assessment_from_the_start_page(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def fill_in(dialog: NewAssessmentDialog) -> bool:
        for name, text in (("医院名称", HOSPITAL), ("填报人姓名", "李护士"), ("工作区文件夹", str(tmp_path / "新"))):
            field = next(f for f in dialog.findChildren(QLineEdit) if f.accessibleName() == name)
            field.setText(text)
        dialog.accept()
        return dialog.value is not None

    monkeypatch.setattr(dialogs, "run", fill_in)
    with qtbot.waitSignal(window.context.session_changed):
        push(qtbot, window, "新建自评")
    session = window.context.session
    assert session is not None
    assert (session.assessment.hospital, session.assessment.target) == (HOSPITAL, 4)
    assert window.context.preferences.user == "李护士"
    assert window.context.preferences.recent == [str(tmp_path / "新")]
    assert "还没有开始自评" in words(window)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()
    assert HOSPITAL not in window.windowTitle()


def test_another_name_holds_at_once(
    qtbot: QtBot, opened: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dialogs, "text", lambda *_: "李护士")
    with qtbot.waitSignal(opened.context.changed):
        opened.commands.trigger("user")
    answering.set_verdict(session, [next(iter(session.pack.clause_by_id))], Verdict.PARTIAL)
    assert (opened.context.preferences.user, session.user) == ("李护士", "李护士")
    assert history(session, 1)[0].who == "李护士"


def test_the_form_says_what_is_missing(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = NewAssessmentDialog("")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.accept()
    shown = "\n".join(made.text() for made in dialog.findChildren(QLabel))
    assert "请填写医院名称" in shown
    assert dialog.value is None


def test_other_targets_than_the_first_three(qtbot: QtBot, tmp_path: Path) -> None:
    dialog = NewAssessmentDialog("王")
    qtbot.addWidget(dialog)
    dialog.show()
    fields = {f.accessibleName(): f for f in dialog.findChildren(QLineEdit)}
    fields["医院名称"].setText("甲/乙医院")
    assert Path(fields["工作区文件夹"].text()).name == "甲_乙医院自评"
    fields["工作区文件夹"].setText(str(tmp_path / "新"))
    next(b for b in dialog.findChildren(QRadioButton) if b.text() == "其他").click()
    other = next(b for b in dialog.findChildren(QComboBox) if b.accessibleName() == "其他目标级别")
    other.setCurrentText("7 级")
    assert any(made.text().startswith("7 级：") for made in dialog.findChildren(QLabel))
    dialog.accept()
    assert dialog.value is not None
    assert dialog.value.target == 7


@pytest.mark.parametrize("stale", [False, True])
def test_a_locked_workspace_offers_reading(
    qtbot: QtBot, window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch, stale: bool
) -> None:
    offered: list[str] = []

    def choose(parent, title, text, options, **kwargs) -> str:
        assert "张三" in text
        offered.extend(key for key, _ in options)
        return "read"

    def locked(folder, user, write=True, take_over=False) -> Session:
        if write:
            raise LockedError("工作区正由 张三 打开", "请在那边关闭", "张三", stale=stale)
        return open_workspace(folder, user, write=False)

    monkeypatch.setattr(dialogs, "choose", choose)
    monkeypatch.setattr("emrassess.gui.sessions._open", locked)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.open(session.workspace.folder)
    assert offered == (["read", "take", "cancel"] if stale else ["read", "cancel"])
    assert not window.context.writable
    assert "只读" in words(window)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()


def test_a_folder_that_is_no_workspace_is_refused_plainly(
    qtbot: QtBot, window: MainWindow, tmp_path: Path, said: list[tuple[str, str]]
) -> None:
    window.sessions.open(tmp_path)
    assert said == [("error", f"{tmp_path} 不是自评工作区，或已被移走。")]


def test_pages_by_key(qtbot: QtBot, opened: MainWindow) -> None:
    for number, key in ((4, "quality"), (5, "tasks"), (6, "review"), (9, "standard"), (1, "overview")):
        qtbot.keyClick(opened, getattr(Qt.Key, f"Key_{number}"), Qt.KeyboardModifier.ControlModifier)
        assert opened.page is not None
        assert opened.page.key == key


def test_pages_by_the_list(qtbot: QtBot, opened: MainWindow) -> None:
    pages = opened.findChild(QListView, "pages")
    assert pages is not None
    where = pages.visualRect(pages.model().index(8, 0)).center()
    qtbot.mouseClick(pages.viewport(), Qt.MouseButton.LeftButton, pos=where)
    assert opened.page is not None
    assert opened.page.key == "standard"


def test_an_answer_shows_when_it_was_saved_and_can_be_undone(qtbot: QtBot, opened: MainWindow) -> None:
    context = opened.context
    session = context.session
    assert session is not None
    with qtbot.waitSignal(context.changed):
        context.operations.write("评条款", answering.set_verdict, ["01.01.5(1)"], Verdict.UNMET)
    assert "已保存 " in words(opened)
    assert opened.commands["undo"].isEnabled()
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(opened, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.assessment.answer("01.01.5(1)").verdict is not Verdict.UNMET
    assert opened.commands["redo"].isEnabled()
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(opened, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert session.assessment.answer("01.01.5(1)").verdict is Verdict.UNMET


def test_the_target_is_changed_in_the_header(qtbot: QtBot, opened: MainWindow) -> None:
    target = next(b for b in opened.findChildren(QComboBox) if b.accessibleName() == "目标级别")
    assert [target.itemText(i) for i in range(3)] == ["目标 4 级", "目标 5 级", "目标 6 级"]
    target.setFocus()
    with qtbot.waitSignal(opened.context.changed):
        qtbot.keyClick(target, Qt.Key.Key_Down)
    session = opened.context.session
    assert session is not None
    assert session.assessment.target == 5
    assert "到 5 级的阻碍" in words(opened)


def test_search_goes_to_the_clause(qtbot: QtBot, opened: MainWindow) -> None:
    went: list[str] = []
    opened.context.go_to.disconnect(opened.go_to)
    opened.context.go_to.connect(went.append)
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = opened.focusWidget()
    assert isinstance(field, QLineEdit)
    qtbot.keyClicks(field, "01.03.5(4)")
    assert "1 个结果" in words(opened)
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert went == ["clause:01.03.5(4)"]


def test_search_is_closed_by_escape(qtbot: QtBot, opened: MainWindow) -> None:
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    field = opened.focusWidget()
    assert isinstance(field, QLineEdit)
    field.setText("没有这样的词")
    assert "没有找到" in words(opened)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert not field.isVisible()


def test_a_failed_save_stays_until_it_is_saved(qtbot: QtBot, opened: MainWindow) -> None:
    context = opened.context
    full = [True]

    def work(session: Session) -> object:
        if full[0]:
            raise StorageError("磁盘已满", "请腾出空间后重试")
        return answering.set_verdict(session, ["01.01.5(1)"], Verdict.UNMET)

    with qtbot.waitSignal(context.operations.failed):
        context.operations.write("评条款", work)  # type: ignore[arg-type]
    assert "磁盘已满" in words(opened)
    with qtbot.waitSignal(context.operations.failed):
        push(qtbot, opened, "重试")
    assert "磁盘已满" in words(opened)
    full[0] = False
    with qtbot.waitSignal(context.changed):
        push(qtbot, opened, "重试")
    assert "磁盘已满" not in words(opened)


def test_other_errors_are_said_once(qtbot: QtBot, opened: MainWindow, said: list[tuple[str, str]]) -> None:
    def broken(_: Session) -> object:
        raise ZeroDivisionError

    with qtbot.waitSignal(opened.context.operations.failed):
        opened.context.operations.write("评条款", broken)  # type: ignore[arg-type]
    assert said == [("bug", "评条款")]


def test_closing_asks_nothing_and_closes_the_workspace(qtbot: QtBot, window: MainWindow, tmp_path: Path) -> None:
    session = create_workspace(tmp_path / "关", HOSPITAL, 4, "王医生")
    window.context.set_session(session)
    window.context.operations.write("评条款", answering.set_verdict, ["01.01.1(1)"], Verdict.MET)
    window.close()
    qtbot.waitUntil(lambda: not window.isVisible())
    again = open_workspace(tmp_path / "关", "李护士")
    assert again.assessment.answer("01.01.1(1)").verdict is Verdict.MET
    close(again)


def test_looks_and_text_sizes(qtbot: QtBot, opened: MainWindow) -> None:
    theme = opened.context.theme
    for mode in ("dark", "light"):
        for scale in (100, 150):
            theme.set_mode(mode)
            theme.set_scale(scale)
            for key in ("overview", "standard", "reports"):
                opened.go_to(f"page:{key}")
                assert not opened.grab().isNull()
    assert opened.childAt(QPoint(20, 60)) is not None


def failing(error: StorageError) -> Callable[[Session], object]:
    def work(_: Session) -> object:
        raise error

    return work


def test_trying_again_never_undoes_a_later_answer(qtbot: QtBot, opened: MainWindow) -> None:
    operations, session = opened.context.operations, opened.context.session
    assert session is not None
    clause, about = "01.01.5(1)", ["verdict 01.01.5(1)"]
    for _ in range(2):
        with qtbot.waitSignal(operations.failed):
            operations.write("先前", failing(StorageError("磁盘已满", "")), about=about)  # type: ignore[arg-type]
    assert opened._banner.pending == 1
    with qtbot.waitSignal(operations.failed):
        operations.write("别的", failing(StorageError("磁盘已满", "")), about=["note 01.01.5(1)"])  # type: ignore[arg-type]
    with qtbot.waitSignal(operations.ended):
        operations.write("评条款", answering.set_verdict, [clause], Verdict.UNMET, about=about)
    assert "别的" in words(opened)
    assert "先前" not in words(opened)
    with qtbot.waitSignal(operations.failed):
        push(qtbot, opened, "重试")
    assert session.assessment.answer(clause).verdict is Verdict.UNMET


@pytest.mark.parametrize("by_menu", [True, False])
def test_what_fails_while_closing_is_not_lost_unasked(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch, by_menu: bool
) -> None:
    asked: list[str] = []
    answers = iter([False, True])

    def ask(_parent: object, _title: str, text: str, *_: object, **__: object) -> bool:
        asked.append(text)
        return next(answers)

    monkeypatch.setattr(dialogs, "ask", ask)
    operations = opened.context.operations
    leave = (lambda: opened.commands.trigger("close")) if by_menu else opened.close
    operations.write("评条款", failing(StorageError("磁盘已满", "")))  # type: ignore[arg-type]
    leave()
    qtbot.waitUntil(lambda: len(asked) == 1)
    assert opened.context.session is not None
    assert opened.isVisible()
    assert opened._banner.pending == 1
    leave()
    qtbot.waitUntil(lambda: opened.context.session is None)
    assert len(asked) == 2


def test_another_workspace_does_not_take_the_place_of_what_is_not_saved(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    other = tmp_path / "另一家"
    close(create_workspace(other, HOSPITAL, 4, "王医生"))
    monkeypatch.setattr(dialogs, "ask", lambda *_, **__: False)
    with qtbot.waitSignal(opened.context.operations.failed):
        opened.context.operations.write("评条款", failing(StorageError("磁盘已满", "")))  # type: ignore[arg-type]
    opened.sessions.open(other)
    assert not opened.context.operations.busy
    assert "磁盘已满" in words(opened)


def test_closing_waits_for_an_export_and_says_so(qtbot: QtBot, opened: MainWindow) -> None:
    release = threading.Event()
    session = opened.context.session
    assert session is not None
    opened.context.operations.run("导出", lambda **_: release.wait(10))
    opened.close()
    assert opened.isVisible()
    assert "自动关闭" in words(opened)
    opened.go_to("clause:01.01.5(1)")
    note = next(f for f in opened.findChildren(QPlainTextEdit) if f.accessibleName() == "自评说明")
    note.setPlainText("边等边写")
    release.set()
    qtbot.waitUntil(lambda: not opened.isVisible())
    assert session.assessment.answer("01.01.5(1)").note == "边等边写"


def test_closing_does_not_wait_for_a_check_up(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    release, at_it, seen = threading.Event(), threading.Event(), []

    def run(_session: Session, progress: Callable[[int, int, str], None], _checks: object) -> tuple[()]:
        at_it.set()
        release.wait(20)  # a file that takes long
        progress(1, 2, "检查文件")
        seen.append("went on")
        return ()

    monkeypatch.setattr(services_checkup, "run", run)
    checkup = checkup_of(opened.context)
    checkup.start()
    at_it.wait(10)
    opened.close()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=5_000)
    release.set()
    qtbot.waitUntil(lambda: checkup.handle is None)
    opened.context.operations.finish()
    assert checkup.run is None and not seen


def test_a_write_protected_folder_is_offered_for_reading(
    qtbot: QtBot, window: MainWindow, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def protected(folder, user, write=True, take_over=False) -> Session:
        if write:
            raise ReadOnlyError("没有写入权限", "请检查写保护开关")
        return open_workspace(folder, user, write=False)

    monkeypatch.setattr(dialogs, "choose", lambda *_, **__: "read")
    monkeypatch.setattr("emrassess.gui.sessions._open", protected)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.open(session.workspace.folder)
    assert not window.context.writable
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()


def test_a_long_name_is_shortened_and_undo_says_what_it_took_back(qtbot: QtBot, opened: MainWindow) -> None:
    operations = opened.context.operations
    with qtbot.waitSignal(opened.context.changed):
        operations.write("改名", set_hospital, "某某省" * 40)
    shown = opened.findChild(Header)._hospital  # type: ignore[union-attr]
    qtbot.waitUntil(lambda: shown.text().endswith("…"))
    assert shown.fontMetrics().horizontalAdvance(shown.text()) <= shown.width()
    opened.go_to("page:reports")
    with qtbot.waitSignal(opened.context.changed):
        qtbot.keyClick(opened, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert "撤销：" in words(opened)
    assert shown.text() == HOSPITAL
