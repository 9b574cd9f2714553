"""The report as a table (XLSX) for people who work in Excel or WPS: overview, items, clauses, gaps, evidence."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from unicodedata import east_asian_width

from openpyxl import Workbook
from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.atomic import replacing
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import EvidenceState
from emrassess.domain.gaps import Need
from emrassess.reports.content import ClauseLine, ItemSheet, ReportContent, Rung
from emrassess.reports.gap_lines import GapLine
from emrassess.reports.sentences import quality_text, score_sentence
from emrassess.reports.wording import (
    CATEGORY_NAMES,
    KIND_NAMES,
    NEED_NAMES,
    OUTCOME_NAMES,
    STATE_NAMES,
    VERDICT_NAMES,
    VERDICT_SIGNS,
    day,
    minute,
)

TWO_PLACES = "0.00"
_MOST = 32_767  # characters that a cell of Excel holds
_CUT = "……（超出单元格的长度，全文见程序）"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE = Side(style="thin", color="B9C1CA")
_OVERVIEW_WIDTHS = (16, 12, 11, 11, 12, 12, 12, 12, 10, 70)
_LINE_POINTS = 16
_MOST_POINTS = 409  # what a row may be high
_LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True)
_CENTER = Alignment(horizontal="center", vertical="top", wrap_text=True)
_BORDER = Border(bottom=_LINE, top=_LINE, left=_LINE, right=_LINE)
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_HEAD = PatternFill("solid", fgColor="17406B")
_MARKS = {  # light grounds that stay readable in black and white; the words beside them say the same
    "good": PatternFill("solid", fgColor="E8F0F8"),
    "half": PatternFill("solid", fgColor="FFF4D6"),
    "bad": PatternFill("solid", fgColor="FBEEE4"),
}
Value = str | int | float | Decimal | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, width in characters, and how numbers look."""

    title: str
    width: float
    format: str = ""
    center: bool = False


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
    book.properties.title = f"电子病历分级评价自评表 {clean(content.hospital)}"[:200]
    book.properties.creator = "emrassess"
    with replacing(out) as file:
        book.save(file)


def clean(text: str) -> str:
    """`text` without the characters that no XLSX may hold, and no longer than a cell takes."""
    text = _UNPRINTABLE.sub("", text)
    return text if len(text) <= _MOST else text[: _MOST - len(_CUT)] + _CUT


def put(sheet: Worksheet, row: int, column: int, value: Value, number_format: str = "") -> Cell:
    """Write a value and give its cell; a text stays a text, even where it begins with = + - @."""
    cell = sheet.cell(row, column)
    assert isinstance(cell, Cell), "cells are merged after they are written"
    if isinstance(value, str):
        cell.value = clean(value)
        cell.data_type = "s"
        cell.quotePrefix = value.lstrip()[:1] in ("=", "+", "-", "@")  # a text even when someone edits the cell
        return cell
    cell.value = value
    if number_format:
        cell.number_format = number_format
    return cell


def _table(
    sheet: Worksheet, columns: Sequence[Column], rows: Iterable[Row], mark: Callable[[Row], dict[int, str]]
) -> None:
    """Frozen heading, filters, widths, wrapped texts; `mark` gives grounds by column index."""
    for index, column in enumerate(columns, 1):
        _heading(put(sheet, 1, index, column.title))
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    last = 1
    for last, row in enumerate(rows, 2):
        marks = mark(row)
        for index, (column, value) in enumerate(zip(columns, row, strict=True)):
            cell = put(sheet, last, index + 1, value, column.format)
            cell.alignment = _CENTER if column.center or not isinstance(value, str) else _LEFT
            cell.border = _BORDER
            if index in marks:
                cell.fill = _MARKS[marks[index]]
        _fit(sheet, last, zip(row, (column.width for column in columns), strict=True))
    sheet.row_dimensions[1].height = 32
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(columns))}{last}"
    sheet.freeze_panes = "C2"
    _print(sheet)


def _fit(sheet: Worksheet, row: int, cells: Iterable[tuple[Value, float]]) -> None:
    """Make a row as high as its values need in columns so wide: not every program does that to wrapped text."""
    lines = max(_lines(value, width) for value, width in cells)
    sheet.row_dimensions[row].height = min(lines * _LINE_POINTS + 3, _MOST_POINTS)


def _lines(value: Value, width: float) -> int:
    if not isinstance(value, str):
        return 1
    room = max(width - 2, 1)
    widths = [sum(2 if east_asian_width(c) in "WFA" else 1 for c in line) for line in value.split("\n")]
    return sum(max(math.ceil(w / room), 1) for w in widths)


def _heading(cell: Cell) -> None:
    cell.font, cell.fill, cell.alignment, cell.border = _HEAD_FONT, _HEAD, _HEAD_ALIGNMENT, _BORDER


def _print(sheet: Worksheet) -> None:
    """A4 landscape, as wide as the paper, heading on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = "1:1"
    footer = sheet.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = "第 &P 页，共 &N 页"


def _overview(sheet: Worksheet, content: ReportContent) -> None:
    lines: list[Row] = [
        ("医院", content.hospital),
        ("结论", content.headline),
        ("目标等级", content.target),
        ("确定达到（级）", content.certain),
        ("可能达到（级）", content.possible),
        ("总分", content.total),
        ("目标最低总分", content.plan.minimum),
        ("评价标准", f"{content.standard}（{content.document_number}）"),
        ("标准包", f"{content.pack_id} {content.pack_version}，SHA-256 {content.pack_digest}"),
        ("日期", day(content.created)),
        ("评估编号", content.assessment_id),
    ]
    for number, (name, value) in enumerate(lines, 1):
        label = put(sheet, number, 1, name)
        label.font, label.alignment = Font(bold=True), _LEFT
        put(sheet, number, 2, value, TWO_PLACES if isinstance(value, Decimal) else "").alignment = _LEFT
        sheet.merge_cells(start_row=number, start_column=2, end_row=number, end_column=9)
    sheet.row_dimensions[2].height = 32
    _levels(sheet, content, len(lines) + 2)
    for index, width in enumerate(_OVERVIEW_WIDTHS, 1):
        sheet.column_dimensions[get_column_letter(index)].width = width
    _print(sheet)
    sheet.print_title_rows = None  # type: ignore[assignment]


def _levels(sheet: Worksheet, content: ReportContent, start: int) -> None:
    """The verdict of every level, from row `start` on."""
    heads = ("级别", "判定", "总分", "最低总分", "基本项通过", "基本项已知", "选择项通过", "选择项要求", "待核对")
    for index, title in enumerate((*heads, "理由"), 1):
        _heading(put(sheet, start, index, title))
    for number, line in enumerate(content.levels, start + 1):
        result = line.result
        row: Row = (
            result.level, OUTCOME_NAMES[result.outcome], result.total, result.requirement.minimum_score,
            result.basic_passed, len(result.basic_items), result.optional_passed,
            result.requirement.optional_required, len(result.unverified_items), "；".join(line.reasons),
        )  # fmt: skip
        _fit(sheet, number, zip(row, _OVERVIEW_WIDTHS, strict=True))
        for index, value in enumerate(row, 1):
            cell = put(sheet, number, index, value, TWO_PLACES if isinstance(value, Decimal) else "")
            cell.border = _BORDER
            cell.alignment = _LEFT if index == 10 else _CENTER


_ITEM_COLUMNS = (
    Column("项目", 9, center=True), Column("名称", 20), Column("工作角色", 14), Column("专家组", 12),
    Column("目标级类别", 11, center=True), Column("目标级结果", 12, center=True), Column("功能评分", 9),
    Column("计分级别", 9), Column("得分", 8, TWO_PLACES), Column("计分级有效应用比例", 12, TWO_PLACES),
    Column("计分级数据质量指数", 12, TWO_PLACES), Column("目标级有效应用比例", 12, TWO_PLACES),
    Column("比例的分子/分母", 16, center=True), Column("目标级数据质量指数", 12, TWO_PLACES),
    Column("质量系数", 22), Column("目标级条款达标", 10), Column("目标级条款数", 10),
    Column("得分怎么来的", 34), Column("还缺什么", 60),
)  # fmt: skip


def _items(sheet: Worksheet, content: ReportContent) -> None:
    names = {group.code: group.name for group in content.groups}

    def row(item: ItemSheet) -> Row:
        goal = item.by_level.get(content.target)
        scored = item.by_level.get(item.scored_level)
        through = [clause for clause in item.clauses if clause.level <= content.target]
        lacks = item.gap.reasons if item.gap else item.limits
        return (
            item.code, item.name, item.role_name, "、".join(names[code] for code in item.groups),
            CATEGORY_NAMES[item.category] if item.category else "—", _passes(item), item.function_level,
            item.scored_level, item.score, scored.coverage if scored else None, scored.quality if scored else None,
            goal.coverage if goal else None, _counts(item, goal), goal.quality if goal else None,
            quality_text(goal).replace("\n", "：") if goal else "",
            sum(clause.verdict is Verdict.MET for clause in through), len(through),
            score_sentence(item), "；".join(lacks),
        )  # fmt: skip

    def mark(row: Row) -> dict[int, str]:
        return {5: "good" if row[5] == "通过" else "bad"} if row[5] != "—" else {}

    _table(sheet, _ITEM_COLUMNS, (row(item) for item in content.items), mark)


def _passes(item: ItemSheet) -> str:
    return "—" if item.passes is None else "通过" if item.passes else "未通过"


def _counts(item: ItemSheet, rung: Rung | None) -> str:
    if item.basis.functional:
        return "按功能计"
    if not rung or not rung.given or rung.given.numerator is None:
        return ""
    return f"{rung.given.numerator}/{rung.given.denominator}"


_CLAUSE_COLUMNS = (
    Column("条款", 13, center=True), Column("项目", 20), Column("级别", 7), Column("类别", 9, center=True),
    Column("目标内", 8, center=True), Column("自评", 11, center=True), Column("材料状态", 12, center=True),
    Column("材料件数", 9), Column("要求", 46), Column("怎样证明", 60), Column("备注", 40),
    Column("系统演示路径", 30), Column("材料编号", 16),
)  # fmt: skip
_VERDICT_MARKS = {Verdict.MET: "good", Verdict.PARTIAL: "half", Verdict.UNMET: "bad"}
_STATE_MARKS = {EvidenceState.COMPLETE: "good", EvidenceState.INCOMPLETE: "half"}


def _clauses(sheet: Worksheet, content: ReportContent) -> None:
    grounds = {f"{VERDICT_SIGNS[v]} {VERDICT_NAMES[v]}": ground for v, ground in _VERDICT_MARKS.items()}
    states = {STATE_NAMES[state]: ground for state, ground in _STATE_MARKS.items()}

    def row(item: ItemSheet, rung: Rung, clause: ClauseLine) -> Row:
        return (
            clause.id, f"{item.code} {item.name}", rung.level, CATEGORY_NAMES[rung.category],
            "是" if rung.level <= content.target else "否",
            f"{VERDICT_SIGNS[clause.verdict]} {VERDICT_NAMES[clause.verdict]}", STATE_NAMES[clause.state],
            len(clause.evidence), clause.text, clause.hint, clause.note, clause.demonstration,
            "、".join(map(str, clause.evidence)),
        )  # fmt: skip

    def mark(row: Row) -> dict[int, str]:
        found = {5: grounds.get(str(row[5])), 6: states.get(str(row[6]))}
        return {index: ground for index, ground in found.items() if ground}

    rows = (row(item, rung, clause) for item in content.items for rung in item.rungs for clause in rung.clauses)
    _table(sheet, _CLAUSE_COLUMNS, rows, mark)


_GAP_COLUMNS = (
    Column("先后", 7), Column("项目", 20), Column("为什么要补", 22), Column("级别", 7), Column("条款", 13, center=True),
    Column("自评", 11, center=True), Column("差什么", 46), Column("怎样证明", 60), Column("备注", 40),
    Column("项目涨分", 9, TWO_PLACES),
)  # fmt: skip


def _gaps(sheet: Worksheet, content: ReportContent) -> None:
    """One line a thing to mend, so that it can be handed out: each clause, each index, each coverage."""
    items = {item.code: item for item in content.items}

    def rows(gap: GapLine) -> Iterable[Row]:
        head = gap.order or None, f"{gap.item} {gap.name}", NEED_NAMES[gap.need]
        clauses = {clause.id: clause for clause in items[gap.item].clauses}
        for clause_id in gap.clauses:
            clause = clauses[clause_id]
            verdict = f"{VERDICT_SIGNS[clause.verdict]} {VERDICT_NAMES[clause.verdict]}"
            yield (*head, clause.level, clause.id, verdict, clause.text, clause.hint, clause.note, gap.gain)
        for level, reason in gap.figures:
            yield (*head, level, "", "", reason, "", "", gap.gain)

    def mark(row: Row) -> dict[int, str]:
        return {2: "bad"} if row[2] == NEED_NAMES[Need.BASIC] else {}

    _table(sheet, _GAP_COLUMNS, (row for gap in content.gaps for row in rows(gap)), mark)


_EVIDENCE_COLUMNS = (
    Column("编号", 7), Column("标题", 40), Column("类型", 10, center=True), Column("来源系统", 20),
    Column("截取时间", 17, center=True), Column("证明的条款", 30), Column("还缺", 18), Column("文件名", 30),
    Column("字节", 12, "#,##0"), Column("修订次数", 9), Column("SHA-256 摘要", 68),
)  # fmt: skip


def _evidence(sheet: Worksheet, content: ReportContent) -> None:
    def rows() -> Iterable[Row]:
        for exhibit in content.evidence:
            piece, file = exhibit.piece, exhibit.piece.current
            lacks = [*piece.lacks, *([] if exhibit.present else ["文件缺失"])]
            yield (
                exhibit.number, piece.title, KIND_NAMES[piece.kind], piece.source_system, minute(piece.captured_at),
                "、".join(piece.clauses), "、".join(lacks), file.file_name, file.size, len(piece.revisions),
                file.sha256,
            )  # fmt: skip

    def mark(row: Row) -> dict[int, str]:
        return {6: "half"} if row[6] else {}

    _table(sheet, _EVIDENCE_COLUMNS, rows(), mark)
