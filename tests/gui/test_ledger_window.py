"""The ledger in the whole window: where its page is, how its workbook is read back, what the experts' file brings."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from emrassess.gui import dialogs
from emrassess.gui.ledger_import import LedgerImportDialog
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.change_rows import ROW_ROLE
from emrassess.gui.pages.ledger import LedgerPage
from emrassess.services import history, ledger
from emrassess.services.ledger_files import export_ledger
from emrassess.services.session import Session
from tests.gui.driving import Drive
from tests.services.ledger_book import Work, worked
from tests.services.ledger_samples import A1, B1, C1, PACKET, C, three, with_setting


@pytest.fixture
def page(window: MainWindow, session: Session, qtbot: QtBot) -> LedgerPage:
    """The page on three findings, one somebody's."""
    three(session)
    ledger.assign(session, [A1], department="护理部", deadline="2026-12-01")
    window.context.set_session(session)
    with qtbot.waitActive(window):
        window.activateWindow()
    window.commands["page.ledger"].trigger()
    assert isinstance(window.page, LedgerPage)
    return window.page


def test_in_a_packet_the_page_is_not_there_with_the_reason(window: MainWindow, session: Session) -> None:
    three(session)
    with_setting(session, "packet", PACKET)
    window.context.set_session(session)
    window.go_to("page:ledger")
    assert not isinstance(window.page, LedgerPage)
    action = window.commands["page.ledger"]
    assert action.isVisible() and not action.isEnabled()
    assert action.toolTip() == "这里打开的是科室任务包：整改台账在发出它的医院那里"


def test_undo_reaches_what_was_done_here(page: LedgerPage, session: Session, qtbot: QtBot) -> None:
    page.ledger.choose(B1)
    with qtbot.waitSignal(page.context.changed):
        QTest.keyClick(page.ledger.table, Qt.Key.Key_S)
    assert session.assessment.findings[B1].supervised
    with qtbot.waitSignal(page.context.changed):
        QTest.keyClick(page.ledger.table, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert not session.assessment.findings[B1].supervised


# --- the workbook


@dataclass(frozen=True)
class Seen:
    rows: list[tuple[str, ...]]
    words: str
    can_import: bool


def read_back(page: LedgerPage, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch, file: Path, act: Any) -> Seen:
    """Choose `file`, and have `act` stand for the person at the dialog; the rows and words of that."""
    drive, seen = Drive(qtbot), []

    def look(dialog: LedgerImportDialog) -> None:
        words = "\n".join(made.text() for made in dialog.findChildren(QLabel))
        seen.append(Seen(rows(dialog), words, dialog.does.isEnabled()))
        act(dialog)

    monkeypatch.setattr(dialogs, "open_file", lambda *_: file)
    monkeypatch.setattr(dialogs, "run", drive.run)
    drive(look)
    QTest.mouseClick(page.workbook, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: not drive.left and not page.context.operations.busy)
    return seen[0]


def rows(dialog: LedgerImportDialog) -> list[tuple[str, ...]]:
    found = dialog.table.found
    return [found.index(place, 0).data(ROW_ROLE).cells for place in range(found.rowCount())]


def exported(session: Session, folder: Path, work: Work) -> Path:
    out = folder / "台账.xlsx"
    export_ledger(session, out)
    return worked(out, work)


def column(sheet: Any, head: str) -> int:
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == head]
    return cells[0].column


def row_of(sheet: Any, key: str) -> int:
    return next(cell.row for row in sheet.iter_rows() for cell in row if cell.value == key)


def test_a_workbook_is_looked_at_first_and_taken_in_one_step(
    page: LedgerPage, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def work(sheet: Any) -> None:
        sheet.cell(row_of(sheet, A1), column(sheet, "责任科室")).value = "信息科"
        sheet.cell(row_of(sheet, B1), column(sheet, "责任人")).value = "张三"
        sheet.cell(row_of(sheet, C1), column(sheet, "状态")).value = "已销号"
        new = sheet.max_row + 1
        sheet.cell(new, column(sheet, "条款")).value = C
        sheet.cell(new, column(sheet, "问题")).value = "自己发现的"

    file = exported(session, tmp_path, work)
    ledger.assign(session, [A1], department="检验科")
    before = session.assessment.findings
    seen = read_back(page, qtbot, monkeypatch, file, lambda dialog: dialog.reject())
    kinds = [cells[0] for cells in seen.rows]
    assert kinds == ["不采用", "两边都改了", "改动", "新问题"]
    assert "改动 1 个问题，新增 1 个问题" in seen.words
    assert "1 处不采用；1 处两边都改了，保留这里的" in seen.words
    assert seen.rows[2][2:] == (B1, "责任人", "空 → 张三")
    assert session.assessment.findings == before
    with qtbot.waitSignal(page.context.changed):
        read_back(page, qtbot, monkeypatch, file, lambda dialog: dialog.does.click())
    findings = session.assessment.findings
    assert (findings[A1].department, findings[B1].owner, len(findings)) == ("检验科", "张三", 4)
    assert page.ledger.rows.rowCount() == 4
    history.undo(session)
    assert session.assessment.findings == before


def test_a_workbook_without_changes_has_nothing_to_import(
    page: LedgerPage, session: Session, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = exported(session, tmp_path, lambda _: None)
    seen = read_back(page, qtbot, monkeypatch, file, lambda dialog: dialog.reject())
    assert not seen.can_import
    assert "没有什么要导入的" in seen.words


def test_what_is_no_ledger_is_refused_in_words(
    page: LedgerPage,
    qtbot: QtBot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: list[tuple[str, str]],
) -> None:
    file = tmp_path / "别的.xlsx"
    file.write_text("这不是表格")
    monkeypatch.setattr(dialogs, "open_file", lambda *_: file)
    page.workbook.click()
    qtbot.waitUntil(lambda: bool(said))
    assert said == [("error", "别的.xlsx 不是 Excel 工作簿（.xlsx）")]


def test_the_ledger_is_written_whole_filtered_or_as_selected(
    page: LedgerPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(dialogs, "save_file", lambda _p, _t, suggested, _k: tmp_path / suggested.name)
    monkeypatch.setattr(dialogs, "ask", lambda _p, _t, text, *_, **__: bool(told.append(text)))
    page.ledger.summary.buttons["严重"].click()
    page.ledger.choose(A1)
    menu = page.export.menu()
    menu.aboutToShow.emit()
    names = [action.text() for action in menu.actions()]
    assert names[:3] == ["Excel：全部 3 个问题…", "Excel：筛选出的 1 个…", "Excel：选中的 1 个…"]
    menu.actions()[1].trigger()
    qtbot.waitUntil(lambda: bool(told))
    assert told[0].startswith("已写好 1 个问题：") and "整改台账" in told[0]


def test_what_a_group_found_is_written_for_the_hospital(
    page: LedgerPage, qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    monkeypatch.setattr(dialogs, "save_file", lambda _p, _t, suggested, _k: tmp_path / suggested.name)
    monkeypatch.setattr(dialogs, "ask", lambda _p, _t, text, *_, **__: bool(told.append(text)))
    menu = page.export.menu()
    menu.aboutToShow.emit()
    offered = {action.text(): action for action in menu.actions()}
    offered["PDF：病房组的核查反馈…"].trigger()
    offered["Word：数据组的核查反馈，可签字…"].trigger()
    qtbot.waitUntil(lambda: len(told) == 2, timeout=20_000)
    assert [file.suffix for file in sorted(tmp_path.glob("*核查反馈*"))] == [".docx", ".pdf"]
