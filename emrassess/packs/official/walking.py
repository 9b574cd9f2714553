"""The rows of the annexes' tables in the document's order, with what repeats or interrupts them taken out."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from emrassess.packs.official import normalising
from emrassess.packs.official.columns import Annex, Layout, find_layout
from emrassess.packs.official.word_body import Cell, Line, Merge, Row, Table

MAX_SHORT = 400
_KEY_COLUMN = {
    Annex.ITEMS: "sequence",
    Annex.REQUIREMENTS: "level",
    Annex.CRITERIA: "code",
    Annex.QUALITY: "code",
}
_MAIN_COLUMN = {
    Annex.ITEMS: "item",
    Annex.REQUIREMENTS: "basic",
    Annex.CRITERIA: "content",
    Annex.QUALITY: "quality",
}


class Source(StrEnum):
    """Where what a row shows in a column comes from."""

    OWN = "own"  # its own cell
    MERGED = "merged"  # the vertical merge that its cell goes on with
    WIDE = "wide"  # a cell that covers other columns too
    ABSENT = "absent"  # it has no cell there


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in a column at a row: its lines, where they come from, and which of them the row's own cell holds."""

    lines: tuple[Line, ...]
    source: Source
    own: tuple[Line, ...] = ()

    @property
    def text(self) -> str:
        """The beginning of it, long enough for a code, a name or a number."""
        return "\n".join(line.text for line in self.lines)[:MAX_SHORT]


@dataclass(frozen=True, slots=True)
class AnnexRow:
    """A physical row of an annex; `after_break`: the first of a table that goes on with the one before."""

    annex: Annex
    table: int
    number: int
    cells: dict[str, Shown]
    after_break: bool = False

    @property
    def place(self) -> str:
        return f"第 {self.table} 个表格第 {self.number} 行"

    def shown(self, name: str) -> Shown:
        return self.cells.get(name, Shown((), Source.ABSENT))

    def text(self, name: str) -> str:
        return self.shown(name).text


def annex_rows(tables: Sequence[Table]) -> Iterator[AnnexRow]:
    """All rows of annexes 1 to 4 but their headers, titles and empty rows, merges resolved to what they say."""
    walk = _Walk()
    for table in tables:
        yield from walk.table(table)


class _Walk:
    def __init__(self) -> None:
        self._layout: Layout | None = None
        # What the merges that are open say, by column; they outlive repeated headers and the end of a table that goes
        # on in the next one.
        self._merges: dict[str, tuple[Line, ...]] = {}
        self._role = ""

    def table(self, table: Table) -> Iterator[AnnexRow]:
        layout: Layout | None = None
        after_break = decided = False  # decided: whether a table that begins without a header goes on with another
        index = 0
        while index < len(table.rows):
            if found := find_layout(table.rows[index : index + 2]):
                below = index + found.header_rows
                self._enter(found, table.rows[index:below], None if layout else table.rows[below:])
                layout, index, decided = found, below, True
                continue
            row = table.rows[index]
            index += 1
            if not decided and len(row.cells) > 1 and _counts(row):
                layout = self._going_on(row)
                self._layout, after_break, decided = layout or self._layout, layout is not None, True
            if layout and (cells := self._resolved(layout, row)):
                self._role = _role(layout, row) or self._role
                yield AnnexRow(layout.annex, table.number, row.number, cells, after_break)
                after_break = False

    def _enter(self, layout: Layout, header: Sequence[Row], new_table: Sequence[Row] | None) -> None:
        """Begin at a header; `new_table`: the rows below it, where it is the first of its table.

        A table of another role does not go on with the merges of the one before. A merge that starts in the header
        says no more than its words, so nothing, to the rows below.
        """
        if self._layout is None or self._layout.annex is not layout.annex:
            self._merges = {}
        roles = (_role(layout, row) for row in new_table or ())
        if next((role for role in roles if role), self._role) != self._role:
            self._merges = {}
        self._layout = layout
        for row in header:
            for name, cells in layout.cells(row).items():
                if any(cell.merge is Merge.START for cell in cells):
                    self._merges[name] = ()

    def _going_on(self, row: Row) -> Layout | None:
        """The layout of the table before, where a table without a header goes on with it."""
        if self._layout is None:
            return None
        layout = self._layout.adopted(row)
        if layout is None:
            return None
        cells = layout.cells(row)
        key = _text(cells.get(_KEY_COLUMN[layout.annex], []))
        if layout.annex in (Annex.CRITERIA, Annex.QUALITY):
            belongs = normalising.row_code(key) or not key.strip()
        elif layout.annex is Annex.REQUIREMENTS:
            belongs = normalising.level(key) is not None
        else:
            belongs = normalising.numbers(key)
        return layout if belongs else None

    def _resolved(self, layout: Layout, row: Row) -> dict[str, Shown]:
        """What each column shows at the row; nothing for titles, notes and empty rows."""
        by_column = layout.cells(row)
        key, main = by_column.get(_KEY_COLUMN[layout.annex], []), by_column.get(_MAIN_COLUMN[layout.annex], [])
        is_title = bool(key) and key == main
        if is_title or not row.cells:
            return {}
        wide = [cell for cell in row.cells if sum(cell in cells for cells in by_column.values()) > 1]
        shown = {name: self._shown(name, cells, wide) for name, cells in by_column.items()}
        return shown if _counts(row) else {}

    def _shown(self, name: str, cells: list[Cell], wide: list[Cell]) -> Shown:
        first = cells[0]
        lines = tuple(line for cell in cells for line in cell.lines)
        if first.merge is Merge.CONTINUED:
            # Where the merge says nothing, what the continuing cell itself holds is not lost.
            return Shown(self._merges.get(name) or lines, Source.MERGED, lines)
        if first.merge is Merge.START:
            self._merges[name] = lines
        else:
            self._merges.pop(name, None)
        return Shown(lines, Source.WIDE if first in wide else Source.OWN, lines)


def _text(cells: Sequence[Cell]) -> str:
    return "\n".join(cell.text for cell in cells)


def _counts(row: Row) -> bool:
    return any(cell.text.strip() for cell in row.cells)


def _role(layout: Layout, row: Row) -> str:
    """The number of the role that the row's code names; "" where it names none."""
    code = normalising.row_code(_text(layout.cells(row).get("code", [])))
    return code[:2] if code else ""
