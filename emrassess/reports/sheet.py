"""The report as a table (XLSX) for people who work in Excel or WPS: all there is to sort, filter and hand out."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.atomic import write_saved
from emrassess.domain.answers import VERDICT_NAMES, Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.gaps import Need
from emrassess.domain.scoring import Demand
from emrassess.reports.content import ClauseLine, Exhibit, ItemSheet, LevelLine, ReportContent, Rung
from emrassess.reports.contrast_sheet import contrast_sheet
from emrassess.reports.demand_words import all_needed
from emrassess.reports.gap_lines import GapLine
from emrassess.reports.sentences import quality_text, score_sentence
from emrassess.reports.sheet_parts import (
    BORDER,
    CENTER,
    LEFT,
    TWO_PLACES,
    Column,
    Value,
    clean,
    fit,
    heading,
    page,
    put,
    table,
)
from emrassess.reports.wording import (
    CATEGORY_NAMES,
    KIND_NAMES,
    OUTCOME_NAMES,
    STATE_NAMES,
    VERDICT_SIGNS,
    day,
    minute,
)


def write_xlsx(content: ReportContent, out: Path) -> None:
    """Write the tables to `out`, replacing it whole. StorageError where the disk refuses."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    _overview(book.create_sheet("概览"), content)
    _items(book.create_sheet("项目"), content)
    _clauses(book.create_sheet("条款"), content)
    _gaps(book.create_sheet("差距"), content)
    _evidence(book.create_sheet("实证材料"), content)
    if content.contrast:
        contrast_sheet(book.create_sheet(content.contrast.title), content.contrast)
    book.properties.title = f"分级评价自评表 {clean(content.hospital)}"[:200]
    book.properties.creator = "emrassess"
    write_saved(out, book.save)


def _overview(sheet: Worksheet, content: ReportContent) -> None:
    columns = _level_columns(content)
    room = sum(column.width for column in columns[1:])
    lines = _facts(content)
    for number, (name, value) in enumerate(lines, 1):
        label = put(sheet, number, 1, name)
        label.font, label.alignment = Font(bold=True), LEFT
        put(sheet, number, 2, value, TWO_PLACES if isinstance(value, Decimal) else "").alignment = LEFT
        fit(sheet, number, [(value, room)])
        sheet.merge_cells(start_row=number, start_column=2, end_row=number, end_column=len(columns))
    _levels(sheet, content, columns, len(lines) + 2)
    page(sheet)
    sheet.print_title_rows = None  # type: ignore[assignment]


def _facts(content: ReportContent) -> list[tuple[str, Value]]:
    attained: list[tuple[str, Value]] = [("已达到（级）", content.certain)]
    if content.has_categories:
        attained = [("确定达到（级）", content.certain), ("可能达到（级）", content.possible)]
    minimum: list[tuple[str, Value]] = [("目标最低总分", _number(content.plan.minimum))]
    return [
        ("医院", content.hospital),
        ("结论", content.headline),
        ("目标等级", content.target),
        *attained,
        ("总分", content.total),
        *(minimum if content.plan.minimum else []),
        ("评价标准", content.standard_named),
        ("标准包", f"{content.pack_id} {content.pack_version}，SHA-256 {content.pack_digest}"),
        ("日期", day(content.created)),
        ("评估编号", content.assessment_id),
    ]


def _number(value: Decimal | None) -> Value:
    """A whole number without decimal places."""
    return int(value) if value is not None and value == value.to_integral_value() else value


def _levels(sheet: Worksheet, content: ReportContent, columns: list[Column[LevelLine]], start: int) -> None:
    """The verdict of every level, from row `start` on."""
    for index, column in enumerate(columns, 1):
        heading(put(sheet, start, index, column.title))
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    for number, line in enumerate(content.levels, start + 1):
        values = [column.value(line) for column in columns]
        fit(sheet, number, zip(values, (column.width for column in columns), strict=True))
        for index, (column, value) in enumerate(zip(columns, values, strict=True), 1):
            cell = put(sheet, number, index, value, column.format)
            cell.border = BORDER
            cell.alignment = CENTER if column.center else LEFT


def _level_columns(content: ReportContent) -> list[Column[LevelLine]]:
    columns: list[Column[LevelLine]] = [
        Column("级别", 16, lambda line: line.result.level, center=True),
        Column("判定", 12, lambda line: OUTCOME_NAMES[line.result.outcome], center=True),
    ]
    for index, demand in enumerate(content.goal.result.demands):
        columns += _demand_columns(index, demand, has_categories=content.has_categories)
    if content.has_categories:
        columns.append(Column("待核对", 10, lambda line: len(line.result.unverified_items), center=True))
    return [*columns, Column("理由", 70, lambda line: "；".join(line.reasons))]


def _demand_columns(index: int, demand: Demand, *, has_categories: bool) -> list[Column[LevelLine]]:
    """What there is of a demand, and what is needed, else the most there can be.

    Of a count of which all have to pass it is more telling how many are known, while categories are still open.
    """

    def column(title: str, value: Callable[[Demand], Value], look: str = "") -> Column[LevelLine]:
        width = 11 if demand.in_points else 12
        return Column(title, width, lambda line: value(line.result.demands[index]), look, center=True)

    name = demand.name
    if demand.in_points:
        points = column(name, lambda d: d.actual, TWO_PLACES)
        if demand.needed is None:
            return [points, column(f"{name}满分", lambda d: d.whole, TWO_PLACES)]
        return [points, column(f"最低{name}", lambda d: _number(d.needed))]
    passed = column(f"{name}通过", lambda d: _number(d.actual))
    if has_categories and all_needed(demand):
        return [passed, column(f"{name}已知", lambda d: len(d.members))]
    return [passed, column(f"{name}要求", lambda d: _number(d.needed))]


def _items(sheet: Worksheet, content: ReportContent) -> None:
    table(sheet, [*_item_columns(content), *_item_figures(content), *_item_words(content)], content.items)


def _item_columns(content: ReportContent) -> list[Column[ItemSheet]]:
    """What an item is, and its result."""
    names = {group.code: group.name for group in content.groups}

    def passes(item: ItemSheet) -> str:
        return "—" if item.passes is None else "通过" if item.passes else "未通过"

    def mark(item: ItemSheet) -> str:
        return "" if item.passes is None else "good" if item.passes else "bad"

    return [
        Column("项目", 9, lambda item: item.code, center=True),
        Column("名称", 20, lambda item: item.name),
        Column("工作角色", 14, lambda item: item.role_name),
        Column("专家组", 12, lambda item: "、".join(names[code] for code in item.groups), shown=bool(names)),
        Column(
            "目标级类别", 11, lambda item: CATEGORY_NAMES[item.category] if item.category else "—", center=True,
            shown=content.has_categories,
        ),
        Column("目标级结果", 12, passes, center=True, mark=mark),
    ]  # fmt: skip


def _item_figures(content: ReportContent) -> list[Column[ItemSheet]]:
    """Points, coverage and quality, as far as the standard knows them."""
    ratios, quality, sums = content.has_coverage, content.has_quality, not content.has_coverage

    def goal(item: ItemSheet) -> Rung | None:
        return item.by_level.get(content.target)

    def of(find: Callable[[ItemSheet], Rung | None], value: Callable[[Rung], Value]) -> Callable[[ItemSheet], Value]:
        return lambda item: value(rung) if (rung := find(item)) else None

    def scored(item: ItemSheet) -> Rung | None:
        return item.by_level.get(item.scored_level)

    def through(item: ItemSheet) -> list[Rung]:
        return [rung for rung in item.rungs if rung.level <= content.target]

    def points(item: ItemSheet) -> Decimal:
        return sum((rung.points or Decimal(0) for rung in through(item)), Decimal(0))

    return [
        Column("功能评分", 9, lambda item: item.function_level, shown=ratios),
        Column("计分级别", 9, lambda item: item.scored_level, shown=ratios),
        Column("得分", 8, lambda item: item.score, TWO_PLACES),
        Column("满分", 8, lambda item: sum((r.whole for r in item.rungs), Decimal(0)), TWO_PLACES, shown=sums),
        Column("到目标级得分", 13, points, TWO_PLACES, shown=sums),
        Column("到目标级满分", 13, lambda i: sum((r.whole for r in through(i)), Decimal(0)), TWO_PLACES, shown=sums),
        Column("计分级有效应用比例", 12, of(scored, lambda rung: rung.coverage), TWO_PLACES, shown=ratios),
        Column("计分级数据质量指数", 12, of(scored, lambda rung: rung.quality), TWO_PLACES, shown=ratios and quality),
        Column("目标级有效应用比例", 12, of(goal, lambda rung: rung.coverage), TWO_PLACES, shown=ratios),
        Column("比例的分子/分母", 16, lambda item: _counts(item, goal(item)), center=True, shown=ratios),
        Column("目标级数据质量指数", 12, of(goal, lambda rung: rung.quality), TWO_PLACES, shown=quality),
    ]


def _item_words(content: ReportContent) -> list[Column[ItemSheet]]:
    """Coefficients, counts of clauses, how the score comes about and what is missing."""

    def coefficients(item: ItemSheet) -> str:
        goal = item.by_level.get(content.target)
        return quality_text(goal).replace("\n", "：") if goal else ""

    def through(item: ItemSheet) -> list[ClauseLine]:
        return [clause for clause in item.clauses if clause.level <= content.target]

    return [
        Column("质量系数", 22, coefficients, shown=content.has_quality),
        Column("目标级条款达标", 10, lambda item: sum(c.verdict is Verdict.MET for c in through(item))),
        Column("目标级条款数", 10, lambda item: len(through(item))),
        Column("得分怎么来的", 34, score_sentence),
        Column("还缺什么", 60, lambda item: "；".join(item.gap.reasons if item.gap else item.limits)),
    ]


def _counts(item: ItemSheet, rung: Rung | None) -> str:
    if item.basis.functional:
        return "按功能计"
    if not rung or not rung.given or rung.given.numerator is None:
        return ""
    return f"{rung.given.numerator}/{rung.given.denominator}"


_VERDICT_MARKS = {Verdict.MET: "good", Verdict.PARTIAL: "half", Verdict.UNMET: "bad"}
_STATE_MARKS = {EvidenceState.COMPLETE: "good", EvidenceState.INCOMPLETE: "half"}


@dataclass(frozen=True, slots=True)
class _ClauseRow:
    item: ItemSheet
    rung: Rung
    clause: ClauseLine


def _clauses(sheet: Worksheet, content: ReportContent) -> None:
    rows = (_ClauseRow(item, rung, clause) for item in content.items for rung in item.rungs for clause in rung.clauses)
    table(sheet, [*_clause_columns(content), *_answer_columns()], rows)


def _clause_columns(content: ReportContent) -> list[Column[_ClauseRow]]:
    """What a clause is."""

    def category(row: _ClauseRow) -> str:
        return CATEGORY_NAMES[row.rung.category] if row.rung.category else "—"

    return [
        Column("条款", 13, lambda row: row.clause.id, center=True),
        Column("项目", 20, lambda row: f"{row.item.code} {row.item.name}"),
        Column("级别", 7, lambda row: row.rung.level),
        Column("类别", 9, category, center=True, shown=content.has_categories),
        Column("分值", 8, lambda row: row.clause.points, TWO_PLACES, shown=content.has_points),
        Column("目标内", 8, lambda row: "是" if row.rung.level <= content.target else "否", center=True),
    ]


def _answer_columns() -> list[Column[_ClauseRow]]:
    """What the hospital says to a clause, with the requirement."""
    return [
        Column(
            "自评", 11, lambda row: _verdict(row.clause), center=True,
            mark=lambda row: _VERDICT_MARKS.get(row.clause.verdict, ""),
        ),
        Column(
            "材料状态", 12, lambda row: STATE_NAMES[row.clause.state], center=True,
            mark=lambda row: _STATE_MARKS.get(row.clause.state, ""),
        ),
        Column("材料件数", 9, lambda row: len(row.clause.evidence)),
        Column("要求", 46, lambda row: row.clause.text),
        Column("怎样证明", 60, lambda row: row.clause.hint),
        Column("备注", 40, lambda row: row.clause.note),
        Column("系统演示路径", 30, lambda row: row.clause.demonstration),
        Column("材料编号", 16, lambda row: "、".join(map(str, row.clause.evidence))),
    ]  # fmt: skip


def _verdict(clause: ClauseLine) -> str:
    return f"{VERDICT_SIGNS[clause.verdict]} {VERDICT_NAMES[clause.verdict]}"


@dataclass(frozen=True, slots=True)
class _Task:
    """One thing to mend: a clause, or an index or coverage in words."""

    gap: GapLine
    level: int
    clause: ClauseLine | None
    figure: str = ""


def _tasks(content: ReportContent) -> Iterator[_Task]:
    """One a line, so that it can be handed out."""
    items = {item.code: item for item in content.items}
    for gap in content.gaps:
        clauses = {clause.id: clause for clause in items[gap.item].clauses}
        for clause_id in gap.clauses:
            yield _Task(gap, clauses[clause_id].level, clauses[clause_id])
        for level, reason in gap.figures:
            yield _Task(gap, level, None, reason)


def _gaps(sheet: Worksheet, content: ReportContent) -> None:
    must = (Need.BASIC, Need.POINTS)

    def of_clause(value: Callable[[ClauseLine], Value]) -> Callable[[_Task], Value]:
        return lambda task: value(task.clause) if task.clause else ""

    columns: list[Column[_Task]] = [
        Column("先后", 7, lambda task: task.gap.order or None),
        Column("项目", 20, lambda task: f"{task.gap.item} {task.gap.name}"),
        Column("为什么要补", 22, lambda task: task.gap.why, mark=lambda task: "bad" if task.gap.need in must else ""),
        Column("级别", 7, lambda task: task.level),
        Column("条款", 13, of_clause(lambda clause: clause.id), center=True),
        Column("分值", 8, lambda task: task.clause.points if task.clause else None, TWO_PLACES,
               shown=content.has_points),
        Column("自评", 11, of_clause(_verdict), center=True),
        Column("差什么", 46, lambda task: task.clause.text if task.clause else task.figure),
        Column("怎样证明", 60, of_clause(lambda clause: clause.hint)),
        Column("备注", 40, of_clause(lambda clause: clause.note)),
        Column("项目涨分", 9, lambda task: task.gap.gain, TWO_PLACES),
    ]  # fmt: skip
    table(sheet, columns, _tasks(content))


def _evidence(sheet: Worksheet, content: ReportContent) -> None:
    def lacks(exhibit: Exhibit) -> str:
        return "、".join([*exhibit.piece.lacks, *([] if exhibit.present else ["文件缺失"])])

    columns: list[Column[Exhibit]] = [
        Column("编号", 7, lambda exhibit: exhibit.number),
        Column("标题", 40, lambda exhibit: exhibit.piece.title),
        Column("类型", 10, lambda exhibit: KIND_NAMES[exhibit.piece.kind], center=True),
        Column("来源系统", 20, lambda exhibit: exhibit.piece.source_system),
        Column("截取时间", 17, lambda exhibit: minute(exhibit.piece.captured_at), center=True),
        Column("证明的条款", 30, lambda exhibit: "、".join(exhibit.piece.clauses)),
        Column("还缺", 18, lacks, mark=lambda exhibit: "half" if lacks(exhibit) else ""),
        Column("文件名", 30, lambda exhibit: exhibit.piece.current.file_name),
        Column("字节", 12, lambda exhibit: exhibit.piece.current.size, "#,##0"),
        Column("修订次数", 9, lambda exhibit: len(exhibit.piece.revisions)),
        Column("SHA-256 摘要", 68, lambda exhibit: exhibit.piece.current.sha256),
    ]
    table(sheet, columns, content.evidence)
