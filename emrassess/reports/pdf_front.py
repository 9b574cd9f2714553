"""The pages that a hospital's director reads: the cover, and the verdict in one glance."""

from collections.abc import Sequence
from decimal import Decimal

from reportlab.platypus.flowables import Flowable, PageBreak, Spacer

from emrassess.domain.readiness import Readiness
from emrassess.domain.scoring import Demand, LevelOutcome
from emrassess.reports.content import ReportContent
from emrassess.reports.contrast import headline
from emrassess.reports.demand_words import all_needed, demand_remark, demand_tile
from emrassess.reports.gap_lines import GapLine
from emrassess.reports.pdf_charts import Bar, Bars, Radar, points_share
from emrassess.reports.pdf_contrast import KEY
from emrassess.reports.pdf_parts import (
    ALERT,
    ALERT_PALE,
    BODY,
    FAINT,
    GREY,
    HEADINGS,
    NAVY,
    PALE,
    SMALL,
    SMALL_BOLD,
    TINY,
    Box,
    Column,
    Ledger,
    Rows,
    SideBySide,
    Stack,
    link,
    mark,
)
from emrassess.reports.pdf_readiness import part_figures, points_figure, readiness_rows
from emrassess.reports.pdf_text import BOLD, Scribe, Style, Text, color, draw_line, shorten
from emrassess.reports.sentences import attained_tile, reach_sentence, rim_phrase
from emrassess.reports.wording import (
    MOST_REASONS,
    OUTCOME_NAMES,
    OUTCOME_SIGNS,
    day,
    how_many,
    percent,
    plain,
    two_places,
)


def statement(content: ReportContent) -> str:
    """What the report rests on, and that it is no official verdict."""
    filled = ["自评结论"]
    if content.has_coverage:
        filled.append("有效应用比例")
    if content.has_quality:
        filled.append("数据质量系数")
    return (
        f"自评报告说明：本报告由医院依据所填的{'、'.join(filled)}和实证材料，用 emrassess 离线计算生成，"
        "供院内改进和申报前自查使用，不是卫生健康主管部门的评价结论。评价标准以主管部门发布的文件为准。"
    )


def cover(content: ReportContent, scribe: Scribe) -> list[Flowable]:
    """Whose report it is, on what it rests, and the verdict in one sentence."""
    hospital = scribe.printable(content.hospital)
    size = 24 if len(hospital) <= 18 else 18 if len(hospital) <= 50 else 13
    facts = [
        ("目标等级", f"{content.target} 级　{content.target_name}"),
        ("报告日期", day(content.created)),
        ("评价标准", content.standard),
        *([("文件号", content.document_number)] if content.document_number else []),
        ("标准包", f"{content.pack_id} {content.pack_version}，摘要 {content.pack_digest[:12]}"),
    ]
    tone = _tone(content)
    return [
        Spacer(1, 196),
        Text(hospital, Style(size, size * 1.4, bold=True, color=NAVY, after=26)),
        Rows(
            [Column("", 90, style=Style(10, 17, color=GREY)), Column("", 409, style=Style(10, 17))],
            [(name, scribe.printable(value)) for name, value in facts],
            header=False,
        ),
        Spacer(1, 26),
        Box(
            [
                Text("自评结论", Style(9, 13, bold=True, color=tone[0])),
                Text(scribe.printable(content.headline), Style(13, 21, bold=True)),
            ],
            tint=tone[1],
            bar=tone[0],
            gap=5,
            after=26,
        ),
        Text(statement(content), Style(8.5, 14, color=GREY)),
    ]


def _tone(content: ReportContent) -> tuple[str, str]:
    met = content.goal.result.outcome is LevelOutcome.MET
    return (NAVY, PALE) if met else (ALERT, ALERT_PALE)


class Tiles(Flowable):
    """Big figures side by side: name above, remark below."""

    HIGH, GAP = 74, 8

    def __init__(self, tiles: Sequence[tuple[str, str, str]]) -> None:
        super().__init__()
        self.tiles = tiles

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, self.HIGH
        return self.width, self.height

    def draw(self) -> None:
        wide = (self.width - self.GAP * (len(self.tiles) - 1)) / len(self.tiles)
        for index, (name, figure, remark) in enumerate(self.tiles):
            x = index * (wide + self.GAP)
            self.canv.setFillColor(color(FAINT))
            self.canv.rect(x, 0, wide, self.HIGH, stroke=0, fill=1)
            draw_line(self.canv, x + 8, self.HIGH - 6, name, Style(8, 12, color=GREY))
            draw_line(self.canv, x + 8, self.HIGH - 19, figure, Style(20, 29, bold=True, color=NAVY))
            small = Style(8, 12, color=GREY)
            draw_line(self.canv, x + 8, self.HIGH - 52, shorten(remark, small.font, small.size, wide - 16), small)


class Summary(Stack):
    """The whole glance as one part, so that it stays on its page; set smaller where long texts would burst it."""

    def __init__(self, parts: Sequence[Flowable], ledger: Ledger) -> None:
        super().__init__(parts, gap=7)
        self.ledger = ledger
        self.scale = 1.0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        _, high = super().wrap(aW, aH)
        self.scale = min(1.0, aH / high)
        return aW, min(high, aH)

    def draw(self) -> None:
        self.canv.scale(self.scale, self.scale)
        mark(self.canv, "summary", "结论一览", 0, self.ledger, top=self.height)
        super().draw()


def summary(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """Page two: attained level, totals, unverified categories, groups, roles, the five gaps that matter most."""
    parts: list[Flowable] = [
        Text("结论一览", HEADINGS[1]),
        Tiles(_tiles(content)),
        _verdict_box(content, scribe),
    ]
    if content.unverified:
        parts.append(_unverified(content))
    if content.contrast:
        parts.append(Linked(f"{scribe.printable(headline(content.contrast))}。", SMALL, KEY))
    parts += [_pictures(content, scribe), Text("最要紧的五个差距", HEADINGS[2]), _first_gaps(content, ledger)]
    return [PageBreak(), Summary(parts, ledger), PageBreak()]


def _tiles(content: ReportContent) -> list[tuple[str, str, str]]:
    return [attained_tile(content), *(_demand_tile(content, demand) for demand in content.goal.result.demands)]


def _demand_tile(content: ReportContent, demand: Demand) -> tuple[str, str, str]:
    name, figure = demand_tile(demand, content.target)
    if demand.needed is None:
        return name, figure, demand_remark(demand)
    if demand.in_points:
        short = demand.needed - demand.actual
        remark = f"还差 {two_places(short)} 分" if short > 0 else "已够"
        return f"{name}（{content.target} 级最低 {plain(demand.needed)}）", figure, remark
    if content.has_categories and all_needed(demand):
        open_ = len(content.goal.result.unverified_items)
        remark = f"另有 {open_} 项类别待核对" if open_ else "类别已全部核对"
        return f"{name}（要求 {plain(demand.needed)}）", figure, remark
    return name, figure, demand_remark(demand)


def _verdict_box(content: ReportContent, scribe: Scribe) -> Flowable:
    outcome = content.goal.result.outcome
    tone = _tone(content)
    title = f"{OUTCOME_SIGNS[outcome]} 目标 {content.target} 级：{OUTCOME_NAMES[outcome]}"
    lines = [Text(title, Style(11, 16, bold=True, color=tone[0]))]
    reasons = content.goal.reasons
    lines += [Text("· " + scribe.printable(reason), SMALL, most=2) for reason in reasons[:MOST_REASONS]]
    if (rest := len(reasons) - MOST_REASONS) > 0:
        lines.append(Text(f"· 另有 {rest} 条理由，见“二、结论的依据”", SMALL))
    lines.append(Text(reach_sentence(content), SMALL_BOLD))
    return Box(lines, tint=tone[1], bar=tone[0], gap=1, after=0)


def _unverified(content: ReportContent) -> Flowable:
    names = "、".join(f"{code} {name}" for code, name in content.unverified)
    demanded = content.goal.result.basic_among_unverified
    head = f"评价类别待核对的 {len(content.unverified)} 项（附件 2 要求其中 {demanded} 项是基本项）："
    return Text(head + names, Style(7.2, 10.2, color=GREY), most=9)


def _pictures(content: ReportContent, scribe: Scribe) -> Flowable:
    roles = _roles(content, scribe)
    if not content.groups:
        return roles
    key = f"横条：到 {content.target} 级的全部条款。深色＝达标且材料完整，浅色＝达标但材料不全，空白＝还没有达标。"
    groups: list[Flowable] = [
        Text(f"{how_many(len(content.groups))}个专家组的就绪度", HEADINGS[3]),
        Bars([_group_bar(group, scribe) for group in content.groups]),
        Text(key, TINY),
        Spacer(1, 2),
        _group_rows(content, scribe),
    ]
    return SideBySide([Stack(groups, 3), Spacer(1, 1), roles], [240, 9, 250])


def _roles(content: ReportContent, scribe: Scribe) -> Stack:
    """The roles as a radar; too few for one are bars."""
    roles, what = content.roles, "各工作角色的得分占目标得分的百分比"
    title = Text(f"{how_many(len(roles))}个工作角色", HEADINGS[3])
    if len(roles) >= 3:
        return Stack([title, Radar(roles, 212), Text(f"雷达图：{what}，外圈＝{rim_phrase(content)}。", TINY)], 3)
    bars = [
        Bar(shorten(scribe.printable(role.name), BOLD, 9, 150), (points_share(role),), percent(points_share(role)))
        for role in roles
    ]
    return Stack([title, Bars(bars), Text(f"横条：{what}，满格＝{rim_phrase(content)}。", TINY)], 3)


def _group_bar(group: Readiness, scribe: Scribe) -> Bar:
    total = Decimal(group.clauses or 1)
    ready = Decimal(group.clauses_ready) / total
    rest = Decimal(group.clauses_met - group.clauses_ready) / total
    figures = f"条款达标 {group.clauses_met}/{group.clauses}，材料完整 {group.clauses_ready}"
    return Bar(shorten(scribe.printable(group.name), BOLD, 9, 90), (ready, rest), figures)


def _group_rows(content: ReportContent, scribe: Scribe) -> Flowable:
    figures = [*part_figures(content.groups, 36), points_figure("得分/目标", 82)]
    return readiness_rows(content.groups, figures, scribe, 240)


class Linked(Text):
    """A text that leads to a bookmark."""

    def __init__(self, text: str, style: Style, key: str) -> None:
        super().__init__(text, style)
        self.key = key

    def draw(self) -> None:
        super().draw()
        link(self.canv, self.key, (0, 0, self.width, self.height))


class PageNumber(Flowable):
    """The number of the page that a bookmark lies on."""

    def __init__(self, key: str, ledger: Ledger, style: Style) -> None:
        super().__init__()
        self.key, self.ledger, self.style = key, ledger, style

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, self.style.leading
        return self.width, self.height

    def draw(self) -> None:
        self.ledger.stamp(self.canv, self.key, self.width, self.height, self.style)
        link(self.canv, self.key, (0, 0, self.width, self.height))


def item_link(gap: GapLine) -> Linked:
    """The item of a gap, leading to its sheet."""
    return Linked(f"{gap.item} {gap.name}", SMALL_BOLD, f"item-{gap.item}")


def _first_gaps(content: ReportContent, ledger: Ledger) -> Flowable:
    gaps = [gap for gap in content.gaps if gap.order][:5]
    if not gaps:
        return Text("没有要整改的项目。", BODY)
    columns = [
        Column("序", 22, "right"),
        Column("项目", 118),
        Column("为什么要补", 96),
        Column("差什么", 235),
        Column("页", 28, "right"),
    ]
    rows = [
        (
            str(gap.order),
            item_link(gap),
            gap.why,
            Text("；".join(gap.outline) + "。", SMALL, most=2),
            PageNumber(f"item-{gap.item}", ledger, Style(8, 11.5, align="right")),
        )
        for gap in gaps
    ]
    return Rows(columns, rows)
