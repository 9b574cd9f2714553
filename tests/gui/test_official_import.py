"""Importing the official document: from the menu through the dialog to the workspace, and back by undo."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QTableView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.pack import Category, Pack
from emrassess.errors import Cancelled
from emrassess.gui import dialogs, official_import
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.official_import import OfficialDialog
from emrassess.packs.library import install
from emrassess.services import categories, official
from emrassess.services.official import Proposal, propose
from emrassess.services.session import Session, close, create_workspace, open_workspace
from tests.gui.official import choose, push, take, words
from tests.packs.official.samples import Standard, clause_text, content_of, criteria_table, level_row
from tests.packs.official.wordml import docx

POINTS_PACK = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"


@pytest.fixture(scope="session")
def wrong_row(pack: Pack) -> str:
    """A level row of level 6 that the doubtful document has as optional, though it is basic."""
    return next(c for c, found in Standard(pack).categories.items() if c[-1] == "6" and found is Category.BASIC)


@pytest.fixture(scope="session")
def doubtful(tmp_path_factory: pytest.TempPathFactory, pack: Pack, wrong_row: str) -> Path:
    """A document with a basic item too few at level 6, and 01.01.4 divided otherwise."""
    standard = Standard(pack)
    standard.categories[wrong_row] = Category.OPTIONAL
    standard.contents["01.01.4"] = "（1）甲（2）乙（3）丙"
    return docx(tmp_path_factory.mktemp("doubtful"), *standard.blocks(), name="有疑问.docx")


@pytest.fixture
def dialog(context: Context, qtbot: QtBot, session: Session, doubtful: Path) -> OfficialDialog:
    return shown(qtbot, context, session, propose(session, doubtful))


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, session: Session) -> Iterator[MainWindow]:
    window.context.set_session(session)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window


def shown(qtbot: QtBot, context: Context, session: Session, proposal: Proposal) -> OfficialDialog:
    context.set_session(session)
    made = OfficialDialog(context, session, proposal)
    qtbot.addWidget(made)
    with qtbot.waitActive(made):
        made.show()
    return made


def table_of(dialog: OfficialDialog) -> QTableView:
    return next(t for t in dialog.findChildren(QTableView) if t.accessibleName() == "要确认的类别")


# --- from the menu to the workspace and back


def test_taking_all_is_one_step_that_undo_takes_back(
    qtbot: QtBot, opened: MainWindow, session: Session, official_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.assessment
    seen = choose(monkeypatch, official_file, take)
    with qtbot.waitSignal(opened.context.changed, timeout=20_000):
        opened.commands.trigger("official_import")
    assert len(seen) == 1
    after = session.assessment
    assert after.wording == {clause: clause_text(clause) for clause in session.pack.clause_by_id}
    assert not any(session.score.levels[level.level].unverified_items for level in session.pack.levels)
    assert after.official is not None
    assert (after.official.file_name, after.official.taken_by) == ("标准.docx", "王医生")
    assert "已保存" in words(opened)
    with qtbot.waitSignal(opened.context.changed, timeout=20_000):
        opened.commands.trigger("undo")
    assert session.assessment == before


def test_cancel_takes_nothing(
    qtbot: QtBot, opened: MainWindow, session: Session, official_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = session.assessment
    seen = choose(monkeypatch, official_file, lambda dialog: QTest.keyClick(dialog, Qt.Key.Key_Escape))
    with qtbot.assertNotEmitted(opened.context.changed):
        opened.commands.trigger("official_import")
        qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert session.assessment is before


def test_closing_the_picker_does_nothing(opened: MainWindow, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(dialogs, "open_file", lambda *args: asked.append(args))
    opened.commands.trigger("official_import")
    assert "*.docx" in str(asked[0]) and not opened.context.operations.busy


@pytest.mark.parametrize("name", ["标准.doc", "标准.wps"])
def test_an_old_kind_of_file_says_how_to_save_it(
    qtbot: QtBot, opened: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path,
    said: list[tuple[str, str]], name: str,
) -> None:  # fmt: skip
    file = tmp_path / name
    file.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2000))
    assert f"*{file.suffix}" in official_import.FILES
    seen = choose(monkeypatch, file, take)
    opened.commands.trigger("official_import")
    qtbot.waitUntil(lambda: bool(said))
    assert said[0][0] == "error" and name in said[0][1]
    assert not seen


def test_reading_can_be_cancelled(
    qtbot: QtBot, opened: MainWindow, official_file: Path, monkeypatch: pytest.MonkeyPatch, said: list[tuple[str, str]]
) -> None:
    def slow(_session: Session, _file: Path, progress: Callable[[int, int, str], None]) -> None:
        while True:
            progress(0, 2, "读取官方文件")

    monkeypatch.setattr(official, "propose", slow)
    seen = choose(monkeypatch, official_file, take)
    opened.commands.trigger("official_import")
    with qtbot.waitSignal(opened.context.operations.long_running):
        pass
    with qtbot.waitSignal(opened.context.operations.ended) as ended:
        push(opened.statusBar(), "取消")
    assert ended.args is not None and isinstance(ended.args[0].error, Cancelled)
    assert not seen and not said


def test_a_workspace_closed_meanwhile_is_offered_nothing(
    qtbot: QtBot, opened: MainWindow, official_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = choose(monkeypatch, official_file, take)
    with qtbot.waitSignal(opened.context.operations.ended, timeout=20_000):
        opened.commands.trigger("official_import")
        opened.context.set_session(None)
    assert not seen


# --- the dialog


def test_it_says_what_was_read_and_what_differs(dialog: OfficialDialog, session: Session) -> None:
    cells = sum(len(item.rows) for item in session.pack.items)
    text = words(dialog)
    assert "电子病历系统应用水平分级评价标准（试行）" in text
    assert f"文件 有疑问.docx：读到 {len(session.pack.clause_by_id) + 1} 条条款、{cells} 格评价类别" in text
    model = dialog.counts
    heads = [model.headerData(column, Qt.Orientation.Horizontal) for column in range(model.columnCount())]
    counts = {head: model.index(2, column).data() for column, head in enumerate(heads)}
    assert counts == {f"{level} 级": "× 少 1" if level == 6 else "√ 相符" for level in range(1, 9)}
    assert "不相符" in dialog.counts.index(2, 5).data(Qt.ItemDataRole.AccessibleTextRole)
    dialog.tabs.setCurrentIndex(0)
    assert "01.01.4 在文件里有 3 条，在标准包里有 2 条" in official_lines(dialog)
    assert "有 1 个等级要求（01.01.4）在文件里的分条与标准包不同" in words(dialog)
    dialog.tabs.setCurrentIndex(1)
    assert "6 级：附表2 要求" in official_lines(dialog)
    rows = len(session.pack.clause_by_id) - 2
    assert dialog.take_wording.text() == f"取用官方原文（{rows} 条，只保存在本工作区，不会写进标准包）"


def official_lines(dialog: OfficialDialog) -> str:
    return dialog.tabs.currentWidget().text.toPlainText()  # type: ignore[attr-defined]


def test_doubtful_cells_are_ticked_one_by_one(
    qtbot: QtBot, dialog: OfficialDialog, session: Session, wrong_row: str
) -> None:
    table, model = table_of(dialog), dialog.cells
    assert dialog.tabs.currentWidget().isAncestorOf(table) and QApplication.focusWidget() is table
    assert model.choices and {choice.level for choice in model.choices} == {6}
    assert not model.chosen and dialog.categories is None
    row = next(n for n, choice in enumerate(model.choices) if choice.item == wrong_row[:5])
    item = session.pack.item_by_code[wrong_row[:5]]
    shown_words = [model.index(row, column).data() for column in range(1, model.columnCount())]
    assert shown_words[:4] == [f"{item.code} {item.name}", "6 级", "选择项", ""]
    assert "本格空白" in shown_words[4]
    table.selectRow(row)
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert model.chosen == [model.choices[row].cell]
    assert dialog.categories is not None and dialog.categories[-1] == model.choices[row].cell
    before = dialog.take_categories.text()
    box = table.visualRect(model.index(row, 0))
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=box.center())
    assert not model.chosen and dialog.take_categories.text() != before
    table.selectAll()
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert len(model.chosen) == len(model.choices)


def test_without_categories_no_cell_can_be_ticked(dialog: OfficialDialog) -> None:
    table, model = table_of(dialog), dialog.cells
    QTest.keyClick(dialog.take_categories, Qt.Key.Key_Space)
    assert dialog.categories == []
    QTest.keyClick(table, Qt.Key.Key_Space)
    assert not model.chosen
    QTest.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(model.index(0, 0)).center())
    assert not model.chosen
    assert dialog.take.isEnabled()
    QTest.keyClick(dialog.take_wording, Qt.Key.Key_Space)
    assert not dialog.take.isEnabled() and not dialog.wording


def test_what_a_person_confirmed_is_shown_and_stands(
    qtbot: QtBot, context: Context, session: Session, official_file: Path
) -> None:
    cell, documents = next(iter(propose(session, official_file).categories.items()))
    ours = Category.BASIC if documents is Category.OPTIONAL else Category.OPTIONAL
    categories.confirm_category(session, *cell, ours)
    made = shown(qtbot, context, session, propose(session, official_file))
    (choice,) = made.cells.choices
    assert (choice.cell, choice.documents, choice.ours) == (cell, documents, ours)
    assert "与 王医生 " in choice.why
    assert "另有 1 格要在“要确认的类别”里勾选" in made.take_categories.text()
    QTest.keyClick(table_of(made), Qt.Key.Key_Space)
    assert made.categories is not None and cell in made.categories


def test_read_only_shows_all_and_takes_nothing(
    qtbot: QtBot, context: Context, session: Session, doubtful: Path
) -> None:
    reader = open_workspace(session.workspace.folder, "李护士", write=False)
    made = shown(qtbot, context, reader, propose(reader, doubtful))
    assert made.cells.choices and not made.take.isEnabled()
    assert "只读" in words(made) and "只读" in made.take.toolTip()
    QTest.keyClick(table_of(made), Qt.Key.Key_Space)
    assert not made.cells.chosen
    context.set_session(None)
    close(reader)


def test_the_models(qtmodeltester: ModelTester, dialog: OfficialDialog) -> None:
    qtmodeltester.check(dialog.cells)
    qtmodeltester.check(dialog.counts)


@pytest.mark.parametrize("scale", [100, 150])
def test_it_fits_a_small_screen(qtbot: QtBot, context: Context, session: Session, doubtful: Path, scale: int) -> None:
    context.theme.set_scale(scale)
    made = shown(qtbot, context, session, propose(session, doubtful))
    assert made.minimumSizeHint().width() <= 984 and made.minimumSizeHint().height() <= 580


def test_a_standard_without_categories_is_not_asked_for_any(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    install(POINTS_PACK)
    session = create_workspace(tmp_path / "计分", "示例医院", 3, "王医生", pack_id="points-example")
    made = shown(
        qtbot, context, session, propose(session, docx(tmp_path, *points_blocks(session.pack), name="计分.docx"))
    )
    assert "类别" not in words(made) and made.tabs.count() == 2 and not made.take_categories.isVisible()
    assert made.take.isEnabled() and made.categories is not None
    context.set_session(None)
    close(session)


def points_blocks(pack: Pack) -> list[str]:
    rows = [level_row(row.code, content_of(row), item=item.name) for item in pack.items for row in item.rows]
    return [criteria_table(*rows)]
