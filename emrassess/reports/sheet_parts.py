"""How the tables of the XLSX look and what a cell may hold: columns, headings, grounds, widths, paper."""

import math
import re
from collections.abc import Callable, Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Generic, TypeVar
from unicodedata import east_asian_width

from openpyxl.cell.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.page import PageMargins
from openpyxl.worksheet.worksheet import Worksheet

TWO_PLACES = "0.00"
TITLE_ROWS = 2
"""So many rows `titled` takes."""
_MOST = 32_767  # characters that a cell of Excel holds
_CUT = "……（超出单元格的长度，全文见程序）"
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LINE = Side(style="thin", color="B9C1CA")
_LINE_POINTS = 16
_MOST_POINTS = 409  # what a row may be high
LEFT = Alignment(horizontal="left", vertical="top", wrap_text=True)
CENTER = Alignment(horizontal="center", vertical="top", wrap_text=True)
BORDER = Border(bottom=_LINE, top=_LINE, left=_LINE, right=_LINE)
_HEAD_FONT = Font(bold=True, color="FFFFFF")
_HEAD_ALIGNMENT = Alignment(horizontal="center", vertical="center", wrap_text=True)
_HEAD = PatternFill("solid", fgColor="17406B")
_MARKS = {  # light grounds that stay readable in black and white; the words beside them say the same
    "good": PatternFill("solid", fgColor="E8F0F8"),
    "half": PatternFill("solid", fgColor="FFF4D6"),
    "bad": PatternFill("solid", fgColor="FBEEE4"),
}
Value = str | int | float | Decimal | date | None
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A column: its heading, width in characters, what stands in it and how numbers look; `mark` names its ground.

    `shown`: whether this report has it at all; `tall`: whether a long text in it makes its row higher.
    """

    title: str
    width: float
    value: Callable[[T], Value]
    format: str = ""
    center: bool = False
    mark: Callable[[T], str] | None = None
    shown: bool = True
    tall: bool = True


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


class _Looks:
    """How cells of a table look, each look made once: openpyxl takes ten times as long to find that it has it."""

    def __init__(self) -> None:
        self._made: dict[tuple[bool, str, str, bool], StyleArray] = {}

    def give(self, cell: Cell, center: bool, ground: str) -> None:
        """Let `cell` look so; its number format stays."""
        key = (center, ground, cell.number_format, bool(cell.quotePrefix))
        if key not in self._made:
            cell.alignment = CENTER if center else LEFT
            cell.border = BORDER
            if ground:
                cell.fill = _MARKS[ground]
            self._made[key] = copy(cell._style)
        cell._style = copy(self._made[key])


def table(sheet: Worksheet, columns: Sequence[Column[T]], things: Iterable[T], top: int = 1) -> None:
    """A row a thing: frozen heading in row `top`, filters, widths, wrapped texts."""
    columns = [column for column in columns if column.shown]
    for index, column in enumerate(columns, 1):
        heading(put(sheet, top, index, column.title))
        sheet.column_dimensions[get_column_letter(index)].width = column.width
    last, looks = top, _Looks()
    for last, thing in enumerate(things, top + 1):
        values = [column.value(thing) for column in columns]
        for index, (column, value) in enumerate(zip(columns, values, strict=True), 1):
            cell = put(sheet, last, index, value, column.format)
            center = column.center or not isinstance(value, str)
            looks.give(cell, center, column.mark(thing) if column.mark else "")
        fit(sheet, last, ((v, column.width) for column, v in zip(columns, values, strict=True) if column.tall))
    sheet.row_dimensions[top].height = 32
    sheet.auto_filter.ref = f"A{top}:{get_column_letter(len(columns))}{last}"
    sheet.freeze_panes = f"C{top + 1}"
    page(sheet, top)


def titled(sheet: Worksheet, title: str, facts: Sequence[str], columns: Sequence[Column[T]]) -> None:
    """Title and facts over all columns; they stand on every page that is printed, if the table begins below them."""
    room = sum(column.width for column in columns)
    for row, text, font in ((1, title, Font(bold=True, size=16)), (2, "　·　".join(facts), Font(size=11))):
        cell = put(sheet, row, 1, text)
        cell.font = font
        cell.alignment = Alignment(horizontal="left", vertical="center") if row == 1 else LEFT
        sheet.merge_cells(start_row=row, start_column=1, end_row=row, end_column=len(columns))
        fit(sheet, row, [(text, room)])
    sheet.row_dimensions[1].height = 28
    sheet.page_margins = PageMargins(left=0.4, right=0.4, top=0.5, bottom=0.6, header=0.3, footer=0.3)


def fit(sheet: Worksheet, row: int, cells: Iterable[tuple[Value, float]]) -> None:
    """Make a row as high as its values need in columns so wide: not every program does that to wrapped text."""
    lines = max(_lines(value, width) for value, width in cells)
    sheet.row_dimensions[row].height = min(lines * _LINE_POINTS + 3, _MOST_POINTS)


def _lines(value: Value, width: float) -> int:
    if not isinstance(value, str):
        return 1
    room = max(width - 2, 1)
    widths = [sum(2 if east_asian_width(c) in "WFA" else 1 for c in line) for line in value.split("\n")]
    return sum(max(math.ceil(w / room), 1) for w in widths)


def heading(cell: Cell) -> None:
    """Make a cell look like the head of its column."""
    cell.font, cell.fill, cell.alignment, cell.border = _HEAD_FONT, _HEAD, _HEAD_ALIGNMENT, BORDER


def page(sheet: Worksheet, heads: int = 1) -> None:
    """A4 landscape, as wide as the paper, the first `heads` rows on every page."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = 9
    sheet.page_setup.fitToWidth = 1
    sheet.page_setup.fitToHeight = 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"1:{heads}"
    footer = sheet.oddFooter
    if footer is not None and footer.center is not None:
        footer.center.text = "第 &P 页，共 &N 页"
