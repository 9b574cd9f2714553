"""The parts around the items: plan to the target, verdict of every level, heat map, evidence index, about."""

from collections.abc import Iterator, Sequence

from reportlab.platypus.flowables import CondPageBreak, Flowable, PageBreak, Spacer

from emrassess.domain.gaps import Need
from emrassess.domain.scoring import Demand, Standing
from emrassess.reports.content import LevelLine, ReportContent
from emrassess.reports.demand_words import demand_measure, demand_text
from emrassess.reports.gap_lines import GapLine
from emrassess.reports.pdf_charts import HeatMap, fill_of, sign_of
from emrassess.reports.pdf_contrast import KEY
from emrassess.reports.pdf_front import item_link, statement
from emrassess.reports.pdf_parts import (
    BODY,
    LINE,
    NOTE,
    PALE,
    SMALL,
    SMALL_BOLD,
    TABLE_WIDTH,
    TINY,
    Box,
    Column,
    Contents,
    Entry,
    Heading,
    Ledger,
    Rows,
    Stack,
)
from emrassess.reports.pdf_readiness import clause_figures, part_figures, points_figure, readiness_rows
from emrassess.reports.pdf_text import BOLD, Scribe, Style, Text, color, width
from emrassess.reports.sentences import goal_points_sentence, reach_sentence
from emrassess.reports.wording import (
    ABSENT_NAME,
    KIND_NAMES,
    OUTCOME_NAMES,
    OUTCOME_SIGNS,
    minute,
    plain,
    size_text,
    two_places,
)

_NUMBERS = "一二三四五六七"


def contents_page(content: ReportContent, ledger: Ledger) -> list[Flowable]:
    """Contents with page numbers, one page."""
    entries = [Entry("结论一览", "summary", 0)]
    for key, title in section_titles(content).items():
        entries.append(Entry(title, key, 0))
        if key == "items":
            entries += [Entry(f"{item.code} {item.name}", f"item-{item.code}", 1) for item in content.items]
    return [Heading("目录", 1, "contents", ledger), Contents(entries, ledger), PageBreak()]


def section_titles(content: ReportContent) -> dict[str, str]:
    """Titles of the sections by bookmark, numbered."""
    titles = {
        "plan": "到目标还缺什么",
        "levels": "结论的依据",
        "heat": f"{len(content.items)} 项热力图",
        "items": "各评价项目",
        "evidence": "实证材料索引",
        **({KEY: content.contrast.title} if content.contrast else {}),
        "about": "关于本报告",
    }
    return {key: f"{number}、{title}" for number, (key, title) in zip(_NUMBERS, titles.items(), strict=False)}


def plan_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """What is missing to the target in the order that unblocks the level, and whether that would reach it."""
    plan = content.plan
    parts: list[Flowable] = [Heading(section_titles(content)["plan"], 1, "plan", ledger)]
    box = [Text(f"做到什么就能达到 {content.target} 级", SMALL_BOLD), Text(reach_sentence(content), BODY)]
    least = f"　（最低要求 {plain(plan.minimum)}）" if plan.minimum else ""
    totals = f"总分：现在 {two_places(plan.total_now)}　→　整改后 {two_places(plan.total_after)}{least}"
    box.append(Text(totals, SMALL))
    if not plan.certain:
        box.append(Text("还有评价类别没有核对，这里把待核对的项都当作基本项来整改；核对为选择项的可以往后放。", SMALL))
    parts.append(Box(box))
    needed = [gap for gap in content.gaps if gap.need is not Need.SPARE]
    spare = [gap for gap in content.gaps if gap.need is Need.SPARE]
    if needed:
        parts.append(Text("按解除限制的先后排列：先做排在前面的。“涨分”按刚好通过计算。", NOTE))
        parts.append(_gap_rows(needed, scribe))
    else:
        parts.append(Text("没有必须整改的项目。", BODY))
    if spare:
        enough = "数量" if content.has_categories else "得分"
        parts.append(Heading(f"备选：{enough}已够，做了能多得分", 2, "spare", ledger))
        parts.append(_gap_rows(spare, scribe))
    return parts


def _gap_rows(gaps: Sequence[GapLine], scribe: Scribe) -> Flowable:
    columns = [
        Column("序", 22, "right"),
        Column("项目", 108),
        Column("为什么要补", 90),
        Column("差什么", 211),
        Column("事项", 32, "right"),
        Column("涨分", 36, "right"),
    ]
    return Rows(
        columns,
        [
            (
                str(gap.order or "—"),
                item_link(gap),
                gap.why,
                Stack([Text(scribe.printable(reason), SMALL) for reason in gap.brief]),
                str(gap.effort),
                two_places(gap.gain),
            )
            for gap in gaps
        ],
    )


def levels_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """The verdict of every level with its counts, and the figures of groups and roles."""
    note = "目标以外的级别只印主要理由。"
    if content.has_categories:
        note = (
            "“待核对”是标准包里还没有对照官方文件核对的评价类别；核对之前，判定按每种可能的分法计算，不一致时为待定。"
        ) + note
    return [
        CondPageBreak(380),
        Heading(section_titles(content)["levels"], 1, "levels", ledger),
        Text(note, NOTE),
        _level_rows(content, scribe),
        *_readiness(content, scribe, ledger),
        Text(f"条款：到 {content.target} 级的全部条款。{goal_points_sentence(content)}", NOTE),
    ]


def _level_rows(content: ReportContent, scribe: Scribe) -> Flowable:
    figures = [_demand_column(demand, content) for demand in content.goal.result.demands]
    if content.has_categories:
        figures.append(Column("待核对", 32, "right"))
    columns = [Column("级别", 29), Column("判定", 45), *figures]
    columns.append(Column("理由", TABLE_WIDTH - sum(column.width for column in columns)))
    rows = [_level_row(line, scribe, content) for line in content.levels]
    tints = {index: PALE for index, line in enumerate(content.levels) if line.result.level == content.target}
    return Rows(columns, rows, tints=tints)


def _demand_column(demand: Demand, content: ReportContent) -> Column:
    measure = demand_measure(demand, has_categories=content.has_categories)
    if demand.in_points:
        return Column(demand.name + measure, 62 if demand.needed is not None else 78, "right")
    title = demand.name + measure.replace("/", "/\n")
    widest = max(width(line, BOLD, 7.5) for line in title.split("\n"))
    return Column(title, max(56, widest + 2 * Rows.PAD_X + 0.5), "right")


def _level_row(line: LevelLine, scribe: Scribe, content: ReportContent) -> tuple[str | Flowable, ...]:
    result = line.result
    reasons = "；".join(line.reasons) + "。" if line.reasons else "各项要求都已满足。"
    unverified = [str(len(result.unverified_items))] if content.has_categories else []
    return (
        Text(f"{result.level} 级", SMALL_BOLD),
        f"{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}",
        *map(demand_text, result.demands),
        *unverified,
        Text(scribe.printable(reasons), Style(7.5, 10.5), most=0 if result.level == content.target else 3),
    )


def _readiness(content: ReportContent, scribe: Scribe, ledger: Ledger) -> Iterator[Flowable]:
    for title, key, parts in (("专家组就绪度", "groups", content.groups), ("工作角色就绪度", "roles", content.roles)):
        if parts:
            figures = [*part_figures(parts, 44), points_figure("得分/目标得分", 92), *clause_figures(content)]
            yield Heading(title, 2, key, ledger)
            yield readiness_rows(parts, figures, scribe, TABLE_WIDTH, title="名称")


class Swatch(Text):
    """A line of the heat map's key: a filled cell with its sign (else with figures), then words."""

    def __init__(self, standing: Standing | None, words: str, figures: str = "") -> None:
        super().__init__(words, Style(8, 13))
        self.standing, self.sign = standing, sign_of(standing) or figures

    def draw(self) -> None:
        fill, ink = fill_of(self.standing)
        self.canv.setFillColor(color(fill))
        self.canv.setStrokeColor(color(LINE))
        self.canv.rect(0, 1.5, 22, 10, stroke=1, fill=1)
        sign = Text(self.sign, Style(7, 13, color=ink, align="center"))
        sign.wrap(22, 13)
        sign.drawOn(self.canv, 0, 0)
        self.canv.saveState()
        self.canv.translate(27, 0)
        super().draw()
        self.canv.restoreState()


def heat_section(content: ReportContent, ledger: Ledger) -> list[Flowable]:
    """The heat map with its key, one page."""
    levels = [line.result.level for line in content.levels]
    keys: list[str | Flowable] = [
        Swatch(standing, name, "0/5" if standing is Standing.NOTHING else "2/5")
        for standing, name in content.standings.items()
    ]
    keys.append(Swatch(None, ABSENT_NAME))
    keys += [""] * (-len(keys) % 3)
    key = Rows([Column("", 166.3)] * 3, [keys[at : at + 3] for at in range(0, len(keys), 3)], header=False)
    underlined = "格内下划线表示已核对的基本项；" if content.has_categories else ""
    note = f"数字是本级达标条款数/条款数；{underlined}橙色框是目标 {content.target} 级。"
    return [
        PageBreak(),
        Heading(section_titles(content)["heat"], 1, "heat", ledger),
        HeatMap(content.items, levels, content.target),
        Spacer(1, 5),
        key,
        Text(note, TINY),
        PageBreak(),
    ]


def evidence_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """State of the evidence, and every piece with its digest."""
    census = content.census
    sentence = (
        f"共 {census.pieces} 件。到 {content.target} 级已达标的 {census.met} 条条款中：材料完整 {census.complete} 条，"
        f"材料不完整 {census.incomplete} 条，没有材料 {census.without} 条。"
    )
    lines: list[Flowable] = [Text(sentence, BODY)]
    for numbers, words in ((census.lacking, "缺标题、来源系统、截取时间或内容"), (census.missing, "文件缺失")):
        if numbers:
            lines.append(Text(f"{words} {len(numbers)} 件：{_numbers(numbers)}", SMALL))
    if census.unlinked:
        lines.append(Text(f"没有关联任何条款 {census.unlinked} 件，排在最后。", SMALL))
    title = section_titles(content)["evidence"]
    parts: list[Flowable] = [PageBreak(), Heading(title, 1, "evidence", ledger), Box(lines)]
    if content.evidence:
        parts.append(_evidence_rows(content, scribe))
    return parts


def _numbers(numbers: Sequence[int]) -> str:
    shown = "、".join(map(str, numbers[:40]))
    return f"[{shown}{' 等' if len(numbers) > 40 else ''}]"


def _evidence_rows(content: ReportContent, scribe: Scribe) -> Flowable:
    small = Style(7.5, 10.5)
    columns = [
        Column("编号", 26, "right", small),
        Column("标题和文件", 160, style=small),
        Column("类型、来源、截取时间", 91, style=small),
        Column("证明的条款", 82, style=small),
        Column("SHA-256 摘要", 140, style=Style(6.5, 9.5)),
    ]
    rows = []
    for exhibit in content.evidence:
        piece, file = exhibit.piece, exhibit.piece.current
        lines = [scribe.printable(f"{file.file_name}（{size_text(file.size)}）")]
        if piece.title.strip():
            lines.insert(0, scribe.printable(piece.title.strip()))
        if piece.lacks:
            lines[-1] += "　缺：" + "、".join(piece.lacks)
        if not exhibit.present:
            lines[-1] += "　× 文件缺失"
        system = scribe.printable(piece.source_system.strip())
        source = [f"{KIND_NAMES[piece.kind]}　{system}", scribe.printable(minute(piece.captured_at))]
        digest = file.sha256
        rows.append(
            (
                str(exhibit.number),
                "\n".join(lines),
                "\n".join(part.strip() for part in source),
                "、".join(piece.clauses) or "—",
                f"{digest[:32]}\n{digest[32:]}",
            )
        )
    return Rows(columns, rows)


def about_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """How the figures come about, and what could not be printed. Built last: it tells of characters met before."""
    lines = [
        statement(content),
        f"评价标准：{content.standard_named}。"
        f"标准包 {content.pack_id}，版本 {content.pack_version}，SHA-256 摘要 {content.pack_digest}。",
        *content.method,
        f"评估编号 {scribe.printable(content.assessment_id)}；生成时间 {content.created.strftime('%Y-%m-%d %H:%M')}。",
    ]
    title = section_titles(content)["about"]
    lines += unprintable(scribe)
    return [Heading(title, 1, "about", ledger), *(Text(line, Style(9, 15, after=5)) for line in lines)]


def unprintable(scribe: Scribe) -> list[str]:
    """A sentence on the characters that could not be printed, where there were any."""
    if not scribe.replaced:
        return []
    codes = "、".join(f"U+{ord(character):04X}" for character in sorted(scribe.replaced)[:30])
    return [
        f"本报告有 {len(scribe.replaced)} 个字符（如表情符号、生僻字）字库里没有，印作“〓”：{codes}。"
        "原文在程序和 XLSX 表里都完整保留。"
    ]
