"""The parts that feedback slides are put together from: pages, texts that fit their box, tables, pictures.

All measures are points from the upper left of a slide of 960 × 540. Nothing here knows what a finding is.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pptx import Presentation
from pptx.opc.constants import CONTENT_TYPE
from pptx.opc.constants import RELATIONSHIP_TYPE as RELATION
from pptx.opc.packuri import PackURI
from pptx.parts.image import ImagePart
from pptx.parts.slide import NotesSlidePart

from emrassess import paths
from emrassess.reports.deck_xml import Area, Look, TableCell, notes, picture, rectangle, set_text, table, text_box
from emrassess.reports.fitting import (
    LEAST,
    Fitted,
    Para,
    cut,
    fit,
    leading,
    lines_of,
    one_line,
    plain_text,
    split_lines,
)
from emrassess.reports.pdf_parts import FAINT, LINE, NAVY
from emrassess.reports.pdf_text import INK

LEFT, TOP, WIDTH, HEIGHT = 40.0, 92.0, 880.0, 410.0
"""The room of a page below its title and above its footer."""
_TITLE_SIZES = (24.0, 20.0, 18.0, 16.0, 14.0, 12.0)
_TITLE_HIGH = 52.0

BODY = Area(LEFT, TOP, WIDTH, HEIGHT)


PLAIN = Look()


class Deck:
    """A presentation on our master."""

    def __init__(self, footer: str) -> None:
        self.file = Presentation(str(paths.resources_dir() / "deck" / "template.pptx"))
        self.count = 0
        self._images: dict[bytes, ImagePart] = {}
        line: Any = next(shape for shape in self.file.slide_layouts[1].shapes if shape.name == "页脚")
        line.text_frame.paragraphs[0].runs[0].text = cut(footer, LEAST, 780)

    def cover(self, title: str) -> "Page":
        """A first page; its title stands in white on the band."""
        return self._page(0, title, 84.0)

    def page(self, title: str, notes: str = "") -> "Page":
        """A page with a title; `notes` for who speaks."""
        page = self._page(1, title, _TITLE_HIGH)
        if notes:
            page.notes(notes)
        return page

    def _page(self, layout: int, title: str, high: float) -> "Page":
        self.count += 1
        page = Page(self, self.file.slides.add_slide(self.file.slide_layouts[layout]))
        page.title(title, high)
        return page

    # python-pptx names a new part by looking at all that there are, each time; with hundreds of pictures that is long.

    def image(self, content: bytes) -> ImagePart:
        """The part of a JPEG; the same picture is kept once."""
        if content not in self._images:
            name = PackURI(f"/ppt/media/image{len(self._images) + 1}.jpg")
            self._images[content] = ImagePart(name, CONTENT_TYPE.JPEG, self._package, content)
        return self._images[content]

    def notes(self, slide: Any, element: Any) -> None:
        """Gives a slide its page of notes."""
        name = PackURI(f"/ppt/notesSlides/notesSlide{self.count}.xml")
        part = NotesSlidePart(name, CONTENT_TYPE.PML_NOTES_SLIDE, self._package, element)
        part.relate_to(self.file.part.notes_master_part, RELATION.NOTES_MASTER)
        part.relate_to(slide.part, RELATION.SLIDE)
        slide.part.relate_to(part, RELATION.NOTES_SLIDE)

    @property
    def _package(self) -> Any:
        return self.file.part.package


class Page:
    """One slide."""

    def __init__(self, deck: Deck, slide: Any) -> None:
        self.deck, self.slide, self._tree = deck, slide, slide.shapes._spTree
        self._number = 100  # above the ids of what the layout brings

    def _put(self, element: Callable[[int], Any]) -> None:
        self._number += 1
        self._tree.append(element(self._number))

    def title(self, text: str, high: float) -> None:
        shape = self.slide.shapes.title
        wide = shape.width / 12700
        fitted = fit([Para(one_line(text), bold=True)], wide, high, _TITLE_SIZES)
        if fitted.rest:
            fitted = replace(fitted, paras=(Para(cut(text, LEAST, wide, int(high // leading(LEAST))), bold=True),))
        set_text(shape, fitted, Look("", anchor="middle"))

    def notes(self, text: str) -> None:
        """What only the speaker sees."""
        self.deck.notes(self.slide, notes(Fitted(LEAST, (Para(plain_text(text)),), 0)))

    def text(self, area: Area, fitted: Fitted, look: Look = PLAIN) -> None:
        """Paragraphs that were fitted to `area`, less the inset."""
        self._put(lambda number: text_box(number, area, fitted, look))

    def line(self, area: Area, text: str, size: float = LEAST, look: Look = PLAIN, *, bold: bool = False) -> None:
        """One text as large as it fits, `size` at most; its end becomes … where even the smallest is too large."""
        wide, high = area.wide - 2 * look.inset, area.high
        sizes = range(int(size), LEAST - 1, -1)
        fitted = fit([Para(plain_text(text), bold=bold)], wide, high, sizes)
        if fitted.rest:
            short = cut(text, LEAST, wide, max(int(high // leading(LEAST)), 1))
            fitted = replace(fitted, paras=(Para(short, bold=bold),))
        self.text(area, fitted, look)

    def box(self, area: Area, fill: str, outline: str = "") -> None:
        """A rectangle; "" for no ground, or no line around it."""
        self._put(lambda number: rectangle(number, area, fill, outline))

    def picture(self, area: Area, content: bytes, size: tuple[int, int], text: str) -> float:
        """A picture of `size` pixels at the top of `area`, whole; where it ends. `text` is for who cannot see it."""
        scale = min(area.wide / size[0], area.high / size[1])
        wide, high = size[0] * scale, size[1] * scale
        place = Area(area.x + (area.wide - wide) / 2, area.y, wide, high)
        relation = self.slide.part.relate_to(self.deck.image(content), RELATION.IMAGE)
        self._put(lambda number: picture(number, place, relation, one_line(text)[:250], LINE))
        return area.y + high

    def table(self, x: float, y: float, columns: Sequence["Column"], rows: Sequence["Row"]) -> None:
        """A table that people can edit; its rows are as high as their texts need."""
        whole = (_head(columns), *rows)
        made = [
            (_row_high(columns, row), [_cell(*pair, band=place % 2 == 0) for pair in zip(columns, row, strict=True)])
            for place, row in enumerate(whole)
        ]
        widths = [column.wide for column in columns]
        self._put(lambda number: table(number, (x, y), widths, made, (PAD_X, PAD_Y), LINE))


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `wide` in points."""

    title: str
    wide: float
    align: str = "left"


@dataclass(frozen=True, slots=True)
class Cell:
    """A text in a table. `fill`: its ground, "" for that of the table."""

    text: str
    color: str = INK
    bold: bool = False
    fill: str = ""


PAD_X, PAD_Y = 6.0, 3.0
ROW_SIZE = 13.0
Row = tuple[Cell, ...]


def tables(columns: Sequence[Column], rows: Sequence[Row], first: float) -> Iterator[list[Row]]:
    """`rows` in as many tables as they need, each with its head, the first `first` points high, the others a page.

    A row too high for a table goes on in the next.
    """
    head = _row_high(columns, _head(columns))
    room = first - head
    left, page, used = list(rows), list[Row](), 0.0
    while left:
        row = left.pop(0)
        needed = _row_high(columns, row)
        if used + needed <= room:
            page.append(row)
            used += needed
        elif page and needed <= room:
            yield page
            left.insert(0, row)
            page, used, room = [], 0.0, HEIGHT - head
        else:
            most = int((room - used - 2 * PAD_Y) // leading(ROW_SIZE))
            if most >= 2:
                row, rest = _split(columns, row, most)
                page.append(row)
                left.insert(0, rest)
            else:
                left.insert(0, row)
            yield page
            page, used, room = [], 0.0, HEIGHT - head
    if page:
        yield page


def _split(columns: Sequence[Column], row: Row, most: int) -> tuple[Row, Row]:
    pairs = [
        split_lines(plain_text(cell.text), ROW_SIZE, column.wide - 2 * PAD_X, most)
        for column, cell in zip(columns, row, strict=True)
    ]
    upper = tuple(replace(cell, text=head) for cell, (head, _) in zip(row, pairs, strict=True))
    lower = tuple(replace(cell, text=rest) for cell, (_, rest) in zip(row, pairs, strict=True))
    return upper, lower


def _head(columns: Sequence[Column]) -> Row:
    return tuple(Cell(column.title, "#FFFFFF", True, NAVY) for column in columns)


def _row_high(columns: Sequence[Column], row: Row) -> float:
    lines = max(
        len(lines_of(plain_text(cell.text), ROW_SIZE, column.wide - 2 * PAD_X))
        for column, cell in zip(columns, row, strict=True)
    )
    return lines * leading(ROW_SIZE) + 2 * PAD_Y


def _cell(column: Column, cell: Cell, *, band: bool) -> TableCell:
    fitted = Fitted(ROW_SIZE, (Para(plain_text(cell.text), bold=cell.bold),), 0)
    return TableCell(fitted, Look(cell.color, column.align, fill=cell.fill or (FAINT if band else "#FFFFFF")))
