"""数据质量: extracts mapped, checked, read as a heat map, taken in; and coverage counted. By keys and mouse."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Ratio
from emrassess.domain.pack import Dimension, Pack
from emrassess.domain.quality import ExtractNote, QualityRun, RuleResult, dimensions_of
from emrassess.errors import Cancelled
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.quality_draft import Draft
from emrassess.gui.models.quality_rules import RulesModel, RulesProxy, Which, rule_rows, share_text
from emrassess.gui.models.quality_tables import TablesModel, TablesProxy
from emrassess.gui.pages.quality import QualityPage
from emrassess.gui.widgets.quality_conditions import Test as ConditionTest
from emrassess.gui.widgets.quality_take import TakeDialog, TakeModel
from emrassess.packs.library import install
from emrassess.services import history, quality
from emrassess.services.quality import Examined, guess_mapping, plan, run_extracts
from emrassess.services.quality_taking import take_in, takings
from emrassess.services.session import Session, close, create_workspace
from tests.gui.ledger_driving import answer, press
from tests.services.quality_samples import ORDERS, write_extracts

POINTS = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"
CONSISTENCY = ("01.01", 3, Dimension.CONSISTENCY)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_extracts(tmp_path / "数据")


@pytest.fixture(scope="module")
def examined(tmp_path_factory: pytest.TempPathFactory, pack: Pack) -> Examined:
    """A run that several tests look at."""
    return run_extracts(pack, write_extracts(tmp_path_factory.mktemp("质量") / "数据"))


@pytest.fixture
def page(qtbot: QtBot, context: Context, empty_session: Session) -> QualityPage:
    context.set_session(empty_session)
    made = QualityPage(context)
    qtbot.addWidget(made)
    made.resize(1226, 650)
    context.changed.connect(made.refresh)
    made.show_session()
    with qtbot.waitActive(made):
        made.show()
    made.setFocus()
    return made


def idle(qtbot: QtBot, page: QualityPage) -> None:
    qtbot.waitUntil(lambda: not page.context.operations.busy and page._working is None, timeout=60_000)


def saved(qtbot: QtBot, page: QualityPage, act: Callable[[], object]) -> None:
    with qtbot.waitSignal(page.context.changed, timeout=20_000):
        act()
    idle(qtbot, page)


def words(page: QualityPage) -> str:
    return "\n".join(made.text() for made in page.findChildren(QLabel) if made.isVisible())


def drop(page: QualityPage, *files: Path) -> None:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    page.map.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, left, Qt.KeyboardModifier.NoModifier))


# --- models


def test_models_keep_qts_rules(
    context: Context, pack: Pack, examined: Examined, qtmodeltester: ModelTester, empty_session: Session
) -> None:
    tables, rules = TablesModel(context.theme), RulesModel(context.theme)
    tables.show_draft(Draft(pack, 4))
    rules.show_rows(rule_rows(pack, examined.run, None))
    for model in (tables, TablesProxy(tables), rules, RulesProxy(rules)):
        qtmodeltester.check(model)
    qtmodeltester.check(TakeModel(takings(empty_session, examined.run).changed, pack))


@pytest.mark.parametrize(
    ("numerator", "denominator", "shown"),
    [(1, 1, "1.00"), (999, 1000, ">0.99"), (0, 9, "0.00"), (1, 1000, "<0.01"), (19, 20, "0.95"), (0, 0, "—")],
)
def test_no_share_is_rounded_to_all_or_nothing(numerator: int, denominator: int, shown: str, pack: Pack) -> None:
    rule = pack.items[0].rows[2].rules[0]
    assert share_text(RuleResult(rule, numerator, denominator).coefficient) == shown


# --- mapping


def test_empty_it_says_what_to_do_first(page: QualityPage) -> None:
    assert "先从业务系统" in words(page)
    assert not page.map.run.isEnabled()
    assert "没有对应" in page.map.run.toolTip()
    assert page.map.view.hasFocus()
    page.tabs.setCurrentIndex(1)
    assert "还没有检查过" in words(page)
    QTest.mouseClick(page.result.to_map, Qt.MouseButton.LeftButton)
    assert page.tabs.currentWidget() is page.map


def test_dropped_files_are_guessed_corrected_saved_and_opened(
    qtbot: QtBot, page: QualityPage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (file.parent / "坏.xlsx").write_bytes(b"no workbook")
    drop(page, *sorted(file.parent.glob("*.csv")), file.parent / "坏.xlsx")
    idle(qtbot, page)
    assert "坏.xlsx 打不开" in words(page)
    assert "张表有猜的列" in page.map.state.text()
    fields = page.map.fields
    assert fields.title.text().startswith("医嘱记录")
    assert "猜的" in words(page)
    assert fields.columns["order_no"].currentText() == "医嘱编号　如：1001、1002、1003"
    assert fields.columns["order_no"].findText("医生姓名　（内容不显示）") > 0
    assert all("王五" not in box.itemText(n) for box in page.findChildren(QComboBox) for n in range(box.count()))
    combo = fields.columns["item_code"]
    QTest.keyClick(combo, Qt.Key.Key_Home)
    assert page.draft
    assert "item_code" not in page.draft.chosen["orders", False].columns
    assert page.draft.missing(page.draft.whole.tables[0])
    QTest.mouseClick(fields.confirm, Qt.MouseButton.LeftButton)
    assert not page.draft.chosen["orders", False].guessed
    assert not fields.confirm.isVisible()
    out = file.parent / "对应.yaml"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: out)
    page.map.period.first.setText("2026/8/1")
    page.map.period.last.setText("2026年10月31日")
    page.map.view.setFocus()
    press(Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    idle(qtbot, page)
    assert "2026-10-31" in out.read_text(encoding="utf-8")
    monkeypatch.setattr(dialogs, "open_file", lambda *_: out)
    page.draft.chosen.clear()
    page.actions_by_key["quality.open"].trigger()
    idle(qtbot, page)
    assert page.draft.chosen["orders", False].columns["order_no"] == "医嘱编号"
    assert page.map.period.first.text() == "2026-08-01"


def test_a_wrong_period_is_marked(qtbot: QtBot, page: QualityPage, file: Path, pack: Pack) -> None:
    assert page.draft
    page.draft.add(guess_mapping(plan(pack, 8), [file.parent / "医嘱.csv"]))
    page.map.show_anew()
    page.map.period.first.setText("八月")
    press(Qt.Key.Key_F5)
    assert page._working is None
    assert page.map.period.first.property("invalid")
    assert "数据时段请写成两个日期" in page.map.state.text()


def test_only_what_is_missing(page: QualityPage, file: Path, pack: Pack) -> None:
    assert page.draft
    whole = page.map.found.rowCount()
    page.draft.add(guess_mapping(plan(pack, 8), [file.parent / "医嘱项目字典.csv"]))
    page.map.show_anew()
    page.map.lacking.click()
    assert page.map.found.rowCount() == whole - 1
    page.map.level.setCurrentIndex(0)
    page.map.level.activated.emit(0)
    assert page.map.found.rowCount() < whole


# --- running


def test_a_run_by_keys_from_files_to_the_assessment(
    qtbot: QtBot, page: QualityPage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = page.context.session
    assert session
    monkeypatch.setattr(dialogs, "open_files", lambda *_: sorted(file.parent.glob("*.csv")))
    press(Qt.Key.Key_Insert)
    idle(qtbot, page)
    page.map.view.setFocus()
    press(Qt.Key.Key_F5)
    assert page._working is not None
    idle(qtbot, page)
    assert page.tabs.currentWidget() is page.result
    assert page.result.heat.hasFocus()
    assert "读取 11 行" in page.result.summary.text()
    told: list[str] = []

    def agree(dialog: TakeDialog) -> None:
        told.append(dialog.table.model().index(0, 4).data())
        QTest.keyClick(dialog.yes, Qt.Key.Key_Return)

    answer(monkeypatch, TakeDialog, agree)
    saved(qtbot, page, lambda: press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier))
    assert told == ["0.75（3／4）"]
    assert session.assessment.quality[CONSISTENCY] == Ratio.counted(3, 4)
    qtbot.waitUntil(lambda: "已采用到评价" in page.result.summary.text())
    assert not page.result.take.isEnabled()
    (file.parent / "医嘱.csv").write_text(ORDERS.replace("C9,不在字典", "C3,血常规"), encoding="utf-8")
    page.run()
    idle(qtbot, page)
    assert "上升" in page.result.contrast.text()
    assert page.result.take.isEnabled()
    saved(qtbot, page, lambda: page.context.operations.write("撤销", history.undo))
    assert not session.assessment.quality
    qtbot.waitUntil(lambda: "没有可比的" in page.result.contrast.text())


def test_a_run_can_be_cancelled_while_the_window_lives(
    qtbot: QtBot, page: QualityPage, file: Path, pack: Pack, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_: object, progress: Callable[[int, int, str], None]) -> None:
        while True:
            time.sleep(0.002)
            progress(1, 100, "正在读取医嘱记录")

    monkeypatch.setattr(quality, "run_extracts", slow)
    assert page.draft
    page.draft.add(guess_mapping(plan(pack, 8), [file.parent / "医嘱.csv"]))
    page.map.show_anew()
    failures: list[object] = []
    page.context.operations.failed.connect(failures.append)
    with qtbot.waitSignal(page.context.operations.long_running, timeout=5_000) as shown:
        page.run()
    assert shown.args
    handle = shown.args[0]
    with qtbot.waitSignal(handle.failed, timeout=5_000) as ended:
        handle.cancel()
    assert ended.args
    assert isinstance(ended.args[0], Cancelled)
    idle(qtbot, page)
    assert page.examined is None


# --- results


def test_a_cell_leads_to_its_rules_and_keys(qtbot: QtBot, page: QualityPage, examined: Examined) -> None:
    session = page.context.session
    assert session
    page._on_run(session, examined)
    result = page.result
    result.level.setCurrentIndex(result.level.findData(4))
    result.level.activated.emit(result.level.currentIndex())
    heat = result.heat
    assert "0.92" in heat.accessibleDescription()
    place = heat.rect_of("01.01", Dimension.COMPLETENESS).center()
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=QPoint(place.x(), place.y()))
    assert result.rules.found.rowCount() == 6
    result.rules.which.setCurrentIndex(result.rules.which.findData(Which.OFFENDED))
    result.rules.which.activated.emit(1)
    assert result.rules.found.rowCount() == 2
    assert "分子 3 ÷ 分母 4 ＝ 0.75" in result.rules.about.text()
    assert result.rules.keys.text.toPlainText() == "医嘱号 1004"
    QTest.mouseClick(result.rules.keys.copy, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text() == "医嘱号 1004"
    heat.setFocus()
    press(Qt.Key.Key_Down)
    assert "没有检查" in heat.accessibleDescription()
    press(Qt.Key.Key_Return)
    assert result.rules.cell.text().startswith("01.02 完整性")
    assert "没有对应" in result.rules.about.text()
    press(Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert result.rules.found.rowCount() == 202


def test_prose_is_listed_with_its_reason(qtbot: QtBot, page: QualityPage, examined: Examined) -> None:
    session = page.context.session
    assert session
    page._on_run(session, examined)
    page.result.rules.show_level(0)
    press(Qt.Key.Key_F)
    assert page.result.rules.search.hasFocus()
    page.result.rules.search.insert("文字说明")
    qtbot.waitUntil(lambda: page.result.rules.found.rowCount() == 6)
    assert "只有文字说明" in page.result.rules.about.text()


def test_all_rules_are_listed_at_once(page: QualityPage, examined: Examined) -> None:
    session = page.context.session
    assert session
    page._on_run(session, examined)
    begun = time.perf_counter()
    page._show_result()
    page.result.rules.show_level(0)
    page.grab()
    assert page.result.rules.found.rowCount() == 622
    assert time.perf_counter() - begun < 1.5  # 0.3 on a machine that does nothing else


def test_lines_that_were_not_read_are_named(page: QualityPage, examined: Examined) -> None:
    session = page.context.session
    assert session
    run = replace(examined.run, notes=(ExtractNote("医嘱.csv 第 3 行", "列数比表头多，没有计入"),))
    page._on_run(session, replace(examined, run=run))
    assert page.result.rules.details.tabText(1) == "没有计入的行（1）"
    assert page.result.rules.notes.text.toPlainText() == "医嘱.csv 第 3 行：列数比表头多，没有计入"


def test_nothing_examined_cannot_be_taken_in(
    page: QualityPage, examined: Examined, said: list[tuple[str, str]]
) -> None:
    session = page.context.session
    assert session
    rules = tuple(RuleResult(result.rule, reason="没有对应") for result in examined.run.rules)
    page._on_run(session, replace(examined, run=QualityRun(rules, dimensions_of(rules), 0, 0.1)))
    page.take()
    assert said == [("warn", "没有一个系数可以采用")]


# --- coverage


def test_coverage_is_counted_and_taken_in(qtbot: QtBot, page: QualityPage, file: Path, pack: Pack) -> None:
    session = page.context.session
    assert session
    assert page.draft
    page.draft.add(guess_mapping(plan(pack, 8), [file.parent / "医嘱.csv", file.parent / "药疗医嘱.csv"]))
    page.coverage.show_sources()
    page.show_target("page:quality/coverage")
    view = page.coverage
    QTest.mouseClick(view.run, Qt.MouseButton.LeftButton)
    assert "分子还没有条件" in view.said.text()
    assert not view.take.isEnabled()
    QTest.mouseClick(view.above.more, Qt.MouseButton.LeftButton)
    (row,) = view.above.rows
    row.column.setCurrentIndex(row.column.findData("医嘱编号"))
    row.test.setCurrentIndex(row.test.findData(ConditionTest.MATCHES))
    row.test.activated.emit(row.test.currentIndex())
    row.other.setCurrentIndex(1)
    row.other.activated.emit(1)
    row.other_column.setCurrentIndex(row.other_column.findData("医嘱号"))
    row.other_column.activated.emit(0)
    QTest.mouseClick(view.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.count is not None, timeout=30_000)
    assert view.said.text() == "分子 2 ÷ 分母 4 ＝ 0.50"
    saved(qtbot, page, lambda: QTest.mouseClick(view.take, Qt.MouseButton.LeftButton))
    assert session.assessment.coverage["01.01", 4] == Ratio.counted(2, 4)
    assert "2／4 ＝ 0.50" in view.now.text()
    QTest.mouseClick(view.below.more, Qt.MouseButton.LeftButton)
    assert view.count is None
    QTest.mouseClick(view.below.rows[0].remove, Qt.MouseButton.LeftButton)
    assert not view.below.rows


def test_a_definition_file_is_opened_and_saved(
    qtbot: QtBot, page: QualityPage, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = file.parent / "定义.yaml"
    out.write_text(
        "format: emrassess-coverage/1\npack: emr-2018\ncounts:\n"
        "  - {item: '01.01', level: 5, denominator: {file: 医嘱.csv}, numerator: {where: [\n"
        "      {column: 状态, in: [执行, 停止]}]}}\n"
        "  - {item: '01.01', level: 3, denominator: {file: 医嘱.csv}, numerator: {where: [\n"
        "      {column: [医嘱编号, 下达日期], matches: {file: 药疗医嘱.csv, column: [医嘱号, 下达时间]}}]}}\n",
        encoding="utf-8",
    )
    view = page.coverage
    monkeypatch.setattr(dialogs, "open_file", lambda *_: out)
    page.show_target("page:quality/coverage")
    QTest.mouseClick(view.open, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(view.above.rows), timeout=20_000)
    assert (view.level.currentData(), view.above.rows[0].value.text()) == (5, "执行、停止")
    again = file.parent / "另存.yaml"
    monkeypatch.setattr(dialogs, "save_file", lambda *_: again)
    QTest.mouseClick(view.save, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(again.exists, timeout=20_000)
    assert "医嘱.csv" in again.read_text(encoding="utf-8")
    view.which.setCurrentIndex(1)
    view.which.activated.emit(1)
    assert "“医嘱编号”、“下达日期”在 药疗医嘱.csv 里有" in view.above.rows[0].words.text()
    QTest.mouseClick(view.run, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view.count is not None, timeout=30_000)
    assert view.said.text() == "分子 2 ÷ 分母 4 ＝ 0.50"


# --- the window


def test_the_window_lists_the_page_with_what_was_taken_in(
    qtbot: QtBot, window: MainWindow, empty_session: Session, examined: Examined
) -> None:
    take_in(empty_session, examined)
    window.context.set_session(empty_session)
    window.commands["page.quality"].trigger()
    page = window.page
    assert isinstance(page, QualityPage)
    qtbot.waitUntil(lambda: "已采用到评价" in page.result.summary.text(), timeout=20_000)
    assert not page.result.take.isEnabled()


def test_another_standard_has_its_own_rules_or_says_so(qtbot: QtBot, context: Context, tmp_path: Path) -> None:
    install(POINTS)
    session = create_workspace(tmp_path / "计分", "示例医院", 3, "王医生", pack_id="points-example")
    context.set_session(session)
    page = QualityPage(context)
    qtbot.addWidget(page)
    page.show_session()
    page.show()
    assert page.tabs.isTabVisible(0)
    assert not page.tabs.isTabVisible(2)
    rows = [replace(row, rules=()) for item in session.pack.items for row in item.rows]
    items = tuple(replace(i, rows=tuple(row for row in rows if row.item == i.code)) for i in session.pack.items)
    bare = replace(session, pack=replace(session.pack, items=items), _cache={})
    context.set_session(bare)
    page.show_session()
    assert "这个标准没有可以由程序计算的数据质量规则" in words(page)
    close(session)
