"""Which annex a table belongs to, and which of its columns is which: known by the words of its header row."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from emrassess.packs.official.normalising import squash
from emrassess.packs.official.word_body import Cell, Merge, Row


class Annex(StrEnum):
    """The four tables of the standard (附表1 to 附表4)."""

    ITEMS = "items"
    REQUIREMENTS = "requirements"
    CRITERIA = "criteria"
    QUALITY = "quality"


# A column by the words that head it in one edition or another, white space and what stands in brackets taken out.
_HEADS = {
    "code": r"(?:评价)?(?:项目)?(?:代码|编码|编号)",
    "sequence": r"(?:项目)?(?:序号|序)",
    "role": r"(?:工作)?角色",
    "item": r"(?:业务|评价|评审)项目|项目名称",
    "category": r"(?:评价|项目|条款)?类别|(?:评价|项目)类型",
    "content": r"(?:主要|系统)?(?:系统)?(?:功能)?(?:评价|评审|评估|考察)内容|(?:系统)?功能(?:内容|要求)",
    "score": r"功能(?:评分|得分|分值)|(?:评分|分值|功能等级)",
    "quality": r"数据(?:质量)?(?:考察|评价|评估|评审|检查)(?:项目|内容)",
    "coverage": r"有效应用(?:评价)?(?:指标|范围|比例)",
    "quality_index": r"数据质量(?:评价)?指标",
    "level": r"等级|级别",
    "name": r"(?:等级|级别)?(?:内容|名称)",
    "basic": r"基本(?:项目|项)数?",
    "optional": r"选择(?:项目|项)数?",
    "minimum": r"最低(?:总评分|总分|评分)",
}
_HEAD_PATTERNS = {name: re.compile(pattern) for name, pattern in _HEADS.items()}
_MAX_HEAD = 30


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name, over the grid columns `start` <= column < `end`."""

    name: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Layout:
    """How a table of an annex is laid out. `columns` has those that no known word heads too, named ""."""

    annex: Annex
    columns: tuple[Column, ...]
    header_rows: int = 1

    def column(self, name: str) -> Column | None:
        return next((column for column in self.columns if column.name == name), None)

    def cells(self, row: Row) -> dict[str, list[Cell]]:
        """The cells of a row by the columns' names; one that spans several columns stands in each.

        Rows are matched by the grid. Where a row's grid does not fit the header's, and it has as many cells, by order.
        """
        found: dict[str, list[Cell]] = {}
        names = _names_of(self.columns, tuple((cell.start, cell.end) for cell in row.cells))
        for cell, its_names in zip(row.cells, names, strict=True):
            for name in its_names:
                found.setdefault(name, []).append(cell)
        return found

    def adopted(self, row: Row) -> "Layout | None":
        """This layout for a table without a header that goes on where one with it ended; None where it cannot be."""
        if len(row.cells) != len(self.columns):
            return self if row.cells and row.cells[-1].end == self.columns[-1].end else None
        columns = tuple(Column(c.name, cell.start, cell.end) for c, cell in zip(self.columns, row.cells, strict=True))
        return Layout(self.annex, columns)


@lru_cache(maxsize=256)
def _names_of(columns: tuple[Column, ...], cells: tuple[tuple[int, int], ...]) -> tuple[tuple[str, ...], ...]:
    """The names of the columns that each cell of a row stands in. Rows of a table mostly lie alike, so it is kept."""
    if len(cells) == len(columns) and not _fit(columns, cells):
        return tuple((column.name,) if column.name else () for column in columns)
    return tuple(tuple(c.name for c in _columns_of(columns, *cell) if c.name) for cell in cells)


def _fit(columns: tuple[Column, ...], cells: tuple[tuple[int, int], ...]) -> bool:
    """Whether a row is as wide as the header, and each of its cells lies within one column or covers whole ones."""
    if cells[-1][1] != columns[-1].end:
        return False
    edges = {column.start for column in columns} | {column.end for column in columns}
    return all(
        sum(_overlap(column, start, end) > 0 for column in columns) == 1 or (start in edges and end in edges)
        for start, end in cells
    )


def _columns_of(columns: tuple[Column, ...], start: int, end: int) -> list[Column]:
    """The columns that a cell covers more than half of, or else the one that it covers most of."""
    over = [c for c in columns if _overlap(c, start, end) > 0]
    covered = [c for c in over if 2 * _overlap(c, start, end) > c.end - c.start]
    return covered or sorted(over, key=lambda c: -_overlap(c, start, end))[:1]


def _overlap(column: Column, start: int, end: int) -> int:
    return min(column.end, end) - max(column.start, start)


def head_name(text: str) -> str:
    """The column that a header's words stand for; "" for any other text."""
    if len(text) > 2 * _MAX_HEAD:
        return ""
    words = re.sub(r"\([^()]*\)", "", squash(text))
    if not words or len(words) > _MAX_HEAD:
        return ""
    return next((name for name, pattern in _HEAD_PATTERNS.items() if pattern.fullmatch(words)), "")


def find_layout(rows: Sequence[Row]) -> Layout | None:
    """The layout that the first of `rows` heads, perhaps together with the one below it; None where it is no header."""
    upper = _named(rows[0])
    if not any(column.name for column in upper):
        return None
    if len(rows) > 1 and _is_lower_header(rows[1]):
        both = _combined(upper, rows[1])
        if annex := _annex(both):
            return Layout(annex, both, 2)
    annex = _annex(upper)
    return Layout(annex, upper) if annex else None


def _named(row: Row) -> tuple[Column, ...]:
    return tuple(Column(head_name(cell.text), cell.start, cell.end) for cell in row.cells)


def _is_lower_header(row: Row) -> bool:
    """Whether a row only has words of headers beside cells that go on from the row above or are empty."""
    texts = [cell.text for cell in row.cells if cell.merge is not Merge.CONTINUED and cell.text.strip()]
    return bool(texts) and all(head_name(text) for text in texts)


def _combined(upper: tuple[Column, ...], lower: Row) -> tuple[Column, ...]:
    """The columns of a header of two rows: those of the lower where it has words of its own, else of the upper."""
    found: list[Column] = []
    for cell in lower.cells:
        above = [c for c in upper if min(c.end, cell.end) > max(c.start, cell.start)]
        name = head_name(cell.text) or next((c.name for c in above if c.name), "")
        found.append(Column(name, cell.start, cell.end))
    return tuple(found)


def _annex(columns: tuple[Column, ...]) -> Annex | None:
    names = {column.name for column in columns}
    if "code" in names and "content" in names and names & {"category", "score", "quality"}:
        return Annex.CRITERIA
    if {"code", "quality"} <= names and not names & {"content", "category", "score"}:
        return Annex.QUALITY
    if {"level", "basic", "optional"} <= names:
        return Annex.REQUIREMENTS
    if "item" in names and names & {"coverage", "quality_index"} and "content" not in names:
        return Annex.ITEMS
    return None
