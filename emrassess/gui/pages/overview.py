"""总览: where the hospital stands, and what keeps it from its target."""

from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListView, QStackedWidget, QVBoxLayout, QWidget

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Pack
from emrassess.domain.readiness import Readiness
from emrassess.gui.context import Context
from emrassess.gui.models.blockers import MARK_WIDTH, TARGET, BlockerModel
from emrassess.gui.models.demand_tiles import tile_of
from emrassess.gui.models.explanations import explain, subject_of
from emrassess.gui.models.first_steps import first_steps
from emrassess.gui.models.standing import cells
from emrassess.gui.page import Page
from emrassess.gui.widgets.basics import button, card, clear, label, scrolled
from emrassess.gui.widgets.figures import Figure, GroupCard
from emrassess.gui.widgets.heat_legend import HeatLegend
from emrassess.gui.widgets.heat_map import HeatMap
from emrassess.gui.widgets.radar import Radar, Spoke
from emrassess.gui.widgets.reasons_panel import ReasonsPanel
from emrassess.gui.widgets.tiles import Tiles
from emrassess.gui.widgets.two_lines import TwoLines
from emrassess.reports.wording import OUTCOME_NAMES, how_many

if TYPE_CHECKING:
    from emrassess.services.changes import Changes
    from emrassess.services.session import Session


class OverviewPage(Page):
    """Figures, groups, heat map at the left; radar and blockers at the right, where reasons take their place."""

    key = "overview"
    title = "总览"
    icon = "overview"

    def __init__(self, context: Context, parent: QWidget | None = None) -> None:
        super().__init__(context, parent)
        self._subject = ""
        theme = context.theme
        self._attained = self._figure("attained", "达到等级")
        self._clauses = self._figure("clauses", "条款与实证")
        self._demands: dict[str, Figure] = {}
        self._shown_pack: Pack | None = None
        self._groups: dict[str, GroupCard] = {}
        self._map = HeatMap(theme)
        self._map.chosen.connect(self._on_cell)
        self._radar = Radar(theme)
        self._radar.chosen.connect(lambda code: self.show_reasons(f"role/{code}"))
        self._build()
        self.setFocusProxy(self._attained)

    def _figure(self, subject: str, name: str) -> Figure:
        made = Figure(self.context.theme, name)
        made.clicked.connect(lambda: self.show_reasons(subject))
        return made

    def _build(self) -> None:
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(16, 14, 6, 14)
        column.setSpacing(10)
        self._first = QFrame()
        self._first.setObjectName("notice")
        self._first_title = label("", "heading")
        self._steps = QVBoxLayout()
        notice = QVBoxLayout(self._first)
        notice.setContentsMargins(16, 12, 16, 12)
        notice.addWidget(self._first_title)
        notice.addLayout(self._steps)
        column.addWidget(self._first)
        column.addWidget(self._marks_notice())
        self._figure_tiles = Tiles(self.context.theme, 122)
        column.addWidget(self._figure_tiles)
        self._group_tiles = Tiles(self.context.theme, 200)
        column.addWidget(self._group_tiles)
        frame, inside = card()
        inside.addWidget(label("各项目在各级别的情况", "heading"))
        inside.addWidget(self._map)
        self._legend = HeatLegend(self.context.theme)
        inside.addWidget(self._legend)
        self._cell_text = label("移到格子上看说明，点一下或按回车到它的条款", "muted", wrap=True)
        self._cell_text.setMinimumHeight(self.context.theme.px(20))
        self._map.described.connect(self._cell_text.setText)
        inside.addWidget(self._cell_text)
        column.addWidget(frame)
        column.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        row.addWidget(scrolled(left), 64)
        row.addWidget(self._right_side(), 36)

    def _marks_notice(self) -> QFrame:
        """How many clauses are marked for another look, and the way to the first."""
        self._marks = QFrame()
        self._marks.setObjectName("notice")
        self._marks_text = label("", wrap=True)
        row = QHBoxLayout(self._marks)
        row.setContentsMargins(16, 8, 16, 8)
        row.addWidget(self._marks_text, 1)
        row.addWidget(button("从第一条看起", self._go_to_first_mark))
        return self._marks

    def _right_side(self) -> QStackedWidget:
        side = QStackedWidget()
        usual = QWidget()
        column = QVBoxLayout(usual)
        column.setContentsMargins(0, 14, 16, 14)
        column.setSpacing(12)
        frame, inside = card(spacing=2)
        inside.addWidget(label("工作角色与目标的距离", "heading"))
        self._radar_note = label("", "muted", wrap=True)
        inside.addWidget(self._radar_note)
        inside.addWidget(self._radar)
        column.addWidget(frame)
        frame, inside = card()
        self._blocker_title = label("", "heading", wrap=True)
        inside.addWidget(self._blocker_title)
        self._blockers = BlockerModel(self)
        self._list = QListView()
        self._list.setAccessibleName("阻碍")
        self._list.setModel(self._blockers)
        self._list.setItemDelegate(TwoLines(self.context.theme, MARK_WIDTH))
        self._list.setUniformItemSizes(True)
        self._list.setProperty("look", "plain")
        self._list.setMinimumHeight(self.context.theme.px(150))
        self._list.clicked.connect(self._on_blocker)
        self._list.activated.connect(self._on_blocker)
        inside.addWidget(self._list, 1)
        self._no_blockers = label("没有阻碍：目标级别的各项要求都已满足。", "good", wrap=True)
        inside.addWidget(self._no_blockers)
        column.addWidget(frame, 1)
        side.addWidget(scrolled(usual))
        self._panel = ReasonsPanel(self.context.theme)
        self._panel.go_to.connect(self._on_link)
        self._panel.closed.connect(self._close_reasons)
        holder = QWidget()
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 14, 16, 14)
        inner.addWidget(self._panel)
        side.addWidget(holder)
        self._side = side
        return side

    def _show_pack(self, session: "Session") -> None:
        """What depends on the pack alone: figures a demand, first steps, legend."""
        if session.pack is self._shown_pack:
            return
        self._shown_pack = session.pack
        self._legend.show_standings(session.pack.scheme.standings)
        demands = session.score.levels[session.score.target].demands
        self._demands = {demand.key: self._figure(subject_of(demand), demand.name) for demand in demands}
        self._figure_tiles.show_tiles((self._attained, *self._demands.values(), self._clauses))
        clear(self._steps)
        steps = first_steps(session.pack)
        self._first_title.setText(f"还没有开始自评，先做这{how_many(len(steps))}件事")
        for number, step in enumerate(steps, 1):
            row = QHBoxLayout()
            row.addWidget(label(f"{number}　{step.text}", wrap=True), 1)
            row.addWidget(button(step.does, lambda t=step.target: self.context.go_to.emit(t)))
            self._steps.addLayout(row)
        self._order_tabs()

    # --- showing

    def show_session(self) -> None:
        """Show all figures anew."""
        self._close_reasons()
        self._show()

    def refresh(self, changes: "Changes") -> None:  # noqa: ARG002
        """Any write may change any figure here."""
        self._show()

    def show_target(self, target: str) -> None:
        """ "page:overview/<subject>" opens the reasons of that subject."""
        self.show_reasons(target.partition("/")[2])

    def show_reasons(self, subject: str) -> None:
        """Show the sentences behind a number in place of radar and blockers."""
        session = self.context.session
        if session is None:
            return
        anew = subject != self._subject
        self._subject = subject
        self._side.setCurrentIndex(1)
        self._panel.show_explanation(explain(session, subject), anew=anew)

    def _show(self) -> None:
        session = self.context.session
        if session is None:
            return
        assessment = session.assessment
        started = any(a.verdict is not Verdict.NOT_ASSESSED for a in assessment.answers.values())
        self._show_pack(session)
        self._first.setVisible(not started and not assessment.coverage)
        marks = len(assessment.rechecks)
        self._marks.setVisible(marks > 0)
        self._marks_text.setText(f"{marks} 条条款需再看（随新版转入）。在条款页筛选“需再看”，可以只看这些。")
        self._show_figures(session)
        self._show_groups(session)
        self._map.show_cells(session.pack, cells(session), session.score.target)
        self._radar_note.setText(f"外圈 = 该角色全部做到 {session.score.target} 级时的得分，数字为已得的份额")
        self._radar.show_spokes(tuple(_spoke(role) for role in session.roles))
        self._blockers.show(session)
        count = self._blockers.rowCount()
        self._blocker_title.setText(
            f"到 {session.score.target} 级的阻碍（{count} 个项目，最要紧的在前）" if count else "阻碍"
        )
        self._list.setVisible(count > 0)
        self._no_blockers.setVisible(count == 0)
        if self._subject:
            self.show_reasons(self._subject)

    def _show_figures(self, session: "Session") -> None:
        score = session.score
        result = score.levels[score.target]
        possible = f"可能 {score.possible} 级；" if score.possible > score.certain else ""
        outcome = OUTCOME_NAMES[result.outcome]
        self._attained.show_figure(f"{score.certain} 级", f"{possible}目标 {score.target} 级：{outcome}", None)
        for demand in result.demands:
            tile = tile_of(demand, result, has_categories=session.pack.scheme.has_categories)
            self._demands[demand.key].show_figure(tile.value, tile.note, tile.shares, "good" if tile.met else "accent")
        ready, met, whole = (
            sum(getattr(role, name) for role in session.roles) for name in ("clauses_ready", "clauses_met", "clauses")
        )
        self._clauses.show_figure(
            f"{ready}/{whole}", f"达标 {met} 条，材料完整 {ready} 条", (ready / max(whole, 1), met / max(whole, 1))
        )

    def _show_groups(self, session: "Session") -> None:
        codes = [group.code for group in session.groups]
        if codes != list(self._groups):
            self._groups = {code: GroupCard(self.context.theme) for code in codes}
            for code, bar in self._groups.items():
                bar.clicked.connect(lambda *_, c=code: self.show_reasons(f"group/{c}"))
            self._group_tiles.show_tiles(list(self._groups.values()))
            self._group_tiles.setVisible(bool(codes))
            self._order_tabs()
        for group in session.groups:
            self._groups[group.code].show_readiness(group)

    def _order_tabs(self) -> None:
        """Tab goes through the figures, then the groups, whenever they were made."""
        tiles = (self._attained, *self._demands.values(), self._clauses, *self._groups.values(), self._map)
        for before, after in pairwise(tiles):
            self.setTabOrder(before, after)

    # --- leading on

    def _go_to_first_mark(self) -> None:
        session = self.context.session
        marked = session.assessment.rechecks if session else {}
        if session and marked:
            first = next(clause for clause in session.pack.clause_by_id if clause in marked)
            self.context.go_to.emit(f"clause:{first}")

    def _close_reasons(self) -> None:
        self._subject = ""
        self._side.setCurrentIndex(0)

    def _on_link(self, target: str) -> None:
        if target.startswith("overview:"):
            self.show_reasons(target.removeprefix("overview:"))
        else:
            self.context.go_to.emit(target)

    def _on_blocker(self, index: QModelIndex) -> None:
        target = index.data(TARGET)
        if target:
            self.context.go_to.emit(target)

    def _on_cell(self, item: str, level: int) -> None:
        session = self.context.session
        if session is None:
            return
        clauses = session.pack.item_by_code[item].by_level[level].clauses
        open_ = (c.id for c in clauses if session.answers.verdict(c.id) is not Verdict.MET)
        self.context.go_to.emit(f"clause:{next(open_, clauses[0].id)}")


def _spoke(role: Readiness) -> Spoke:
    whole = role.points_at_target
    return Spoke(role.code, role.name, float(role.points / whole) if whole else 1.0)
