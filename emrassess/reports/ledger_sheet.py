"""The ledger as a workbook (XLSX) that a hospital works in, and that ledger_reader.py reads back.

One sheet to work in, with filters, lists to choose from, and red for what is late; and a hidden one with the values at
export, which tells afterwards who changed what.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path

from openpyxl import Workbook
from openpyxl.formatting.rule import FormulaRule
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from emrassess.atomic import replacing
from emrassess.domain.ledger import FINDING_STATE_NAMES, Finding, FindingState
from emrassess.domain.ledger_cells import SUPERVISED, USUAL, Head, cell
from emrassess.domain.review import SEVERITY_NAMES, Severity, round_name
from emrassess.reports.sheet_parts import TITLE_ROWS, Column, clean, put, table, titled

FORMAT = "emrassess-ledger/1"
SHEET = "整改台账"
BASE_SHEET = "导出时的值"
LIST_SHEET = "选项"
BASE_HEAD_ROW = 7
"""Of the hidden sheet: names and values of `_facts` above it, a row a finding below."""

_HEAD_ROW = TITLE_ROWS + 1
_SPARE_ROWS = 500
"""So many rows below the last have the lists too, for findings that are written in."""
_LAST_EVENTS = 4
_DONE = (FINDING_STATE_NAMES[FindingState.DONE], FINDING_STATE_NAMES[FindingState.CLOSED])
_RED = PatternFill("solid", bgColor="F8CBAD")
_STRONG = PatternFill("solid", bgColor="C00000")
_GREY = PatternFill("solid", bgColor="EDEDED")
_WIDTHS: Mapping[str, float] = {
    Head.ID: 5, Head.CLAUSE: 11, Head.REQUIREMENT: 22, Head.PROBLEM: 28, Head.SUGGESTION: 24, Head.SEVERITY: 7,
    Head.SUPERVISED: 9, Head.DEPARTMENT: 12, Head.OWNER: 9, Head.DEADLINE: 11.5, Head.STATE: 12, Head.HINT: 12,
    Head.MEASURES: 28, Head.BEFORE: 7, Head.AFTER: 18, Head.GROUP: 10, Head.RAISED: 11, Head.RAISED_BY: 10,
    Head.RAISED_AT: 12, Head.CHECKED: 11, Head.CLAIMED_BY: 10, Head.HISTORY: 34,
}  # fmt: skip
_FOLDED = (Head.GROUP, Head.RAISED, Head.RAISED_BY, Head.RAISED_AT, Head.CHECKED, Head.CLAIMED_BY, Head.HISTORY)
"""Behind a [+]: so that what is worked on is readable on paper."""
_CENTERED = (
    Head.CLAUSE, Head.SEVERITY, Head.SUPERVISED, Head.DEADLINE, Head.STATE, Head.HINT, Head.BEFORE, Head.GROUP,
    Head.RAISED, Head.RAISED_AT, Head.CHECKED,
)  # fmt: skip
_OWN_WIDTH = 18


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """A finding with what the table shows beside it. `requirement`: of its clause; `days_left` as domain.ledger has it;
    `proof`: titles of the pieces that prove it mended; `group`: its name."""

    id: str
    finding: Finding
    requirement: str
    days_left: int | None
    proof: tuple[str, ...]
    group: str


@dataclass(frozen=True, slots=True)
class LedgerContent:
    """What is written. `made_at`: ISO 8601 with offset; `heads`: all columns in their order; `departments` by name."""

    hospital: str
    assessment: str
    round: int
    made_at: str
    today: date
    heads: tuple[str, ...]
    departments: tuple[str, ...]
    rows: tuple[LedgerRow, ...]


def write_ledger(content: LedgerContent, out: Path) -> None:
    """Write the workbook to `out`, replacing it whole. StorageError where the disk refuses."""
    book = Workbook()
    first = book.active
    if first is not None:
        book.remove(first)
    sheet = book.create_sheet(SHEET)
    columns = [_column(head) for head in content.heads]
    titled(sheet, f"{content.hospital}　{SHEET}", _said(content), columns)
    table(sheet, columns, content.rows, _HEAD_ROW)
    last = _HEAD_ROW + len(content.rows)
    _lists(sheet, book.create_sheet(LIST_SHEET), content, last)
    _colours(sheet, content.heads, last)
    _plain_ids(sheet, content.heads, last)
    _fold(sheet, content.heads)
    _base(book.create_sheet(BASE_SHEET), content)
    book.properties.title = f"{SHEET} {clean(content.hospital)}"[:200]
    book.properties.creator = "emrassess"
    with replacing(out) as file:
        book.save(file)


def facts(content: LedgerContent) -> dict[str, str | int]:
    """What the hidden sheet says of the whole, by name."""
    return {
        "format": FORMAT,
        "assessment": content.assessment,
        "hospital": content.hospital,
        "round": content.round,
        "made_at": content.made_at,
    }


def _said(content: LedgerContent) -> list[str]:
    """The line below the title."""
    late = sum(row.days_left is not None and row.days_left < 0 for row in content.rows)
    supervised = sum(row.finding.supervised for row in content.rows)
    closed = sum(row.finding.state is FindingState.CLOSED for row in content.rows)
    said = [f"截至 {content.today.isoformat()}", f"共 {len(content.rows)} 个问题，已销号 {closed} 个"]
    said += [f"已逾期 {late} 个"] if late else []
    said += [f"{SUPERVISED} {supervised} 个"] if supervised else []
    said.append(
        "可以改：严重程度、挂牌督办、责任科室、责任人、期限、状态、整改措施，也可以加列、排序、筛选；"
        "在末尾写上条款和问题就是新问题。点上方的 [+] 展开提出人、经过等列。改好后在“整改台账”页导入"
    )
    return said


# --- columns


def _column(head: str) -> Column[LedgerRow]:
    look = "yyyy-mm-dd" if head == Head.DEADLINE else ""
    return Column(
        head, _WIDTHS.get(head, _OWN_WIDTH), partial(_value, head), look, center=head in _CENTERED,
        mark=_MARKS.get(head), tall=head != Head.ID and head not in _FOLDED,
    )  # fmt: skip


def _value(head: str, row: LedgerRow) -> str | date | None:
    finding = row.finding
    if head == Head.DEADLINE:
        return date.fromisoformat(finding.deadline) if finding.deadline else None
    return (_SHOWN[head](row) if head in _SHOWN else cell(finding, head)) or None


def _hint(row: LedgerRow) -> str:
    left = row.days_left
    if left is None:
        return ""
    return f"已逾期 {-left} 天" if left < 0 else "今天到期" if left == 0 else f"还有 {left} 天"


def _history(row: LedgerRow) -> str:
    told = [f"{event.at[:10]} {event.who}：{event.what}" for event in row.finding.history]
    earlier = [f"（更早 {len(told) - _LAST_EVENTS} 条，见程序）"] if len(told) > _LAST_EVENTS else []
    return "\n".join([*earlier, *told[-_LAST_EVENTS:]])


_SHOWN: Mapping[str, Callable[[LedgerRow], str]] = {
    Head.ID: lambda row: row.id,
    Head.CLAUSE: lambda row: row.finding.clause,
    Head.REQUIREMENT: lambda row: row.requirement,
    Head.HINT: _hint,
    Head.BEFORE: lambda row: f"{len(row.finding.before)} 张" if row.finding.before else "",
    Head.AFTER: lambda row: "\n".join(row.proof),
    Head.GROUP: lambda row: row.group,
    Head.RAISED: lambda row: round_name(row.finding.raised),
    Head.RAISED_BY: lambda row: row.finding.raised_by,
    Head.RAISED_AT: lambda row: row.finding.raised_at[:10],
    Head.CHECKED: lambda row: round_name(row.finding.checked),
    Head.CLAIMED_BY: lambda row: row.finding.claimed_by,
    Head.HISTORY: _history,
}
_MARKS: Mapping[str, Callable[[LedgerRow], str]] = {
    Head.SEVERITY: lambda row: "bad" if row.finding.severity is Severity.SERIOUS else "",
}


# --- what helps to work in it


def _lists(sheet: Worksheet, choices: Worksheet, content: LedgerContent, last: int) -> None:
    """Lists to choose from; any department can be written that is not in its list."""
    choices.sheet_state = "hidden"
    departments = tuple(dict.fromkeys(name for name in content.departments if name))
    offered: dict[str, Sequence[str]] = {
        Head.STATE: tuple(FINDING_STATE_NAMES.values()),
        Head.SEVERITY: tuple(SEVERITY_NAMES.values()),
        Head.SUPERVISED: (SUPERVISED,),
        Head.DEPARTMENT: departments,
    }
    for index, (head, names) in enumerate(offered.items(), 1):
        put(choices, 1, index, str(head))
        for number, name in enumerate(names, 2):
            put(choices, number, index, name)
        if not names:
            continue
        letter = get_column_letter(index)
        source = f"{quote_sheetname(LIST_SHEET)}!${letter}$2:${letter}${len(names) + 1}"
        rule = DataValidation(type="list", formula1=source, allow_blank=True)
        rule.showErrorMessage = head != Head.DEPARTMENT
        rule.errorTitle, rule.error = str(head), f"请从列表里选：{'、'.join(names)}"[:255]
        rule.add(_range(content.heads, head, last + _SPARE_ROWS))
        sheet.add_data_validation(rule)


def _colours(sheet: Worksheet, heads: Sequence[str], last: int) -> None:
    """Grey for what is closed, red for what is late and for what is under supervision; the words say the same."""
    letters = {head: get_column_letter(heads.index(head) + 1) for head in USUAL}
    first = _HEAD_ROW + 1
    end = last + _SPARE_ROWS
    state = f"${letters[Head.STATE]}{first}"
    deadline = f"${letters[Head.DEADLINE]}{first}"
    supervised = f"${letters[Head.SUPERVISED]}{first}"
    still = "".join(f',{state}<>"{name}"' for name in _DONE)
    late = FormulaRule([f"AND(ISNUMBER({deadline}),{deadline}<TODAY(){still})"], fill=_RED, font=Font(color="9C0006"))
    bold = Font(bold=True, color="FFFFFF")
    watched = FormulaRule([f'{supervised}="{SUPERVISED}"'], fill=_STRONG, font=bold)
    closed = FormulaRule([f'{state}="{_DONE[1]}"'], stopIfTrue=True, fill=_GREY, font=Font(color="7F7F7F"))
    everything = f"A{first}:{get_column_letter(len(heads))}{end}"
    sheet.conditional_formatting.add(everything, closed)  # the first that fits is the one that is seen
    sheet.conditional_formatting.add(_range(heads, Head.SUPERVISED, end), watched)
    for head in (Head.DEADLINE, Head.HINT):
        sheet.conditional_formatting.add(_range(heads, head, end), late)


def _plain_ids(sheet: Worksheet, heads: Sequence[str], last: int) -> None:
    """Ids small and pale: nobody has to read them, and rows can still be sorted with them."""
    index = heads.index(Head.ID) + 1
    for row in range(_HEAD_ROW + 1, last + 1):
        sheet.cell(row, index).font = _PALE


def _fold(sheet: Worksheet, heads: Sequence[str]) -> None:
    for head in _FOLDED:
        column = sheet.column_dimensions[get_column_letter(heads.index(head) + 1)]
        column.outlineLevel, column.hidden = 1, True


_PALE = Font(size=8, color="9AA5B1")


def _range(heads: Sequence[str], head: str, last: int) -> str:
    letter = get_column_letter(heads.index(head) + 1)
    return f"{letter}{_HEAD_ROW + 1}:{letter}{last}"


def _base(sheet: Worksheet, content: LedgerContent) -> None:
    """The values at export, out of sight: ids, and all that can be changed or was added by people."""
    sheet.sheet_state = "veryHidden"
    for number, (name, value) in enumerate(facts(content).items(), 1):
        put(sheet, number, 1, name)
        put(sheet, number, 2, value)
    heads = [str(Head.ID), *(head for head in content.heads if head not in _SHOWN)]
    for index, head in enumerate(heads, 1):
        put(sheet, BASE_HEAD_ROW, index, head)
    for number, row in enumerate(content.rows, BASE_HEAD_ROW + 1):
        put(sheet, number, 1, row.id)
        for index, head in enumerate(heads[1:], 2):
            if text := cell(row.finding, head):
                put(sheet, number, index, text)
