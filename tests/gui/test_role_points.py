"""The window with a pack of points a role: no categories, no coverage, and not a word of them."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QLineEdit, QPushButton, QTabWidget, QTextBrowser
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.pack import Dimension, Level
from emrassess.gui import dialogs
from emrassess.gui.context import Context
from emrassess.gui.main_window import MainWindow
from emrassess.gui.models.clause_filter import shown_clauses
from emrassess.gui.models.clause_tree import ClauseTreeModel, TreeRole
from emrassess.gui.models.explanations import explain, figure, subject_of
from emrassess.gui.models.first_steps import first_steps
from emrassess.gui.models.ladder import LadderModel
from emrassess.gui.models.report_basis import basis
from emrassess.gui.models.standing import cells
from emrassess.gui.new_assessment import NewAssessmentDialog
from emrassess.gui.widgets.figures import Figure
from emrassess.gui.widgets.heat_legend import HeatLegend
from emrassess.gui.widgets.shares import Place
from emrassess.gui.widgets.target_choice import TargetChoice, usual_target
from emrassess.packs.library import install
from emrassess.services import answering
from emrassess.services.session import Session, close, create_workspace
from emrassess.services.settings import set_target

PACK = Path(__file__).parents[1] / "packs" / "fixtures" / "points-example"
NOT_HERE = ("基本项", "选择项", "有效应用比例", "待核对", "评价类别", "附件")


@pytest.fixture
def scored(tmp_path: Path) -> Iterator[Session]:
    """A role-points assessment with target 3, the first two levels nearly done."""
    install(PACK)
    made = create_workspace(tmp_path / "计分", "示例市第一人民医院", 3, "王医生", pack_id="points-example")
    clauses = [c.id for item in made.pack.items for c in item.clauses_through(2) if c.id != "01.01.2(2)"]
    answering.set_verdict(made, clauses, Verdict.MET)
    answering.set_quality(made, "03.01", 2, Dimension.UNIQUENESS, Ratio.plain("0.9"))
    yield made
    close(made)


@pytest.fixture
def opened(qtbot: QtBot, window: MainWindow, scored: Session) -> Iterator[MainWindow]:
    window.context.set_session(scored)
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    yield window


def words(window: MainWindow) -> str:
    """All that labels, buttons, boxes, tabs and texts say now."""
    parts = [
        made.text() for made in (*window.findChildren(QLabel), *window.findChildren(QPushButton)) if made.isVisible()
    ]
    parts += [made.accessibleName() for made in window.findChildren(Figure)]
    parts += [made.toPlainText() for made in window.findChildren(QTextBrowser) if made.isVisible()]
    for box in window.findChildren(QComboBox):
        parts += [box.itemText(row) for row in range(box.count())] if box.isVisible() else []
    for tabs in window.findChildren(QTabWidget):
        parts += [tabs.tabText(n) for n in range(tabs.count()) if tabs.isVisible() and tabs.isTabVisible(n)]
    return "\n".join(parts)


@pytest.mark.parametrize(
    "target", ["page:overview", "clause:01.01.3(1)", "page:evidence", "page:reports", "page:standard"]
)
def test_no_page_speaks_of_what_the_scheme_does_not_know(qtbot: QtBot, opened: MainWindow, target: str) -> None:
    opened.go_to(target)
    qtbot.wait(0)
    said = words(opened)
    assert len(said) > 100
    assert not [word for word in NOT_HERE if word in said]


def test_the_figures_are_the_demands_of_the_scheme(qtbot: QtBot, opened: MainWindow, scored: Session) -> None:
    names = [made.accessibleName() for made in opened.findChildren(Figure)]
    assert sorted(name.split()[0] for name in names) == sorted(["达到等级", "得分", "工作角色", "条款与实证"])
    demand = scored.score.levels[3].demand("roles")
    assert any(f"工作角色 {demand.actual}/{demand.needed}" in name for name in names)
    legend = opened.findChild(HeatLegend)
    assert legend is not None
    assert all(name in legend.accessibleName() for name in scored.pack.scheme.standings.values())


def test_another_pack_brings_its_own_figures(
    qtbot: QtBot, window: MainWindow, session: Session, scored: Session
) -> None:
    header = next(b for b in window.findChildren(QComboBox) if b.accessibleName() == "目标级别")
    for opened, demand, levels in ((scored, "工作角色", 4), (session, "基本项", 8), (scored, "工作角色", 4)):
        window.context.set_session(opened)
        for page in ("clauses", "standard", "overview"):
            window.go_to(f"page:{page}")
        qtbot.waitUntil(lambda: len(window.findChildren(Figure)) == 2 + len(window.page._demands))  # type: ignore[union-attr]
        names = [made.accessibleName() for made in window.findChildren(Figure)]
        assert sum(demand in name for name in names) == 1
        assert len({header.itemData(n) for n in range(header.count())} - {None}) == levels
        assert header.currentData() == opened.assessment.target
        qtbot.waitUntil(lambda: _fill_their_row(window.findChildren(Figure)))


def _fill_their_row(tiles: list[Figure]) -> bool:
    row = tiles[0].parentWidget()
    return row is not None and max(made.geometry().right() for made in tiles) >= row.width() - 2


@pytest.mark.parametrize("target", [1, 3, 4])
def test_no_subject_is_without_reasons(scored: Session, target: int) -> None:
    set_target(scored, target)
    subjects = ["attained", "total", "clauses", *(subject_of(d) for d in scored.score.levels[target].demands)]
    subjects += [f"group/{group.code}" for group in scored.groups] + [f"role/{role.code}" for role in scored.roles]
    for subject in subjects:
        explanation = explain(scored, subject)
        assert explanation.lines
        text = "\n".join(line.text for line in explanation.lines)
        assert not [word for word in NOT_HERE if word in text + explanation.title]
        for line in explanation.lines:
            kind, _, key = line.target.partition(":")
            assert kind in ("", "clause", "item", "page", "overview")
            if kind == "overview":
                assert explain(scored, key)


def test_a_role_that_fails_says_why_and_leads_on(scored: Session) -> None:
    explanation = explain(scored, "demand/roles")
    lines = {line.text: line.target for line in explanation.lines}
    assert lines["01 门诊医师"] == "overview:role/01"
    assert any(target.startswith("clause:01.01.3") for target in lines.values())
    assert "通过 0 个" not in lines


def test_what_each_role_lacks_is_told_for_the_target_only(scored: Session) -> None:
    texts = [line.text for line in explain(scored, "attained").lines]
    beyond = texts[texts.index("4 级：× 未达到") + 1 :]
    assert "个工作角色未通过" in beyond[0]
    assert beyond[1].startswith("2 级：")
    assert any("至少要" in text for text in texts)


def test_the_panels_open_from_the_overview(qtbot: QtBot, opened: MainWindow) -> None:
    for made in opened.findChildren(Figure):
        qtbot.mouseClick(made, Qt.MouseButton.LeftButton)
        text = opened.findChild(QTextBrowser)
        assert text is not None
        assert text.isVisible()
        assert len(text.toPlainText()) > 20
        qtbot.keyClick(text, Qt.Key.Key_Escape)


def test_verdict_keys_change_the_points(qtbot: QtBot, opened: MainWindow, scored: Session) -> None:
    clause = "01.01.3(2)"
    before = scored.score.total
    opened.go_to(f"clause:{clause}")
    for key, gained in ((Qt.Key.Key_1, 3), (Qt.Key.Key_3, 0), (Qt.Key.Key_1, 3)):
        with qtbot.waitSignal(opened.context.changed):
            QTest.keyClick(opened.focusWidget() or opened, key)
        assert scored.score.total == before + gained
    said = words(opened)
    assert f"{clause}　3 分" in said
    opened.go_to("page:overview")
    assert f"得分 {scored.score.levels[3].demand('total').actual:.2f}" in words(opened)


def test_no_hint_where_nobody_has_said_what_proves_a_clause(qtbot: QtBot, opened: MainWindow) -> None:
    opened.go_to("clause:01.02.4(1)")
    details = opened.page.details  # type: ignore[union-attr]
    assert not details.hint.isVisible()
    assert not details.hint_button.isVisible()
    opened.go_to("clause:01.02.4(2)")
    assert details.hint.isVisible()
    assert details.hint_button.isVisible()


def test_only_quality_is_filled_in(qtbot: QtBot, opened: MainWindow) -> None:
    opened.go_to("item:01.01")
    fields = opened.page.panel.shares.fields  # type: ignore[union-attr]
    assert list(fields) == [Place("01.01", 2, Dimension.COMPLETENESS), Place("01.01", 3, Dimension.COMPLIANCE)]
    opened.go_to("item:03.02")
    assert not opened.page.panel.shares.fields  # type: ignore[union-attr]


def test_the_ladder_has_the_columns_that_count(scored: Session, context: Context, qtmodeltester: ModelTester) -> None:
    ladder = LadderModel(context.theme)
    for code, heads in (("01.01", ["级", "条款", "质量", "得分"]), ("03.02", ["级", "条款", "得分"])):
        ladder.show_item(scored, scored.pack.item_by_code[code])
        qtmodeltester.check(ladder)
        assert [ladder.headerData(n, Qt.Orientation.Horizontal) for n in range(ladder.columnCount())] == heads
    ladder.show_item(scored, scored.pack.item_by_code["01.01"])
    assert ladder.index(2, 3).data() == "2/3.5"


def test_what_a_role_needs_blocks_the_tree(scored: Session) -> None:
    tree = ClauseTreeModel()
    tree.show(scored, shown_clauses(scored))
    assert tree.index_of("01.01.3").data(TreeRole.BLOCK) == "points"
    assert "角色得分不足" in tree.index_of("01.01.3").data(Qt.ItemDataRole.ToolTipRole)
    assert not [word for word in NOT_HERE if word in tree.index_of("01.01").data(Qt.ItemDataRole.ToolTipRole)]


def test_cells_tell_points(scored: Session) -> None:
    tip = cells(scored)["01.01", 2].tip
    assert "得分 2/3.5" in tip
    assert "比例" not in tip


def test_first_steps_ask_only_for_what_counts(scored: Session, session: Session) -> None:
    assert [step.does for step in first_steps(scored.pack)] == ["去逐条自评", "去填系数"]
    assert [step.does for step in first_steps(session.pack)] == ["去确认类别", "去逐条自评", "去填比例"]


def test_the_report_page_names_points(scored: Session) -> None:
    now = basis(scored)
    whole = scored.score.levels[3].demand("total").whole
    assert f"（满分 {whole}" in now.headline
    assert now.rests_on == scored.pack.scheme.level_rule


def test_the_standard_has_no_categories_to_confirm(opened: MainWindow) -> None:
    opened.go_to("page:standard/categories")
    tabs = next(t for t in opened.findChildren(QTabWidget) if t.accessibleName().startswith("浏览标准"))
    assert not tabs.isTabVisible(1)
    assert tabs.currentIndex() == 0
    opened.go_to("page:standard/01.01.3")
    text = next(t for t in opened.findChildren(QTextBrowser) if t.accessibleName() == "标准内容").toPlainText()
    assert re.search(r"01\.01\.3\(2\)\s+3 分\s", text)
    assert "数据质量" in text
    opened.go_to("page:standard/pack")
    text = next(t for t in opened.findChildren(QTextBrowser) if t.accessibleName() == "标准内容").toPlainText()
    assert "80%" in text


def test_a_new_assessment_under_another_pack(
    qtbot: QtBot, window: MainWindow, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    install(PACK)

    def fill_in(dialog: NewAssessmentDialog) -> bool:
        packs = next(box for box in dialog.findChildren(QComboBox) if box.accessibleName() == "评价标准")
        assert packs.currentText().endswith("版（随程序）")
        packs.setCurrentText("计分示例标准　1.0 版（自己装入）")
        targets = dialog.findChild(TargetChoice)
        assert targets is not None
        assert targets.level == 4
        assert any(made.text() == "4 级：闭环" for made in dialog.findChildren(QLabel))
        for name, text in (("医院名称", "某医院"), ("填报人姓名", "李护士"), ("工作区文件夹", str(tmp_path / "新"))):
            next(f for f in dialog.findChildren(QLineEdit) if f.accessibleName() == name).setText(text)
        dialog.accept()
        return dialog.value is not None

    monkeypatch.setattr(dialogs, "run", fill_in)
    with qtbot.waitSignal(window.context.session_changed):
        next(b for b in window.findChildren(QPushButton) if b.accessibleName() == "新建自评").click()
    made = window.context.session
    assert made is not None
    assert (made.pack.id, made.assessment.target) == ("points-example", 4)
    with qtbot.waitSignal(window.context.session_changed):
        window.sessions.close()


def test_a_pack_that_does_not_load_is_said_in_the_form(qtbot: QtBot, tmp_path: Path) -> None:
    ref = install(PACK)
    (ref.folder / "role-02.yaml").write_text("role: nonsense\n", encoding="utf-8")
    dialog = NewAssessmentDialog("王")
    qtbot.addWidget(dialog)
    dialog.show_packs(ref)
    assert "用不了" in dialog._problem.text()
    dialog.accept()
    assert dialog.value is None
    dialog._packs.setCurrentIndex(0)
    assert not dialog._problem.text()


def test_targets_stay_where_the_other_pack_has_them(qtbot: QtBot) -> None:
    choice = TargetChoice()
    qtbot.addWidget(choice)
    choice.show_levels([Level(n, f"第 {n} 级") for n in range(1, 9)])
    assert choice.level == 4
    choice.show_levels([Level(n, "") for n in (1, 2, 3)])
    assert choice.level == 3
    choice.show_levels([Level(n, "") for n in range(1, 9)])
    assert choice.level == 3
    choice.show_levels([Level(7, "")])
    assert choice.level == 7
    choice.show_levels([])
    assert choice.level == 0


@pytest.mark.parametrize(("levels", "usual"), [([1, 2, 5, 8], 2), ([1, 4, 6], 4), ([7, 6], 6), ([], 0)])
def test_the_usual_target(levels: list[int], usual: int) -> None:
    assert usual_target(levels) == usual


def test_figures_in_words(scored: Session, session: Session) -> None:
    result = session.score.levels[4]
    assert figure(result.demand("total")).endswith("/110")
    assert figure(result.demand("basic")) == f"{result.demand('basic').actual}/16"
    points = scored.score.levels[3].demand("total")
    assert figure(points) == f"{points.actual:.2f}/{points.whole:.2f}"
