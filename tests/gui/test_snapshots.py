"""Submitting in the window, comparing what was submitted, and going on from it in a new workspace."""

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QComboBox, QDialog, QLabel, QLineEdit, QPushButton, QTableView, QWidget
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.comparison import LevelChange, compare
from emrassess.domain.pack import Dimension
from emrassess.domain.scoring import LevelOutcome
from emrassess.errors import Cancelled, StorageError
from emrassess.gui import dialogs
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.snapshots import ChangeLines, Part, SnapshotTable, as_text, overall, parts
from emrassess.gui.next_round import NextRoundDialog
from emrassess.gui.pages.reports import ReportsPage
from emrassess.gui.snapshots_dialog import CompareDialog
from emrassess.gui.widgets.snapshots_section import SnapshotsSection
from emrassess.services import answering, reporting, snapshots
from emrassess.services.evidence import NewEvidence, add_evidence, unlink_evidence
from emrassess.services.session import Session, close, open_workspace
from emrassess.storage.trail import SnapshotInfo

ROSE, FELL, OTHER, ITEM = "01.01.3(1)", "01.01.3(2)", "01.01.4(1)", "01.01"
W = TypeVar("W", bound=QWidget)
Drive = Callable[..., None]


@pytest.fixture
def submitted(empty_session: Session) -> Session:
    """Submitted twice, and changed since."""
    session = empty_session
    answering.set_verdict(session, [FELL], Verdict.MET)
    snapshots.submit(session, "第一稿")
    answering.set_verdict(session, [ROSE], Verdict.MET)
    snapshots.submit(session, "第二稿")
    answering.set_verdict(session, [FELL], Verdict.PARTIAL)
    answering.set_verdict(session, [OTHER], Verdict.UNMET)
    answering.set_coverage(session, ITEM, 3, Ratio.counted(9, 10))
    answering.set_quality(session, ITEM, 4, Dimension.COMPLETENESS, Ratio.plain("0.9"))
    add_evidence(session, [NewEvidence(b"x", "a.txt", "甲")], [ROSE])
    (loose,) = add_evidence(session, [NewEvidence(b"y", "b.txt", "乙")], [OTHER]).evidence
    unlink_evidence(session, loose, OTHER)
    return session


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, submitted: Session) -> MainWindow:
    return _open(qtbot, window, submitted)


def _open(qtbot: QtBot, window: MainWindow, session: Session) -> MainWindow:
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window


@pytest.fixture
def section(qtbot: QtBot, opened: MainWindow) -> SnapshotsSection:
    return section_of(qtbot, opened)


def section_of(qtbot: QtBot, window: MainWindow) -> SnapshotsSection:
    """By the menu, as a person gets there."""
    window.commands.trigger("snapshots")
    page = window.page
    assert isinstance(page, ReportsPage)
    qtbot.waitUntil(lambda: page.snapshots.table.hasFocus() or page.snapshots.submit.hasFocus())
    return page.snapshots


@pytest.fixture
def drive(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> Drive:
    """`drive(first, then, …)`: what a person does in each dialog that opens, in turn; all have to be done."""
    waiting: list[Callable[[Any], Any]] = []

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
    found = named(parent, QPushButton, name)
    qtbot.waitUntil(found.isEnabled)
    qtbot.mouseClick(found, Qt.MouseButton.LeftButton)


def column(section: SnapshotsSection, number: int) -> list[str]:
    model = section.snapshots
    return [model.index(row, number).data() for row in range(model.rowCount())]


def compared(qtbot: QtBot, dialog: CompareDialog) -> list[str]:
    """The names of the tabs, once there are any."""
    qtbot.waitUntil(dialog.copy.isEnabled)
    return [dialog.tabs.tabText(number) for number in range(dialog.tabs.count())]


def rows(dialog: CompareDialog, name: str) -> list[tuple[str, str]]:
    model = named(dialog, QTableView, name).model()
    return [(model.index(row, 0).data(), model.index(row, 1).data()) for row in range(model.rowCount())]


def test_submitting_asks_for_a_label_and_shows_the_list(
    qtbot: QtBot, window: MainWindow, empty_session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    _open(qtbot, window, empty_session)
    monkeypatch.setattr(dialogs, "text", lambda _parent, _title, label: asked.append(label))
    window.commands.trigger("submit")
    assert "还没有做送审前体检" in asked[0]
    assert not snapshots.listed(empty_session)
    monkeypatch.setattr(dialogs, "text", lambda *_: "送审稿")
    with qtbot.waitSignal(window.context.changed):
        window.commands.trigger("submit")
    section = section_of(qtbot, window)
    qtbot.waitUntil(lambda: column(section, 3) == ["送审稿"])
    assert "还没有提交过" not in words(section)
    # Again from the page itself, with nothing changed since and without a label.
    monkeypatch.setattr(dialogs, "text", lambda *_: "")
    push(qtbot, section, "提交（定版）…")
    qtbot.waitUntil(lambda: column(section, 0) == ["第 2 次", "第 1 次"])
    assert column(section, 3)[0] == "（与上一次内容相同）"
    assert not window.context.operations.writing
    assert "已保存" in named(window, QLabel, "保存状态").text()


def test_the_page_says_what_the_reports_compare_with(
    qtbot: QtBot, opened: MainWindow, section: SnapshotsSection
) -> None:
    assert opened.page is not None
    page = opened.page
    qtbot.waitUntil(lambda: "差距报告附有与第 2 次提交（" in words(page))
    assert "，第二稿）的比较；材料包里不带" in words(page)


def test_before_the_first_there_is_nothing_to_compare(qtbot: QtBot, window: MainWindow, empty_session: Session) -> None:
    section = section_of(qtbot, _open(qtbot, window, empty_session))
    assert "还没有提交过" in words(section)
    assert not section.table.isVisible()
    assert not section.compare.isVisible()
    assert window.page is not None and "差距报告附有" not in words(window.page)


def test_a_submission_is_compared_with_the_present(
    qtbot: QtBot, opened: MainWindow, section: SnapshotsSection, drive: Drive
) -> None:
    def look(dialog: CompareDialog) -> None:
        tabs = compared(qtbot, dialog)
        assert tabs[:3] == ["上升（0）", "下降（1）", "待评与未达标（1）"]
        assert tabs[4:] == ["实证材料（2）", "比例和系数（2）"]
        assert dialog.tabs.currentIndex() == 1
        assert rows(dialog, "下降") == [(FELL, "达标 → 部分达标")]
        assert rows(dialog, "实证材料")[1] == ("未关联条款的实证材料", "新增 1 件（乙）")
        assert rows(dialog, "比例和系数")[0] == ("01.01.3 有效应用比例", "未填 → 0.90（9/10）")
        assert "达标条款 2 条 → 1 条" in words(dialog)
        push(qtbot, dialog, "全部复制")
        table = named(dialog, QTableView, "下降")
        table.setFocus()
        table.selectRow(0)
        qtbot.keyClick(table, Qt.Key.Key_Return)

    drive(look)
    qtbot.keyClick(section.table, Qt.Key.Key_Return)
    assert opened.page is not None
    assert opened.page.key == "clauses"
    copied = QGuiApplication.clipboard().text().splitlines()
    assert copied[0].startswith("比较：第 2 次提交")
    assert copied[0].endswith("第二稿 → 现在")
    assert f"{FELL}：达标 → 部分达标" in copied


def test_two_submissions_are_compared(qtbot: QtBot, section: SnapshotsSection, drive: Drive) -> None:
    def look(dialog: CompareDialog) -> None:
        assert compared(qtbot, dialog)[:2] == ["上升（1）", "下降（0）"]
        assert rows(dialog, "上升") == [(ROSE, "待评 → 达标")]
        after = named(dialog, QComboBox, "比较：到")
        assert after.currentText().startswith("第 2 次提交")
        after.setCurrentIndex(0)
        qtbot.waitUntil(lambda: compared(qtbot, dialog)[0] == "上升（0）")
        assert "没有条款的结论变好" in words(dialog)
        push(qtbot, dialog, "关闭")

    drive(look)
    mode = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
    section.table.selectionModel().select(section.snapshots.index(1, 0), mode)
    assert not section.go_on.isEnabled()
    push(qtbot, section, "比较…")


@pytest.mark.parametrize("suffix", [".pdf", ".xlsx"])
def test_what_is_shown_is_exported(
    qtbot: QtBot,
    section: SnapshotsSection,
    drive: Drive,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    suffix: str,
) -> None:
    opened: list[Path] = []
    asked: list[tuple[str, str]] = []

    def save(_parent: QWidget, _title: str, suggested: Path, kinds: str) -> Path:
        asked.append((suggested.name, kinds))
        return tmp_path / f"比较{suffix}"

    def tell(_parent: QWidget, _title: str, said: str, **_: str) -> bool:
        asked.append((said, ""))
        return True

    monkeypatch.setattr(dialogs, "save_file", save)
    monkeypatch.setattr(dialogs, "ask", tell)
    monkeypatch.setattr(dialogs, "open_path", lambda path: opened.append(path) or True)

    def export(dialog: CompareDialog) -> None:
        compared(qtbot, dialog)
        push(qtbot, dialog, "导出…")
        assert not dialog.export.isEnabled() and not dialog.before.isEnabled()
        qtbot.waitUntil(lambda: bool(opened), timeout=20_000)
        assert dialog.export.isEnabled() and dialog.tabs.isEnabled()
        push(qtbot, dialog, "关闭")

    drive(export)
    push(qtbot, section, "比较…")
    assert asked[0][0].startswith("示例市第一人民医院_比较_") and "*.pdf" in asked[0][1] and "*.xlsx" in asked[0][1]
    assert opened == [tmp_path / f"比较{suffix}"] and asked[1][0] == f"已写好：{opened[0]}"
    head = {".pdf": b"%PDF", ".xlsx": b"PK"}[suffix]
    assert opened[0].read_bytes().startswith(head)


def test_an_export_can_be_stopped_and_can_fail(
    qtbot: QtBot,
    section: SnapshotsSection,
    drive: Drive,
    said: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    answers: list[Path | None] = [None, tmp_path / "a.pdf", tmp_path / "没有" / "a.pdf"]
    monkeypatch.setattr(dialogs, "save_file", lambda *_: answers.pop(0))
    real, go = reporting.write_comparison, threading.Event()

    def slow(*_: object, progress: Callable[[int, int, str], None]) -> None:
        while not go.wait(0.01):
            progress(1, 4, "排版第 2 页")

    def export(dialog: CompareDialog) -> None:
        compared(qtbot, dialog)
        push(qtbot, dialog, "导出…")
        assert dialog.export.isEnabled()
        monkeypatch.setattr(reporting, "write_comparison", slow)
        push(qtbot, dialog, "导出…")
        qtbot.waitUntil(lambda: "排版第 2 页" in words(dialog))
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        qtbot.waitUntil(lambda: "已取消" in words(dialog))
        assert dialog.isVisible()
        monkeypatch.setattr(reporting, "write_comparison", real)
        push(qtbot, dialog, "导出…")
        qtbot.waitUntil(lambda: "没有写成，原来的文件没有动。" in words(dialog))
        push(qtbot, dialog, "关闭")

    drive(export)
    push(qtbot, section, "比较…")
    go.set()
    assert not (tmp_path / "a.pdf").exists()


def test_a_damaged_submission_is_said(
    qtbot: QtBot, section: SnapshotsSection, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object) -> None:
        raise StorageError("第 2 次提交的内容已损坏", "可以从备份找回")

    def look(dialog: CompareDialog) -> None:
        qtbot.waitUntil(lambda: "已损坏\n可以从备份找回" in words(dialog))
        assert not dialog.copy.isEnabled() and not dialog.export.isEnabled()
        dialog.reject()

    monkeypatch.setattr(snapshots, "compare", fails)
    drive(look)
    push(qtbot, section, "比较…")


def test_the_next_round_is_made_and_opened(
    qtbot: QtBot, opened: MainWindow, section: SnapshotsSection, drive: Drive, submitted: Session
) -> None:
    folder = submitted.workspace.folder

    def make(dialog: NextRoundDialog) -> None:
        assert "第二稿" in words(dialog)
        assert dialog.folder.text() == str(folder.with_name("空 下一轮"))
        push(qtbot, dialog, "建立新工作区")

    drive(make)
    with qtbot.waitSignal(opened.context.session_changed, timeout=20_000):
        push(qtbot, section, "以此开始下一轮…")
    made = opened.context.session
    assert made is not None
    assert made.workspace.folder == folder.with_name("空 下一轮")
    assert "待确认" in made.assessment.rechecks[ROSE].why
    assert made.assessment.answer(FELL).verdict is Verdict.MET
    with qtbot.waitSignal(opened.context.session_changed):
        opened.sessions.close()


def test_a_round_that_cannot_be_made_leaves_the_dialog(
    qtbot: QtBot,
    section: SnapshotsSection,
    drive: Drive,
    said: list[tuple[str, str]],
    monkeypatch: pytest.MonkeyPatch,
    submitted: Session,
    tmp_path: Path,
) -> None:
    taken = tmp_path / "别的" / "空 下一轮"
    taken.mkdir(parents=True)
    (taken / "file").touch()
    monkeypatch.setattr(dialogs, "folder", lambda *_: taken.parent)

    def make(dialog: NextRoundDialog) -> None:
        folder = named(dialog, QLineEdit, "新工作区文件夹")
        folder.setText("下一轮")
        push(qtbot, dialog, "建立新工作区")
        assert "请选择新工作区的文件夹" in words(dialog)
        folder.setText("空 下一轮")
        push(qtbot, dialog, "选择…")
        assert folder.text() == str(taken)
        push(qtbot, dialog, "建立新工作区")
        qtbot.waitUntil(lambda: "没有建成" in words(dialog))
        assert "已有别的内容" in said[0][1]
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)

    drive(make)
    push(qtbot, section, "以此开始下一轮…")
    assert not submitted.workspace.folder.with_name("空 下一轮").exists()


def test_making_the_next_round_can_be_cancelled(
    qtbot: QtBot, opened: MainWindow, section: SnapshotsSection, drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = threading.Event()

    def slow(_session: Session, _number: int, _folder: Path, progress: Callable[[int, int, str], None]) -> None:
        while not go.wait(0.01):
            progress(1, 4, "复制实证材料 1/4")

    def make(dialog: NextRoundDialog) -> None:
        push(qtbot, dialog, "建立新工作区")
        qtbot.waitUntil(lambda: "复制实证材料 1/4" in words(dialog))
        with qtbot.waitSignal(opened.context.operations.failed) as failed:
            qtbot.keyClick(dialog, Qt.Key.Key_Escape)
        assert isinstance(failed.args[0].error, Cancelled)  # type: ignore[index]
        assert dialog.isVisible()
        push(qtbot, dialog, "取消")

    monkeypatch.setattr(snapshots, "next_round", slow)
    drive(make)
    push(qtbot, section, "以此开始下一轮…")
    go.set()


def test_a_read_only_workspace_is_only_looked_at(
    qtbot: QtBot, window: MainWindow, submitted: Session, drive: Drive
) -> None:
    close(submitted)
    looked_at = open_workspace(submitted.workspace.folder, "李医生", write=False)
    try:
        section = section_of(qtbot, _open(qtbot, window, looked_at))
        assert not section.submit.isEnabled()
        assert not section.go_on.isEnabled()
        assert not window.commands["submit"].isEnabled()
        assert "只读" in words(section)
        drive(lambda dialog: (compared(qtbot, dialog), dialog.reject()))
        push(qtbot, section, "比较…")
    finally:
        window.context.set_session(None)
        close(looked_at)


def test_changes_in_words(submitted: Session) -> None:
    pack = submitted.pack
    found = snapshots.compare(submitted, 1)
    by_name = {part.name: part for part in parts(found, pack)}
    assert list(by_name) == ["上升", "下降", "待评与未达标", "得分和级别", "实证材料", "比例和系数"]

    def first(part: Part) -> tuple[str, str, str]:
        return part.rows[0].cells[0], part.rows[0].cells[1], part.rows[0].target

    assert first(by_name["上升"]) == (ROSE, "待评 → 达标", f"clause:{ROSE}")
    assert first(by_name["实证材料"]) == (ROSE, "新增 1 件（甲）", f"clause:{ROSE}")
    quality = by_name["比例和系数"].rows[1]
    assert quality.cells[:2] == ("01.01.4 数据质量系数（完整性）", "未填 → 0.9")
    assert quality.target == "item:01.01"
    assert "实证材料 0 件 → 2 件" in overall(found, pack)
    assert "目标级别 4 级" in overall(found, pack)
    nothing = compare(submitted.assessment, submitted.assessment, pack)
    assert not any(part.rows for part in parts(nothing, pack))
    assert as_text(nothing, pack, "甲", "乙") == "比较：甲 → 乙\n没有不同。"


def test_scores_and_levels_say_where(session: Session) -> None:
    before, pack = session.assessment, session.pack
    answered = {clause.id for item in pack.items for clause in item.clauses_through(5)}
    answering.set_verdict(session, sorted(answered), Verdict.UNMET)
    level = LevelChange(3, "部门间数据交换", LevelOutcome.MET, LevelOutcome.NOT_MET)
    found = replace(compare(before, session.assessment, pack), levels=(level,))
    changed = {part.name: part.rows for part in parts(found, pack)}
    assert not changed["上升"]
    lines = {line.target: line for line in changed["得分和级别"]}
    item = next(item for item in pack.items if f"item:{item.code}" in lines)
    line = lines[f"item:{item.code}"]
    assert line.cells[0] == f"{item.code} {item.name}"
    assert line.cells[1].startswith("得分 ")
    assert "（降 " in line.cells[1]
    assert lines["page:overview"].cells == ("3 级", "达到 → 未达到", "部门间数据交换")


def test_models_keep_qts_rules(qtmodeltester: ModelTester, submitted: Session) -> None:
    table = SnapshotTable()
    qtmodeltester.check(table)
    table.show_rows([SnapshotInfo(1, "2026-11-21T08:30:00+08:00", "王医生", "", "0" * 64)])
    qtmodeltester.check(table)
    assert table.index(0, 3).data(Qt.ItemDataRole.AccessibleTextRole) == "说明：无"
    changes = ChangeLines()
    changes.show_rows(parts(snapshots.compare(submitted, 1), submitted.pack)[0].rows)
    qtmodeltester.check(changes)
