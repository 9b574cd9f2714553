"""Going over to a newer edition, the annual quality table, packs from tables and folders, marks for another look."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QPushButton,
    QTableView,
    QTabWidget,
    QTextEdit,
    QWidget,
)
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.errors import Cancelled
from emrassess.gui import dialogs
from emrassess.gui.edition_upgrade import start_upgrade
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.change_rows import CLAUSE_HEADS, ChangeFilter, ChangeModel, ChangeRow, choices, marked
from emrassess.gui.new_assessment import NewAssessmentDialog
from emrassess.gui.pages.clauses import ClausesPage
from emrassess.gui.quality_import import start_quality_import
from emrassess.packs import library
from emrassess.services import answering, editions
from emrassess.services.history import undo
from emrassess.services.session import Session, close, create_workspace
from tests.services.test_editions import FIRST, GONE, REWORDED, SAME, SECOND, files_of
from tests.services.test_standards import TABLE, annual, with_fingerprints

NEW = "01.01.3(1)"
W = TypeVar("W", bound=QWidget)
Drive = Callable[..., None]


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Session]:
    """An assessment under the first edition of a made-up standard, three clauses answered."""
    library.install(with_fingerprints(files_of("1.0", FIRST)))
    made = create_workspace(tmp_path / "自评", "示例市第一人民医院", 4, "王医生", pack_id="made-up")
    answering.set_verdict(made, [SAME, REWORDED, GONE], Verdict.MET)
    answering.set_note(made, GONE, "做过的事")
    yield made
    close(made)


@pytest.fixture
def newer(old: Session) -> library.PackRef:
    return library.install(files_of("2.0", SECOND))


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, old: Session) -> MainWindow:
    window.context.set_session(old)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Drive:
    """`drive(first, then, …)`: what a person does in each dialog that opens, in turn; all have to be done."""
    waiting: list[Callable[[QDialog], Any]] = []

    def run(dialog: QDialog) -> bool:
        dialog.show()
        dialog.activateWindow()
        qtbot.waitUntil(dialog.isActiveWindow)
        waiting.pop(0)(dialog)
        qtbot.waitUntil(lambda: not dialog.isVisible())
        return dialog.result() == QDialog.DialogCode.Accepted

    monkeypatch.setattr(dialogs, "run", run)
    return lambda *steps: waiting.extend(steps)


def named(parent: QWidget, kind: type[W], name: str) -> W:
    return next(w for w in parent.findChildren(kind) if w.accessibleName() == name)


def words(parent: QWidget) -> str:
    return "\n".join(made.text() for made in parent.findChildren(QLabel) if made.isVisible())


def push(qtbot: QtBot, parent: QWidget, name: str) -> None:
    """Click a button once it can be."""
    found = named(parent, QPushButton, name)
    qtbot.waitUntil(found.isEnabled)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def type_in(parent: QWidget, name: str, text: str) -> None:
    """QTest's keys know no Chinese."""
    named(parent, QLineEdit, name).setText(text)


def table_of(dialog: QDialog) -> QTableView:
    found = dialog.findChild(QTableView)
    assert found is not None
    return found


def column(dialog: QDialog, number: int) -> list[str]:
    model = table_of(dialog).model()
    return [model.index(row, number).data() for row in range(model.rowCount())]


def picked(monkeypatch: pytest.MonkeyPatch, *files: Path | None) -> None:
    """What the picker of files gives, in turn."""
    left = list(files)
    monkeypatch.setattr(dialogs, "open_file", lambda *_: left.pop(0))


# --- going over


def test_a_newer_edition_opens_as_a_new_workspace(
    qtbot: QtBot, opened: MainWindow, old: Session, newer: library.PackRef, drive: Drive
) -> None:
    before = old.workspace.folder
    drive(lambda dialog: push(qtbot, dialog, "建立新工作区"))
    start_upgrade(opened.context, opened)
    qtbot.waitUntil(lambda: opened.context.session is not old)
    now = opened.context.session
    assert now is not None
    assert now.workspace.folder == before.with_name("自评 2.0")
    assert (now.pack.version, now.assessment.answer(SAME).verdict) == ("2.0", Verdict.MET)
    assert now.assessment.rechecks.keys() == {NEW, REWORDED}
    assert opened.context.writable
    assert "2 条条款需再看" in words(opened)
    assert old.assessment.answer(GONE).note == "做过的事"
    qtbot.waitUntil(lambda: not opened.context.operations.busy)
    with qtbot.waitSignal(opened.context.session_changed):
        opened.sessions.close()


def test_the_preview_says_it_clause_by_clause(
    qtbot: QtBot, opened: MainWindow, newer: library.PackRef, drive: Drive
) -> None:
    def look(dialog: QDialog) -> None:
        qtbot.waitUntil(lambda: table_of(dialog).model().rowCount() > 0)
        assert "新增 1 条" in words(dialog)
        assert set(column(dialog, 0)) == {"新增", "取消", "移位", "文字有改动"}
        kinds = named(dialog, QComboBox, "显示哪些改动")
        kinds.setFocus()
        qtbot.keyClick(kinds, Qt.Key.Key_End)
        assert kinds.currentText() == "全部（5）"
        assert len(column(dialog, 0)) == 5
        kinds.setCurrentIndex(kinds.findText("文字有改动（1）"))
        assert column(dialog, 1) == [REWORDED]
        assert named(dialog, QTextEdit, "原文字").toPlainText() == "改字的要求"
        assert named(dialog, QTextEdit, "新文字").toPlainText() == "已改字的要求"
        assert "line-through" not in named(dialog, QTextEdit, "原文字").toHtml()
        assert "underline" in named(dialog, QTextEdit, "新文字").toHtml()
        tabs = dialog.findChild(QTabWidget)
        assert tabs is not None
        tabs.setCurrentIndex(2)
        left = named(dialog, QPlainTextEdit, "不能转入的内容").toPlainText()
        assert "做过的事" in left
        push(qtbot, dialog, "全部复制：不能转入的内容")
        assert QGuiApplication.clipboard().text() == left
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(look)
    start_upgrade(opened.context, opened)
    assert opened.context.session is not None
    assert opened.context.session.pack.version == "1.0"


def test_another_standard_is_never_the_default(qtbot: QtBot, opened: MainWindow, drive: Drive) -> None:
    def look(dialog: QDialog) -> None:
        packs = named(dialog, QComboBox, "转入哪个标准包")
        assert packs.currentData() is None
        assert not named(dialog, QPushButton, "建立新工作区").isEnabled()
        packs.setFocus()
        qtbot.keyClick(packs, Qt.Key.Key_Down)
        qtbot.waitUntil(named(dialog, QPushButton, "建立新工作区").isEnabled)
        assert "emr-2018" in named(dialog, QLineEdit, "新工作区文件夹").text()
        dialog.reject()

    drive(look)
    start_upgrade(opened.context, opened)


def test_a_folder_in_use_is_refused_and_can_be_changed(
    qtbot: QtBot, opened: MainWindow, old: Session, newer: library.PackRef, drive: Drive, said: list, tmp_path: Path
) -> None:
    (tmp_path / "占用").mkdir()
    (tmp_path / "占用" / "文件").touch()

    def try_twice(dialog: QDialog) -> None:
        named(dialog, QLineEdit, "新工作区文件夹").clear()
        push(qtbot, dialog, "建立新工作区")
        assert "请选择新工作区的文件夹" in words(dialog)
        type_in(dialog, "新工作区文件夹", str(tmp_path / "占用"))
        push(qtbot, dialog, "建立新工作区")
        qtbot.waitUntil(lambda: "没有建成" in words(dialog))
        type_in(dialog, "新工作区文件夹", str(tmp_path / "另一处"))
        push(qtbot, dialog, "建立新工作区")

    drive(try_twice)
    start_upgrade(opened.context, opened)
    assert said[0][0] == "error"
    assert "已有别的内容" in said[0][1]
    qtbot.waitUntil(lambda: opened.context.session is not old)
    assert (tmp_path / "另一处" / "workspace.sqlite3").is_file()
    qtbot.waitUntil(lambda: not opened.context.operations.busy)
    with qtbot.waitSignal(opened.context.session_changed):
        opened.sessions.close()


def test_making_it_can_be_cancelled(
    qtbot: QtBot, opened: MainWindow, newer: library.PackRef, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()

    def slow(session: Session, pack: object, files: object, folder: Path, progress: Callable[..., None]) -> None:
        begun.set()
        while True:
            progress(1, 2, "复制实证材料 1/2")

    monkeypatch.setattr(editions, "upgrade", slow)

    def give_up(dialog: QDialog) -> None:
        push(qtbot, dialog, "建立新工作区")
        qtbot.waitUntil(begun.is_set)
        qtbot.waitUntil(lambda: "复制实证材料 1/2" in words(dialog))
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: Cancelled().message in words(dialog))
        assert dialog.isVisible()
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(give_up)
    start_upgrade(opened.context, opened)
    assert opened.context.session is not None
    assert opened.context.session.pack.version == "1.0"


def test_a_pack_that_cannot_be_read_is_told_of_in_place(
    qtbot: QtBot, opened: MainWindow, newer: library.PackRef, drive: Drive
) -> None:
    (newer.folder / "role-01.yaml").write_text("role: [", encoding="utf-8")

    def look(dialog: QDialog) -> None:
        qtbot.waitUntil(lambda: "role-01.yaml" in words(dialog))
        assert not named(dialog, QPushButton, "建立新工作区").isEnabled()
        dialog.reject()

    drive(look)
    start_upgrade(opened.context, opened)


def test_the_table_of_changes_is_sound() -> None:
    rows = [ChangeRow(kind, (kind, "", "", "要求"), "", "", "", "") for kind in ("新增", "不变", "不变")]
    model = ChangeModel(CLAUSE_HEADS)
    model.show_rows(rows)
    found = ChangeFilter(model)
    ModelTester(None).check(model)
    ModelTester(None).check(found)
    assert choices(rows) == {"全部改动": 1, "新增": 1, "不变": 2, "全部": 3}
    found.show_kind("全部改动")
    assert found.rowCount() == 1


def test_only_what_differs_is_marked() -> None:
    before, after = marked("医嘱要送达药房", "医嘱要送达药房、检验", "red", "green")
    assert before == "医嘱要送达药房"
    assert after.startswith("医嘱要送达药房<span")
    assert marked("甲<", "乙", "red", "green") == ("甲&lt;", "乙")


# --- the annual quality table


def test_a_new_quality_table_leads_to_the_upgrade(
    qtbot: QtBot, opened: MainWindow, old: Session, drive: Drive, said: list, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    picked(monkeypatch, annual(tmp_path / "新", old, "改过的记录"))

    def make(dialog: QDialog) -> None:
        qtbot.waitUntil(lambda: "附表4：2018 版 → 2026 版" in words(dialog))
        assert column(dialog, 0) == ["文字有改动"]
        assert named(dialog, QTextEdit, "新文字").toPlainText() == "改过的记录"
        assert "程序不能自动计算" in words(dialog)
        assert named(dialog, QLineEdit, "哪一年的表").text() == "2026"
        push(qtbot, dialog, "生成新版标准包")

    def look(dialog: QDialog) -> None:
        assert named(dialog, QComboBox, "转入哪个标准包").currentData().version == "1.0+2026"
        tabs = dialog.findChild(QTabWidget)
        assert tabs is not None
        # No clause changes: what does is on the page of the other changes.
        qtbot.waitUntil(lambda: tabs.currentIndex() == 1)
        push(qtbot, dialog, "建立新工作区")

    drive(make, look)
    start_quality_import(opened.context, opened)
    assert said == [("inform", "已装入：标准（made-up 1.0+2026）")]
    qtbot.waitUntil(lambda: opened.context.session is not old)
    assert opened.context.session is not None
    assert opened.context.session.pack.quality_edition == 2026
    qtbot.waitUntil(lambda: not opened.context.operations.busy)
    with qtbot.waitSignal(opened.context.session_changed):
        opened.sessions.close()


def test_a_table_without_its_year_asks_for_it(
    qtbot: QtBot, opened: MainWindow, old: Session, drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picked(monkeypatch, annual(tmp_path / "新", old, "改过的记录", "数据质量评估项目表"))

    def fill_in(dialog: QDialog) -> None:
        push(qtbot, dialog, "生成新版标准包")
        assert "请填写这张表是哪一年的" in words(dialog)
        type_in(dialog, "哪一年的表", "2027")
        push(qtbot, dialog, "生成新版标准包")

    drive(fill_in, lambda dialog: dialog.reject())
    start_quality_import(opened.context, opened)
    assert library.find_known("made-up", "1.0+2027")


@pytest.mark.parametrize("replaces", [False, True])
def test_an_edition_there_already_is_replaced_only_when_wanted(
    qtbot: QtBot, opened: MainWindow, old: Session, drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    replaces: bool,
) -> None:  # fmt: skip
    there = library.install(files_of("1.0+2026", SECOND))
    content = library.pack_files(there.folder)
    picked(monkeypatch, annual(tmp_path / "新", old, "改过的记录"))
    asked: list[str] = []

    def ask(parent: object, title: str, text: str, *rest: object, **buttons: str) -> bool:
        asked.append(text)
        return replaces

    monkeypatch.setattr(dialogs, "ask", ask)

    def make(dialog: QDialog) -> None:
        push(qtbot, dialog, "生成新版标准包")
        qtbot.waitUntil(lambda: bool(asked))
        if not replaces:
            qtbot.waitUntil(named(dialog, QPushButton, "生成新版标准包").isEnabled)
            dialog.reject()

    drive(make, lambda dialog: dialog.reject())
    start_quality_import(opened.context, opened)
    assert "made-up" in asked[0]
    assert (library.pack_files(there.folder) == content) is not replaces


def test_another_document_is_told_of_in_place(
    qtbot: QtBot, opened: MainWindow, drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "别的.docx").write_bytes(b"PK")
    picked(monkeypatch, tmp_path / "别的.docx")

    def look(dialog: QDialog) -> None:
        qtbot.waitUntil(lambda: "别的.docx 没有读成" in words(dialog))
        assert not named(dialog, QPushButton, "生成新版标准包").isEnabled()
        dialog.reject()

    drive(look)
    start_quality_import(opened.context, opened)


# --- packs from a table or a folder


def new_assessment(qtbot: QtBot, name: str, seen: list[str]) -> Callable[[QDialog], None]:
    """In the new-assessment dialog: push `name`, wait for what it brings, note which pack is chosen then."""

    def act(dialog: QDialog) -> None:
        assert isinstance(dialog, NewAssessmentDialog)
        packs = named(dialog, QComboBox, "评价标准")
        before = packs.currentData()
        push(qtbot, dialog, name)
        qtbot.waitUntil(lambda: packs.currentData() != before)
        seen.append(packs.currentText())
        dialog.reject()

    return act


def test_a_faulty_table_is_mended_and_becomes_a_standard(
    qtbot: QtBot, window: MainWindow, drive: Drive, said: list, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "province.csv"
    file.write_text(TABLE.replace("1.5", "一分半"), encoding="utf-8")
    picked(monkeypatch, file)

    def mend(dialog: QDialog) -> None:
        faults = named(dialog, QPlainTextEdit, "表里的问题")
        qtbot.waitUntil(lambda: "第 3 行" in faults.toPlainText())
        assert "一分半" in faults.toPlainText()
        assert not named(dialog, QPushButton, "做成标准包并装入").isVisible()
        file.write_text(TABLE, encoding="utf-8")
        push(qtbot, dialog, "重新读取")
        qtbot.waitUntil(named(dialog, QPushButton, "做成标准包并装入").isVisible)
        assert "读到 1 个角色，1 个项目，2 条条款（1–2 级），共 3.5 分" in words(dialog)
        assert named(dialog, QLineEdit, "标识").text() == "province"
        type_in(dialog, "名称", "某省标准")
        type_in(dialog, "标识", "某省")
        push(qtbot, dialog, "做成标准包并装入")
        qtbot.waitUntil(lambda: "标识“某省”不能用" in words(dialog))
        type_in(dialog, "标识", "province-2026")
        type_in(dialog, "得分比例（百分之几）", "70")
        push(qtbot, dialog, "做成标准包并装入")

    seen: list[str] = []
    drive(new_assessment(qtbot, "从表格导入标准…", seen), mend)
    window.commands.trigger("new")
    assert seen[0].startswith("某省标准")
    assert said == [("inform", "已装入：某省标准（province-2026 1.0）")]
    assert library.load_known("province-2026").scheme.kind == "role-points"


def test_a_table_without_points_makes_no_standard(
    qtbot: QtBot, window: MainWindow, drive: Drive, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    file = tmp_path / "无分值.csv"
    file.write_text("角色,项目,级别,条款,内容\n病房医师,医嘱,1,(1),医师在电脑上开医嘱\n", encoding="utf-8")
    picked(monkeypatch, file)

    def look(dialog: QDialog) -> None:
        qtbot.waitUntil(lambda: "表里没有“分值”" in words(dialog))
        assert not named(dialog, QPushButton, "做成标准包并装入").isEnabled()
        assert not named(dialog, QLineEdit, "名称").isVisible()
        dialog.reject()

    def ask_for_it(dialog: QDialog) -> None:
        push(qtbot, dialog, "从表格导入标准…")
        dialog.reject()

    drive(ask_for_it, look)
    window.commands.trigger("new")


def test_a_folder_with_a_pack_is_brought_in(
    qtbot: QtBot, window: MainWindow, drive: Drive, said: list, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tmp_path / "包"
    folder.mkdir()
    for name, content in files_of("1.0", FIRST).items():
        (folder / name).write_bytes(content.replace(b"version:", b"ersion:"))
    monkeypatch.setattr(dialogs, "folder", lambda *_: folder)
    seen: list[str] = []

    def mend(dialog: QDialog) -> None:
        push(qtbot, dialog, "装入标准包文件夹…")
        qtbot.waitUntil(lambda: bool(said))
        for name, content in files_of("1.0", FIRST).items():
            (folder / name).write_bytes(content)
        new_assessment(qtbot, "装入标准包文件夹…", seen)(dialog)

    drive(mend)
    window.commands.trigger("new")
    assert said[0][0] == "error"
    assert "pack.yaml:" in said[0][1]
    assert seen[0].startswith("标准")


# --- marks for another look


@pytest.fixture
def marked_window(qtbot: QtBot, window: MainWindow, old: Session, tmp_path: Path) -> Iterator[MainWindow]:
    """The window with a workspace that came from the first edition: two clauses are marked."""
    from emrassess.services.session import open_workspace

    files = files_of("2.0", SECOND)
    folder = editions.upgrade(old, library.load_files(files), files, tmp_path / "转入")
    session = open_workspace(folder, "王医生")
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window
    close(session)


def clauses_page(window: MainWindow) -> ClausesPage:
    assert isinstance(window.page, ClausesPage)
    return window.page


def rechecks(window: MainWindow) -> set[str]:
    assert window.context.session is not None
    return set(window.context.session.assessment.rechecks)


def test_the_overview_leads_to_the_first_mark(qtbot: QtBot, marked_window: MainWindow) -> None:
    lead = named(marked_window, QPushButton, "从第一条看起")
    lead.setFocus()
    qtbot.keyClick(lead, Qt.Key.Key_Space)
    assert clauses_page(marked_window).clause == NEW
    assert "需再看：新版新增的条款" in words(marked_window)


def test_a_mark_is_taken_away_by_keyboard_and_undone(qtbot: QtBot, marked_window: MainWindow) -> None:
    marked_window.go_to(f"clause:{REWORDED}")
    page = clauses_page(marked_window)
    card = page.list.card
    assert card is not None
    assert "原自评：达标" in card.accessibleDescription()
    focus = QApplication.focusWidget()
    for _ in range(3):
        if focus is card.looked:
            break
        qtbot.keyClick(focus, Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
    assert focus is card.looked
    with qtbot.waitSignal(marked_window.context.changed):
        qtbot.keyClick(focus, Qt.Key.Key_Space)
    assert not card.looked.isVisible()
    assert QApplication.focusWidget() is card
    assert rechecks(marked_window) == {NEW}
    with qtbot.waitSignal(marked_window.context.changed):
        marked_window.context.operations.write("撤销", undo)
    assert card.looked.isVisible()


def test_a_verdict_takes_the_mark_away(qtbot: QtBot, marked_window: MainWindow) -> None:
    marked_window.go_to(f"clause:{REWORDED}")
    page = clauses_page(marked_window)
    with qtbot.waitSignal(marked_window.context.changed):
        qtbot.keyClick(page.list.card, Qt.Key.Key_1)
    assert rechecks(marked_window) == {NEW}
    assert page.list.card is not None
    assert not page.list.card.mark.isVisible()


def test_the_filter_shows_marked_clauses_only_where_there_are_any(qtbot: QtBot, marked_window: MainWindow) -> None:
    marked_window.go_to("page:clauses")
    page = clauses_page(marked_window)
    page.filter.toggle()
    marks = next(c for c in page.filter.findChildren(QCheckBox) if c.text() == "需再看（2）")
    marks.setFocus()
    qtbot.keyClick(marks, Qt.Key.Key_Space)
    assert "筛选：需再看（2 条）" in words(marked_window)
    with qtbot.waitSignal(marked_window.context.changed):
        page.writing.give_verdict([NEW, REWORDED], Verdict.MET)
    assert marks.isVisible(), "a filter in force can be taken back"
    page.filter.clear()
    page.filter.show_session(page.context.session)  # type: ignore[arg-type]
    assert not marks.isVisible()
    marked_window.go_to("page:overview")
    assert "需再看" not in words(marked_window)


def test_nobody_takes_a_mark_away_where_nothing_can_be_written(
    qtbot: QtBot, window: MainWindow, old: Session, tmp_path: Path
) -> None:
    from emrassess.services.session import open_workspace

    files = files_of("2.0", SECOND)
    folder = editions.upgrade(old, library.load_files(files), files, tmp_path / "转入")
    session = open_workspace(folder, "王医生", write=False)
    window.context.set_session(session)
    window.go_to(f"clause:{NEW}")
    card = clauses_page(window).list.card
    assert card is not None
    assert not card.looked.isEnabled()
    close(session)
