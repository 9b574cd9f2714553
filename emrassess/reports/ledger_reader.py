"""The ledger's workbook read back, whatever people did to its sheet: sorted, filtered, columns moved, added or gone."""

import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from openpyxl import load_workbook
from openpyxl.cell.read_only import EMPTY_CELL

from emrassess.domain.ledger_cells import MOST_TEXT, Head, plain
from emrassess.domain.ledger_edits import Row, Table
from emrassess.errors import RefusedError, UserError
from emrassess.reports.ledger_sheet import BASE_HEAD_ROW, BASE_SHEET, FORMAT, LIST_SHEET, SHEET

MAX_ROWS = 20_000
MAX_COLUMNS = 120
_LAST_ROW = 1_048_576  # of XLSX itself; a file that claims more would keep us counting
_HEADS_WITHIN = 20
_MOST_HEAD = 60
_EXPORT_AGAIN = "请在“整改台账”页重新导出，把改动写进新导出的表，再导入。"


@dataclass(frozen=True)
class ReadLedger:
    """What the hidden sheet says it is, and the table."""

    assessment: str
    hospital: str
    round: int
    made_at: str
    table: Table


def read_ledger(name: str, content: bytes) -> ReadLedger:
    """The ledger in the workbook `content`, called `name`; the archive itself has been checked.

    UserError where it is none of ours or has no heads, RefusedError where it is not to be trusted.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of each feature that openpyxl does not know; values are all we want
            with closing(load_workbook(io.BytesIO(content), read_only=True, keep_links=False)) as book:
                return _read(name, book)
    except UserError:
        raise
    except Exception:  # whatever a damaged workbook makes openpyxl raise
        hint = f"它可能没有下载或拷贝完整。{_EXPORT_AGAIN}"
        raise UserError(f"{name} 不是完整的 Excel 工作簿，无法读取", hint) from None


def _read(name: str, book: Any) -> ReadLedger:
    if BASE_SHEET not in book.sheetnames:
        message = f"{name} 里没有导出时的记录（隐藏的“{BASE_SHEET}”表），看不出改了什么"
        raise UserError(message, f"请不要把内容复制到新工作簿里。{_EXPORT_AGAIN}")
    told, base = _base(name, _cells(name, book[BASE_SHEET]))
    others = [sheet for sheet in book.sheetnames if sheet not in (SHEET, BASE_SHEET, LIST_SHEET)]
    for title in [SHEET, *others] if SHEET in book.sheetnames else others:
        if table := _table(_cells(name, book[title]), base):
            return ReadLedger(told["assessment"], told["hospital"], int(told["round"]), told["made_at"], table)
    raise UserError(
        f"{name} 里找不到台账的表头（要有“{Head.CLAUSE}”和“{Head.PROBLEM}”两列）",
        f"请保留表头那一行。{_EXPORT_AGAIN}",
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A row that is not blank: its number, its cells as text, and the indices of those that are no plain value."""

    number: int
    cells: tuple[str, ...]
    formulas: frozenset[int]


def _cells(name: str, sheet: Any) -> Iterator[_Line]:
    """The rows of a sheet that are not blank. RefusedError where there are more than any ledger has."""
    sheet.reset_dimensions()  # some programs write a size that is too small, and rows would be lost
    found, blank = 0, None
    for number, row in enumerate(sheet.iter_rows(max_row=_LAST_ROW, max_col=MAX_COLUMNS), 1):
        # Formatted and empty, or skipped (then always the same object): there may be a million of them.
        if row is blank or all(cell is EMPTY_CELL or cell.value is None for cell in row):
            blank = row
            continue
        found += 1
        if found > MAX_ROWS:
            raise RefusedError(f"{name} 超过 {MAX_ROWS} 行，不像整改台账，没有读取", _EXPORT_AGAIN)
        cells = tuple(_text(cell.value) for cell in row)
        formulas = frozenset(i for i, cell in enumerate(row) if _is_computed(cell))
        yield _Line(number, cells, formulas)


def _is_computed(cell: Any) -> bool:
    """A formula, or an error that one came to."""
    return cell.data_type in ("f", "e") or (cell.value is not None and not isinstance(cell.value, _PLAIN))


_PLAIN = (str, int, float, bool, datetime, date, time)


def _text(value: object) -> str:
    """A cell as the text that people see in it, as far as that can be told."""
    match value:
        case None:
            return ""
        case bool():
            return "是" if value else "否"
        case float() if value.is_integer():
            return str(int(value))
        case datetime() if value.time() == time():
            return value.date().isoformat()
        case datetime():
            return value.isoformat(" ", "minutes")
    return plain(str(value)[: MOST_TEXT + 1])


# --- the hidden sheet


def _base(name: str, lines: Iterable[_Line]) -> tuple[dict[str, str], Mapping[str, Mapping[str, str]]]:
    """Its facts by name, and the exported texts by id and head."""
    told: dict[str, str] = {}
    heads: Sequence[str] = ()
    base: dict[str, Mapping[str, str]] = {}
    for line in lines:
        if line.number < BASE_HEAD_ROW:
            what, value, *_ = (*line.cells, "", "")
            told[what] = value
        elif line.number == BASE_HEAD_ROW:
            heads = line.cells
        else:
            key, *_ = line.cells
            base[key] = dict(zip(heads, line.cells, strict=False))
    if told.get("format") != FORMAT:
        newer = str(told.get("format", "")).startswith("emrassess-ledger/")
        message = f"{name} 的格式是 {told['format'][:40]}，这个程序只认 {FORMAT}" if newer else f"{name} 不是整改台账"
        hint = "请用写出它的那个版本的程序，或更新的版本导入。" if newer else _EXPORT_AGAIN
        raise UserError(message, hint)
    if not told.get("round", "").isdecimal() or not told.get("assessment"):
        raise UserError(f"{name} 里导出时的记录不完整", _EXPORT_AGAIN)
    return {"hospital": "", "made_at": "", **told}, base


# --- the sheet that people work in


def _table(lines: Iterable[_Line], base: Mapping[str, Mapping[str, str]]) -> Table | None:
    """The table below its heads; None where the sheet has no heads of a ledger."""
    numbered = iter(lines)
    heads: tuple[str, ...] = ()
    for line in numbered:
        if line.number > _HEADS_WITHIN:
            return None
        if {Head.CLAUSE, Head.PROBLEM} <= set(line.cells):
            heads = _heads(line.cells)
            break
    if not heads:
        return None
    body = list(numbered)
    filled = {i for line in body for i, text in enumerate(line.cells) if text or i in line.formulas}
    kept = [i for i, head in enumerate(heads) if head and (i in filled or not _is_nameless(head))]
    rows = tuple(
        Row(
            line.number,
            {heads[i]: line.cells[i] for i in kept if i < len(line.cells)},
            frozenset(heads[i] for i in line.formulas if i in kept),
        )
        for line in body
    )
    return Table(tuple(heads[i] for i in kept), rows, base)


_NAMELESS = "未命名列 "


def _is_nameless(head: str) -> bool:
    return head.startswith(_NAMELESS)


def _heads(cells: Sequence[str]) -> tuple[str, ...]:
    """Every head once: what has none, or one that was there before, gets a number."""
    found: list[str] = []
    for index in range(MAX_COLUMNS):
        text = " ".join(cells[index].split())[:_MOST_HEAD] if index < len(cells) else ""
        head = text or f"{_NAMELESS}{index + 1}"
        number = 2
        while head in found:
            head = f"{text}（{number}）"
            number += 1
        found.append(head)
    return tuple(found)
