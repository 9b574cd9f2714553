"""The text and tables of a Word document: cells with their place in the grid and their merges, and nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from emrassess.packs.official.container import DocxFile
from emrassess.packs.official.xml_events import Attributes, parse_events

# The standard has some 600 rows, 4,000 cells and 100,000 characters.
MAX_TEXT = 2_000_000
MAX_CELL = 10_000  # characters; the rest of such a cell is not read
MAX_ROWS = 10_000
MAX_CELLS = 100_000
MAX_COLUMNS = 64  # Word itself allows 63
MAX_NESTED = 6
MAX_PARAGRAPHS = 20_000

# What is not read: what tracked changes took away, instructions of fields, drawings with their text boxes, the second
# of two forms of the same content, and how it all was formatted before.
_SKIPPED = frozenset(
    ("del", "moveFrom", "drawing", "pict", "object", "txbxContent", "instrText", "mc:Fallback", "sdtPr")
) | {f"{name}Change" for name in ("pPr", "rPr", "tblPr", "tblPrEx", "tblGrid", "tcPr", "trPr", "sectPr")}
_OFF = frozenset(("0", "false", "off"))


class Merge(StrEnum):
    """A cell's part in a vertical merge."""

    NONE = "none"
    START = "start"
    CONTINUED = "continued"


@dataclass(frozen=True, slots=True)
class Line:
    """A paragraph, or a part of one between line breaks. `numbered`: Word numbers it by itself."""

    text: str
    numbered: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell over the grid columns `start` <= column < `end`."""

    start: int
    end: int
    merge: Merge
    lines: tuple[Line, ...]

    @property
    def text(self) -> str:
        return "\n".join(line.text for line in self.lines)


@dataclass(frozen=True, slots=True)
class Row:
    """A physical row; `number` counts from 1 in its table, as a person would."""

    number: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; `number` counts from 1 in the document."""

    number: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Body:
    """Paragraphs outside tables, and all tables in the order in which they end."""

    paragraphs: tuple[str, ...]
    tables: tuple[Table, ...]


def read_body(docx: DocxFile) -> Body:
    """The document's text and tables; RefusedError where it is damaged, hostile or far too large."""
    part = docx.main_part()
    numbering = docx.beside(part, "numbering.xml")
    bullets = _bullets(docx, numbering) if docx.has(numbering) else frozenset[str]()
    reader = _Reader(docx, bullets)
    parse_events(docx, part, reader.start, reader.end, reader.characters)
    return Body(tuple(reader.paragraphs), tuple(reader.tables))


def _bullets(docx: DocxFile, part: str) -> frozenset[str]:
    """Ids of the lists whose first level counts nothing: bullets, or no sign at all."""
    formats: dict[str, str] = {}
    lists: dict[str, str] = {}
    abstract = number = level = ""

    def start(tag: str, attributes: Attributes) -> None:
        nonlocal abstract, number, level
        match tag:
            case "abstractNum":
                abstract = attributes.get("abstractNumId", "")
            case "lvl":
                level = attributes.get("ilvl", "")
            case "numFmt" if level == "0":
                formats.setdefault(abstract, attributes.get("val", ""))
            case "num":
                number = attributes.get("numId", "")
            case "abstractNumId":
                lists[number] = attributes.get("val", "")

    parse_events(docx, part, start)
    return frozenset(key for key, value in lists.items() if formats.get(value) in ("bullet", "none"))


@dataclass(slots=True)
class _CellBuilt:
    start: int
    span: int = 1
    merge: Merge = Merge.NONE
    lines: list[Line] = field(default_factory=list)
    left: bool = False  # the second and later cells of an old-style horizontal merge
    size: int = 0

    def add(self, lines: Iterable[Line]) -> None:
        for line in lines:
            if self.size > MAX_CELL:
                return
            self.size += len(line.text)
            self.lines.append(line if len(line.text) <= MAX_CELL else Line(line.text[:MAX_CELL], line.numbered))


@dataclass(slots=True)
class _TableBuilt:
    rows: list[Row] = field(default_factory=list)
    cells: list[_CellBuilt] = field(default_factory=list)
    column: int = 0
    dropped: bool = False
    count: int = 0


class _Reader:
    """Takes the events of the main part; `paragraphs` and `tables` are what came of them."""

    def __init__(self, docx: DocxFile, bullets: frozenset[str]) -> None:
        self._docx = docx
        self._bullets = bullets
        self.paragraphs: list[str] = []
        self.tables: list[Table] = []
        self._open: list[_TableBuilt] = []
        self._skipping = 0
        self._path: list[str] = []
        self._text: list[str] = []
        self._list = self._list_level = ""
        self._hidden = False
        self._characters = self._rows = self._cells = 0

    def start(self, tag: str, attributes: Attributes) -> None:
        parent = self._path[-1] if self._path else ""
        self._path.append(tag)
        if tag == "del" and parent == "trPr" and self._open and not self._skipping:
            self._open[-1].dropped = True
        if self._skipping or tag in _SKIPPED:
            self._skipping += 1
        elif tag in ("tbl", "tr", "tc"):
            self._structure(tag)
        elif parent in ("tcPr", "trPr"):
            self._property(tag, attributes)
        else:
            self._inline(tag, attributes, parent)

    def end(self, tag: str) -> None:
        self._path.pop()
        if self._skipping:
            self._skipping -= 1
            return
        match tag:
            case "p":
                self._end_paragraph()
            case "tc" if self._open and self._open[-1].cells:
                self._open[-1].column = self._open[-1].cells[-1].start + self._open[-1].cells[-1].span
            case "tr" if self._open:
                self._end_row(self._open[-1])
            case "tbl" if self._open:
                self._end_table(self._open.pop())

    def characters(self, text: str) -> None:
        if self._path and self._path[-1] == "t" and not self._skipping and not self._hidden:
            self._characters += len(text)
            if self._characters > MAX_TEXT:
                raise self._too_much("文字太多")
            self._text.append(text)

    def _structure(self, tag: str) -> None:
        if tag == "tbl":
            if len(self._open) >= MAX_NESTED:
                raise self._too_much(f"表格嵌套超过 {MAX_NESTED} 层")
            self._open.append(_TableBuilt())
        elif self._open and tag == "tr":
            self._rows += 1
            self._open[-1].cells, self._open[-1].column, self._open[-1].dropped = [], 0, False
        elif self._open:
            self._cells += 1
            table = self._open[-1]
            if self._rows > MAX_ROWS or self._cells > MAX_CELLS or len(table.cells) >= MAX_COLUMNS:
                raise self._too_much("表格太大")
            table.cells.append(_CellBuilt(table.column))

    def _property(self, tag: str, attributes: Attributes) -> None:
        if not self._open:
            return
        table = self._open[-1]
        if tag == "gridBefore":
            table.column = min(_number(attributes), MAX_COLUMNS)
        elif table.cells and tag == "gridSpan":
            table.cells[-1].span = max(1, min(_number(attributes), MAX_COLUMNS))
        elif table.cells and tag == "vMerge":
            started = attributes.get("val") == "restart"
            table.cells[-1].merge = Merge.START if started else Merge.CONTINUED
        elif table.cells and tag == "hMerge":
            table.cells[-1].left = attributes.get("val") != "restart"

    def _inline(self, tag: str, attributes: Attributes, parent: str) -> None:
        match tag:
            case "p":
                self._text, self._list, self._list_level = [], "", "0"
            case "numId":
                self._list = attributes.get("val", "")
            case "ilvl":
                self._list_level = attributes.get("val", "")
            case "r":
                self._hidden = False
            case "vanish" if parent == "rPr" and self._path[-3:-2] == ["r"]:
                self._hidden = attributes.get("val", "1") not in _OFF
            case "br" | "cr" if parent == "r":
                self._text.append("\n")
            case "tab" | "ptab" if parent == "r":
                self._text.append(" ")
            case "noBreakHyphen":
                self._text.append("-")

    def _end_paragraph(self) -> None:
        text, self._text = "".join(self._text), []
        if not self._open:
            if text.strip() and len(self.paragraphs) < MAX_PARAGRAPHS:
                self.paragraphs.append(text.strip())
            return
        counts = self._list not in ("", "0") and self._list not in self._bullets and self._list_level in ("", "0")
        if self._open[-1].cells:
            lines = [" ".join(part.split()) for part in text.split("\n")]
            self._open[-1].cells[-1].add(Line(line, counts and index == 0) for index, line in enumerate(lines) if line)

    def _end_row(self, table: _TableBuilt) -> None:
        table.count += 1
        if table.dropped:
            return
        cells: list[Cell] = []
        for built in table.cells:
            if built.left and cells:
                before = cells[-1]
                cells[-1] = Cell(before.start, built.start + built.span, before.merge, before.lines)
            else:
                cells.append(Cell(built.start, built.start + built.span, built.merge, tuple(built.lines)))
        table.rows.append(Row(table.count, tuple(cells)))
        table.cells = []

    def _end_table(self, table: _TableBuilt) -> None:
        self.tables.append(Table(len(self.tables) + 1, tuple(table.rows)))
        if self._open and self._open[-1].cells:
            # A list set as a table inside a cell is still what the cell says.
            outer = self._open[-1].cells[-1]
            outer.add(line for row in table.rows for cell in row.cells for line in cell.lines)

    def _too_much(self, why: str) -> Exception:
        return self._docx.damaged(f"{why}，不像标准文件")


def _number(attributes: Attributes) -> int:
    text = attributes.get("val", "")
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text) else 0
