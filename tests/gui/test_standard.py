"""The standard page: browsing, and the category grid."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt
from PySide6.QtWidgets import QLineEdit, QPushButton, QTabWidget, QTextBrowser, QTreeView
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.pack import Category
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.models.categories import CategoryModel
from emrassess.gui.models.standard_tree import standard_tree
from emrassess.gui.models.standard_words import rule_lines
from emrassess.gui.pages.standard import StandardPage
from emrassess.gui.widgets.category_grid import CategoryGrid
from emrassess.services.history import undo
from emrassess.services.session import Session, open_workspace


@pytest.fixture
def page(qtbot: QtBot, context: Context, session: Session) -> Iterator[StandardPage]:
    context.set_session(session)
    made = StandardPage(context)
    qtbot.addWidget(made)
    context.changed.connect(made.refresh)
    made.resize(1226, 660)
    made.show_session()
    made.show()
    yield made


@pytest.fixture
def grid(page: StandardPage) -> CategoryGrid:
    page.show_target("page:standard/categories")
    found = page.findChild(CategoryGrid)
    assert found is not None
    return found


def text_of(page: StandardPage) -> QTextBrowser:
    found = page.findChild(QTextBrowser)
    assert found is not None
    return found


def click(qtbot: QtBot, page: StandardPage, text: str) -> None:
    qtbot.mouseClick(next(b for b in page.findChildren(QPushButton) if b.text() == text), Qt.MouseButton.LeftButton)


def test_an_item_shows_clauses_hints_coverage_and_rules(page: StandardPage, session: Session) -> None:
    page.show_target("page:standard/01.01.4")
    shown = text_of(page).toPlainText()
    clause = session.pack.clause_by_id["01.01.4(1)"]
    assert clause.text in shown
    assert clause.evidence in shown
    assert session.pack.item_by_code["01.01"].coverage.numerator in shown
    assert "数据质量（附件 4）" in shown


def test_requirements_and_glossary(page: StandardPage, session: Session) -> None:
    page.show_target("page:standard/pack")
    assert "全院信息共享，初级医疗决策支持" in text_of(page).toPlainText()
    page.show_target("page:standard/glossary")
    assert all(term in text_of(page).toPlainText() for term in session.pack.glossary)


def test_finding_keeps_what_holds_every_word(qtbot: QtBot, page: StandardPage) -> None:
    field, tree = page.findChild(QLineEdit), page.findChild(QTreeView)
    assert field is not None
    assert tree is not None
    whole = tree.model().rowCount()
    field.setText("危急值")
    assert 0 < tree.model().rowCount() < whole
    assert "危急值" in text_of(page).toPlainText()
    field.setText("危急值 绝没有这个词")
    assert tree.model().rowCount() == 0
    field.clear()
    assert tree.model().rowCount() == whole


def test_a_clause_leads_to_the_clause_page(qtbot: QtBot, page: StandardPage, context: Context) -> None:
    page.show_target("page:standard/01.01.4")
    assert 'href="clause:01.01.4(1)"' in text_of(page).toHtml()


def test_every_rule_of_the_pack_has_words(session: Session) -> None:
    for item in session.pack.items:
        for row in item.rows:
            lines = rule_lines(session.pack, row)
            assert bool(lines) == bool(row.rules)
            assert all(line.partition("：")[2].strip() for line in lines)


def test_the_models(qtmodeltester: ModelTester, session: Session) -> None:
    model = CategoryModel()
    model.show(session)
    qtmodeltester.check(model)
    assert (model.rowCount(), model.columnCount()) == (39, 8)
    qtmodeltester.check(standard_tree(session.pack))


def open_cell(grid: CategoryGrid, session: Session, level: int = 4, skip: int = 0) -> tuple[str, int]:
    """Make the (skip+1)-th unverified cell of a level the current one."""
    rows = [
        r
        for r, item in enumerate(session.pack.items)
        if (row := item.by_level.get(level)) and row.category is Category.UNVERIFIED
    ]
    grid.setCurrentIndex(grid.model().index(rows[skip], level - 1))
    return session.pack.items[rows[skip]].code, level


@pytest.mark.parametrize(
    ("key", "category"),
    [(Qt.Key.Key_B, "basic"), (Qt.Key.Key_1, "basic"), (Qt.Key.Key_O, "optional"), (Qt.Key.Key_2, "optional")],
)
def test_a_key_confirms_and_delete_takes_back(
    qtbot: QtBot, grid: CategoryGrid, context: Context, session: Session, key: Qt.Key, category: str
) -> None:
    cell = open_cell(grid, session)
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(grid, key)
    confirmed = session.assessment.categories[cell]
    assert (confirmed.category, confirmed.by) == (Category(category), "王医生")
    assert grid.currentIndex().row() > 0
    index = grid.model().index([i.code for i in session.pack.items].index(cell[0]), 3)
    assert "王医生" in index.data(Qt.ItemDataRole.ToolTipRole)
    grid.setCurrentIndex(index)
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(grid, Qt.Key.Key_Delete)
    assert cell not in session.assessment.categories


def test_several_cells_are_one_step(qtbot: QtBot, grid: CategoryGrid, context: Context, session: Session) -> None:
    for row in range(12):
        grid.selectionModel().select(grid.model().index(row, 3), QItemSelectionModel.SelectionFlag.Select)
    chosen = grid.selected_cells()
    assert len(chosen) > 5
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(grid, Qt.Key.Key_O)
    assert set(session.assessment.categories) == set(chosen)
    with qtbot.waitSignal(context.changed):
        context.operations.write("撤销", undo)
    assert not session.assessment.categories


def test_too_many_basic_items_are_loud(
    qtbot: QtBot, page: StandardPage, grid: CategoryGrid, context: Context, session: Session
) -> None:
    grid.selectColumn(3)
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(grid, Qt.Key.Key_B)
    counts = session.score.levels[4]
    assert len(counts.demand("basic").members) > 16
    assert any("附表只有 16 个" in made.text() for made in page.findChildren(type(page._confirm._contradictions)))
    assert page._confirm._contradictions.isVisible()


def test_what_the_pack_knows_is_not_touched(
    qtbot: QtBot, grid: CategoryGrid, context: Context, session: Session
) -> None:
    row = next(i for i, item in enumerate(session.pack.items) if item.code == "08.01")
    grid.setCurrentIndex(grid.model().index(row, 3))
    assert grid.selected_cells() == []
    with qtbot.assertNotEmitted(context.changed, wait=50):
        qtbot.keyClick(grid, Qt.Key.Key_O)


def test_out_to_a_file_and_in_again(
    qtbot: QtBot, page: StandardPage, grid: CategoryGrid, context: Context, session: Session,
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, said: list[tuple[str, str]],
) -> None:  # fmt: skip
    cell = open_cell(grid, session)
    with qtbot.waitSignal(context.changed):
        qtbot.keyClick(grid, Qt.Key.Key_B)
    file = tmp_path / "类别.yaml"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: file)
    with qtbot.waitSignal(context.operations.ended):
        click(qtbot, page, "导出…")
    assert said == [("inform", f"已写好：{file}")]
    with qtbot.waitSignal(context.changed):
        context.operations.write("撤销", undo)
    monkeypatch.setattr(dialogs, "open_file", lambda *_: file)
    with qtbot.waitSignal(context.changed):
        click(qtbot, page, "导入…")
    assert session.assessment.categories[cell].category is Category.BASIC


def test_read_only_confirms_nothing(qtbot: QtBot, context: Context, session: Session) -> None:
    reading = open_workspace(session.workspace.folder, "李护士", write=False)
    context.set_session(reading)
    page = StandardPage(context)
    qtbot.addWidget(page)
    page.show_session()
    page.show()
    page.show_target("page:standard/categories")
    grid = page.findChild(CategoryGrid)
    assert grid is not None
    open_cell(grid, reading)
    with qtbot.assertNotEmitted(context.operations.busy_changed, wait=50):
        qtbot.keyClick(grid, Qt.Key.Key_B)
    context.set_session(None)
    reading.workspace.close()


def test_the_tabs_are_reached_by_target(page: StandardPage) -> None:
    tabs = page.findChild(QTabWidget)
    assert tabs is not None
    page.show_target("page:standard/categories")
    assert tabs.currentIndex() == 1
    page.show_target("page:standard/05.01")
    assert tabs.currentIndex() == 0
    assert "标本处理" in text_of(page).toPlainText()
