"""The overview: figures, reasons, heat map, radar, blockers."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QModelIndex, QPoint, QRectF, Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QListView, QTextBrowser
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from emrassess.domain.answers import Verdict
from emrassess.domain.scoring import Standing
from emrassess.gui.context import Context
from emrassess.gui.models.blockers import TARGET, BlockerModel
from emrassess.gui.models.explanations import explain
from emrassess.gui.models.standing import cells
from emrassess.gui.pages.overview import OverviewPage
from emrassess.gui.widgets.basics import points
from emrassess.gui.widgets.figures import Figure, GroupCard
from emrassess.gui.widgets.heat_map import HeatMap
from emrassess.gui.widgets.radar import Radar, percent
from emrassess.services import answering
from emrassess.services.session import Session


@pytest.fixture
def page(qtbot: QtBot, context: Context, session: Session) -> Iterator[OverviewPage]:
    context.set_session(session)
    made = OverviewPage(context)
    qtbot.addWidget(made)
    made.resize(1226, 660)
    made.show_session()
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow)
    yield made


def figure(page: OverviewPage, name: str) -> Figure:
    return next(f for f in page.findChildren(Figure) if f.accessibleName().startswith(name))


def test_the_figures_are_those_of_the_score(page: OverviewPage, session: Session) -> None:
    score = session.score
    result = score.levels[4]
    assert f"达到等级 {score.certain} 级" in figure(page, "达到等级").accessibleName()
    assert points(score.total) in figure(page, "总分").accessibleName()
    assert f"{result.demand('basic').actual}/16" in figure(page, "基本项").accessibleName()
    assert f"{result.demand('optional').actual}/10" in figure(page, "选择项").accessibleName()
    assert [card.accessibleName()[:3] for card in page.findChildren(GroupCard)] == ["病房组", "门诊组", "数据组"]


@pytest.mark.parametrize("name", ["达到等级", "总分", "基本项", "选择项", "条款与实证"])
def test_every_figure_explains_itself(qtbot: QtBot, page: OverviewPage, name: str) -> None:
    qtbot.mouseClick(figure(page, name), Qt.MouseButton.LeftButton)
    text = page.findChild(QTextBrowser)
    assert text is not None
    assert text.isVisible()
    assert len(text.toPlainText()) > 40
    qtbot.keyClick(text, Qt.Key.Key_Escape)
    assert not text.isVisible()


def test_reasons_follow_what_is_written(qtbot: QtBot, page: OverviewPage, context: Context, session: Session) -> None:
    context.changed.connect(page.refresh)
    page.show_reasons("total")
    text = page.findChild(QTextBrowser)
    assert text is not None
    before = text.toPlainText()
    with qtbot.waitSignal(context.changed):
        clauses = [clause.id for clause in session.pack.item_by_code["01.01"].clauses_through(2)]
        context.operations.write("评", answering.set_verdict, clauses, Verdict.UNMET)
    assert text.toPlainText() != before


def test_no_subject_is_without_reasons(session: Session) -> None:
    subjects = ["attained", "total", "demand/total", "demand/basic", "demand/optional", "unverified", "clauses"]
    subjects += [f"group/{group.code}" for group in session.groups] + [f"role/{role.code}" for role in session.roles]
    for subject in subjects:
        explanation = explain(session, subject)
        assert explanation.title
        assert explanation.lines
        for line in explanation.lines:
            kind, _, key = line.target.partition(":")
            assert kind in ("", "clause", "item", "page", "overview")
            if kind == "clause":
                assert key in session.pack.clause_by_id
            if kind == "item":
                assert key in session.pack.item_by_code


def test_the_heat_map_is_walked_by_keys(qtbot: QtBot, page: OverviewPage, context: Context, session: Session) -> None:
    went: list[str] = []
    context.go_to.connect(went.append)
    heat = page.findChild(HeatMap)
    assert heat is not None
    heat.setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Up, Qt.Key.Key_Return):
        qtbot.keyClick(heat, key)
    assert "01.02" in heat.accessibleDescription()
    assert "3 级" in heat.accessibleDescription()
    assert went[0].startswith("clause:01.02.3(")


def test_a_click_on_the_heat_map_leads_to_the_first_open_clause(
    qtbot: QtBot, page: OverviewPage, context: Context, session: Session
) -> None:
    went: list[str] = []
    context.go_to.connect(went.append)
    heat = page.findChild(HeatMap)
    assert heat is not None
    where = heat._rect(("03.03", 4)).center()
    qtbot.mouseMove(heat, where)
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=where)
    qtbot.mouseClick(heat, Qt.MouseButton.LeftButton, pos=QPoint(2, 2))
    assert len(went) == 1
    assert went[0].startswith("clause:03.03.4(")


def test_standings_agree_with_the_score(session: Session) -> None:
    found = cells(session)
    assert len(found) == sum(len(item.rows) for item in session.pack.items)
    for (code, level), cell in found.items():
        scored = session.score.items[code]
        assert (cell.standing is Standing.BASIC) == (level in scored.basic_at)
        if cell.standing is Standing.FUNCTION:
            assert level <= scored.function_level


def test_the_radar_leads_to_a_role(qtbot: QtBot, page: OverviewPage) -> None:
    radar = page.findChild(Radar)
    assert radar is not None
    radar.setFocus()
    qtbot.keyClick(radar, Qt.Key.Key_Right)
    assert "病房护士" in radar.accessibleDescription()
    qtbot.keyClick(radar, Qt.Key.Key_Space)
    text = page.findChild(QTextBrowser)
    assert text is not None
    assert text.isVisible()


def test_blockers_lead_to_their_clause(qtbot: QtBot, page: OverviewPage, context: Context) -> None:
    went: list[str] = []
    context.go_to.connect(went.append)
    blockers = next(v for v in page.findChildren(QListView) if v.accessibleName() == "阻碍")
    first = blockers.model().index(0, 0)
    qtbot.mouseClick(blockers.viewport(), Qt.MouseButton.LeftButton, pos=blockers.visualRect(first).center())
    assert went == [first.data(TARGET)]


def test_the_blocker_model(qtmodeltester: ModelTester, session: Session) -> None:
    model = BlockerModel()
    model.show(session)
    qtmodeltester.check(model)
    assert model.rowCount() == len(session.plan.needed)
    texts = [model.index(row, 0).data(Qt.ItemDataRole.ToolTipRole) for row in range(model.rowCount())]
    assert [text.count("\n") for text in texts] == [len(gap.reasons) for gap in session.plan.needed]
    assert model.rowCount(model.index(0, 0)) == 0
    model.show(None)
    assert model.data(QModelIndex()) is None


def test_nothing_answered_yet_says_what_to_do_first(qtbot: QtBot, context: Context, empty_session: Session) -> None:
    context.set_session(empty_session)
    page = OverviewPage(context)
    qtbot.addWidget(page)
    page.show_session()
    page.show()
    assert page._first.isVisible()
    context.changed.connect(page.refresh)
    with qtbot.waitSignal(context.changed):
        context.operations.write("评", answering.set_verdict, ["01.01.1(1)"], Verdict.MET)
    assert not page._first.isVisible()


def test_a_share_is_never_rounded_to_all() -> None:
    assert percent(0.999) == "99 %"
    assert percent(1.0) == "100 %"
    assert percent(0.5) == "50 %"


@pytest.mark.parametrize("scale", [100, 125, 150])
def test_the_labels_of_the_radar_keep_apart(context: Context, page: OverviewPage, scale: int) -> None:
    context.theme.set_scale(scale)
    radar = page.findChild(Radar)
    assert radar is not None
    for width in (radar.minimumSizeHint().width(), 353, 390, 520):
        radar.resize(width, radar.sizeHint().height())
        metrics = QFontMetrics(context.theme.font(9, bold=True))
        boxes = []
        for index in range(10):
            box = radar._label_box(index)
            narrower = max(metrics.horizontalAdvance(part) for part in radar._lines(index))
            boxes.append(QRectF(box.center().x() - narrower / 2, box.top(), narrower, box.height()))
            assert radar.rect().toRectF().contains(boxes[-1]), (width, index)
        assert not [1 for i, a in enumerate(boxes) for b in boxes[:i] if a.intersects(b)], width
    context.theme.set_scale(100)


def test_tab_goes_from_the_figures_to_the_groups(qtbot: QtBot, page: OverviewPage) -> None:
    figure(page, "条款与实证").setFocus()
    qtbot.keyClick(page, Qt.Key.Key_Tab)
    assert (page.focusWidget() or page).accessibleName().startswith("病房组")
