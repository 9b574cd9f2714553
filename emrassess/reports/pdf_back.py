"""The parts around the items: plan to the target, verdict of every level, heat map, evidence index, about."""

from collections.abc import Sequence

from reportlab.platypus.flowables import CondPageBreak, Flowable, PageBreak, Spacer

from emrassess.domain.gaps import Need
from emrassess.domain.readiness import Readiness
from emrassess.reports.content import LevelLine, ReportContent
from emrassess.reports.gap_lines import GapLine
from emrassess.reports.pdf_charts import FILLS, HeatMap
from emrassess.reports.pdf_front import STATEMENT, item_link, part_text
from emrassess.reports.pdf_parts import (
    BODY,
    LINE,
    NOTE,
    PALE,
    SMALL,
    SMALL_BOLD,
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
from emrassess.reports.pdf_text import Scribe, Style, Text, color
from emrassess.reports.sentences import reach_sentence
from emrassess.reports.wording import (
    KIND_NAMES,
    NEED_NAMES,
    OUTCOME_NAMES,
    OUTCOME_SIGNS,
    STANDING_NAMES,
    STANDING_SIGNS,
    Standing,
    minute,
    percent,
    size_text,
    two_places,
)

SECTIONS = {
    "plan": "一、到目标还缺什么",
    "levels": "二、结论的依据",
    "heat": "三、39 项热力图",
    "items": "四、各评价项目",
    "evidence": "五、实证材料索引",
    "about": "六、关于本报告",
}


def contents_page(content: ReportContent, ledger: Ledger) -> list[Flowable]:
    """Contents with page numbers, one page."""
    entries = [Entry("结论一览", "summary", 0)]
    for key, title in section_titles(content).items():
        entries.append(Entry(title, key, 0))
        if key == "items":
            entries += [Entry(f"{item.code} {item.name}", f"item-{item.code}", 1) for item in content.items]
    return [Heading("目录", 1, "contents", ledger), Contents(entries, ledger), PageBreak()]


def section_titles(content: ReportContent) -> dict[str, str]:
    """Titles of the sections by bookmark."""
    return {**SECTIONS, "heat": f"三、{len(content.items)} 项热力图"}


def plan_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """What is missing to the target in the order that unblocks the level, and whether that would reach it."""
    plan = content.plan
    parts: list[Flowable] = [Heading(SECTIONS["plan"], 1, "plan", ledger)]
    box = [Text(f"做到什么就能达到 {content.target} 级", SMALL_BOLD), Text(reach_sentence(content), BODY)]
    box.append(
        Text(
            f"总分：现在 {two_places(plan.total_now)}　→　整改后 {two_places(plan.total_after)}　"
            f"（最低要求 {plan.minimum}）",
            SMALL,
        )
    )
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
        parts.append(Heading("备选：数量已够，做了能多得分", 2, "spare", ledger))
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
                NEED_NAMES[gap.need],
                Stack([Text(scribe.printable(reason), SMALL) for reason in gap.brief]),
                str(gap.effort),
                two_places(gap.gain),
            )
            for gap in gaps
        ],
    )


def levels_section(content: ReportContent, scribe: Scribe, ledger: Ledger) -> list[Flowable]:
    """The verdict of every level with its counts, and the figures of groups and roles."""
    columns = [
        Column("级别", 29),
        Column("判定", 45),
        Column("总分/最低", 62, "right"),
        Column("基本项通过/\n已知（要求）", 56, "right"),
        Column("选择项通过/\n已知（要求）", 56, "right"),
        Column("待核对", 32, "right"),
        Column("理由", 219),
    ]
    rows = [_level_row(line, scribe, content.target) for line in content.levels]
    tints = {index: PALE for index, line in enumerate(content.levels) if line.result.level == content.target}
    return [
        CondPageBreak(380),
        Heading(SECTIONS["levels"], 1, "levels", ledger),
        Text(
            "“待核对”是标准包里还没有对照官方文件核对的评价类别；核对之前，判定按每种可能的分法计算，不一致时为待定。"
            "目标以外的级别只印主要理由。",
            NOTE,
        ),
        Rows(columns, rows, tints=tints),
        Heading("专家组就绪度", 2, "groups", ledger),
        _readiness_rows(content.groups, scribe),
        Heading("工作角色就绪度", 2, "roles", ledger),
        _readiness_rows(content.roles, scribe),
        Text(
            f"条款：到 {content.target} 级的全部条款。"
            "目标得分：没有通过的项目按有效应用比例和数据质量指数都是 1.00 计算。",
            NOTE,
        ),
    ]


def _level_row(line: LevelLine, scribe: Scribe, target: int) -> tuple[str | Flowable, ...]:
    result = line.result
    required = result.requirement
    reasons = "；".join(line.reasons) + "。" if line.reasons else "各项要求都已满足。"
    return (
        Text(f"{result.level} 级", SMALL_BOLD),
        f"{OUTCOME_SIGNS[result.outcome]} {OUTCOME_NAMES[result.outcome]}",
        f"{two_places(result.total)} / {required.minimum_score}",
        f"{result.basic_passed}/{len(result.basic_items)}（{required.basic_items}）",
        f"{result.optional_passed}/{len(result.optional_items)}（{required.optional_required}）",
        str(len(result.unverified_items)),
        Text(scribe.printable(reasons), Style(7.5, 10.5), most=0 if result.level == target else 3),
    )


def _readiness_rows(parts: Sequence[Readiness], scribe: Scribe) -> Flowable:
    columns = [
        Column("名称", 86),
        Column("基本项", 44, "right"),
        Column("待核对", 44, "right"),
        Column("选择项", 44, "right"),
        Column("得分/目标得分", 92, "right"),
        Column("条款达标", 56, "right"),
        Column("材料完整", 48, "right"),
        Column("质量指数合格", 55, "right"),
        Column("就绪", 30, "right"),
    ]
    return Rows(
        columns,
        [
            (
                scribe.printable(part.name),
                part_text(part.basic),
                part_text(part.unverified),
                part_text(part.optional),
                f"{two_places(part.points)} / {two_places(part.points_at_target)}",
                f"{part.clauses_met}/{part.clauses}",
                str(part.clauses_ready),
                part_text(part.quality),
                percent(part.share),
            )
            for part in parts
        ],
    )


class Swatch(Text):
    """A line of the heat map's key: a filled cell with its sign, then words."""

    def __init__(self, standing: Standing, sign: str, words: str) -> None:
        super().__init__(words, Style(8, 13))
        self.standing, self.sign = standing, sign

    def draw(self) -> None:
        fill, ink = FILLS[self.standing]
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
    keys = [
        Swatch(standing, STANDING_SIGNS[standing] or ("2/5" if standing is Standing.SOME else "0/5"), name)
        for standing, name in STANDING_NAMES.items()
    ]
    key = Rows([Column("", 166.3)] * 3, [keys[:3], keys[3:]], header=False)
    note = f"数字是本级达标条款数/条款数；格内下划线表示已核对的基本项；橙色框是目标 {content.target} 级。"
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
    parts: list[Flowable] = [PageBreak(), Heading(SECTIONS["evidence"], 1, "evidence", ledger), Box(lines)]
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
        STATEMENT,
        f"评价标准：{content.standard}（{content.document_number}）。"
        f"标准包 {content.pack_id}，版本 {content.pack_version}，SHA-256 摘要 {content.pack_digest}。",
        "功能评分：从 1 级起每一级的条款都达标所到的最高级别；部分达标、未达标、待评都不算达标。",
        "有效应用比例和数据质量指数四舍五入取两位小数；项目得分是可计分各级中 级别×比例×指数 的最大值，乘积不再舍入；"
        "总分是各项目得分之和。",
        f"按基本项通过：功能达到、比例不低于 {content.scoring.basic_coverage}、"
        f"各级指数不低于 {content.scoring.quality}；"
        f"按选择项通过：比例不低于 {content.scoring.optional_coverage}，其余相同。",
        f"评估编号 {scribe.printable(content.assessment_id)}；生成时间 {content.created.strftime('%Y-%m-%d %H:%M')}。",
    ]
    if scribe.replaced:
        codes = "、".join(f"U+{ord(character):04X}" for character in sorted(scribe.replaced)[:30])
        lines.append(
            f"本报告有 {len(scribe.replaced)} 个字符（如表情符号、生僻字）字库里没有，印作“〓”：{codes}。"
            "原文在程序、XLSX 表和网页里都完整保留。"
        )
    return [Heading(SECTIONS["about"], 1, "about", ledger), *(Text(line, Style(9, 15, after=5)) for line in lines)]
