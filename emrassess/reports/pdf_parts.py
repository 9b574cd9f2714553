"""The parts the PDF report is put together from: headings with bookmarks, tables that split well, boxes, contents."""

from collections.abc import Sequence
from dataclasses import dataclass

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from emrassess.reports.pdf_text import INK, Style, Text, color, draw_line, shorten, width

# One blue from light to dark, and one orange: told apart by the colour-blind, and by brightness alone in black and
# white. Every use has a sign or a word beside it.
NAVY, BLUE, SKY, PALE = "#17406B", "#3B74A8", "#A9C7E3", "#E8F0F8"
ALERT, ALERT_PALE = "#A8480A", "#FBEEE4"
GREY, LINE, FAINT = "#565E67", "#B9C1CA", "#F3F5F7"

BODY = Style()
SMALL = Style(8, 11.5)
SMALL_BOLD = Style(8, 11.5, bold=True)
TINY = Style(7, 9.5, color=GREY)
NOTE = Style(8, 12, color=GREY, after=4)
HEADINGS = {
    1: Style(15, 22, bold=True, color=NAVY, before=16, after=6),
    2: Style(11.5, 17, bold=True, color=NAVY, before=10, after=3),
    3: Style(9.5, 14, bold=True, color=INK, before=6, after=2),
}


class Ledger:
    """Which page each bookmark came to lie on, and where its number is printed.

    A number is wanted before its page is known (contents, "page x of y"). It is drawn as a form at once and the form
    is filled when all pages are made: so the report is laid out once, not twice.
    """

    TOTAL = "total"

    def __init__(self) -> None:
        self.pages: dict[str, int] = {}
        self._forms: dict[str, tuple[str, Style]] = {}

    def stamp(self, canvas: Canvas, key: str, x: float, top: float, style: Style) -> None:
        """The page number of `key`, ending at `x`, in a line whose box begins at `top`."""
        name = f"page-{len(self._forms)}"
        for known, wanted in self._forms.items():
            if wanted == (key, style):
                name = known
        self._forms[name] = (key, style)
        canvas.saveState()
        canvas.translate(x, top)
        canvas.doForm(name)
        canvas.restoreState()

    def fill(self, canvas: Canvas) -> None:
        """Writes all the numbers; `canvas` has just ended its last page."""
        self.pages[self.TOTAL] = canvas.getPageNumber() - 1
        for name, (key, style) in self._forms.items():
            canvas.beginForm(name, -60, -30, 0, 10)
            number = self.pages.get(key, "")
            draw_line(canvas, -60, 0, f"共 {number} 页" if key == self.TOTAL else str(number), style, 60)
            canvas.endForm()


class Heading(Text):
    """A heading that is also a bookmark, an outline entry and a line of the contents."""

    def __init__(self, text: str, level: int, key: str, ledger: Ledger, *, outline: int | None = None) -> None:
        super().__init__(text, HEADINGS[level])
        self.key, self.ledger = key, ledger
        self.outline = level - 1 if outline is None else outline
        self.keepWithNext = 1

    def draw(self) -> None:
        super().draw()
        mark(self.canv, self.key, self.text, self.outline, self.ledger, top=self.height)


def mark(canvas: Canvas, key: str, title: str, outline: int, ledger: Ledger, top: float = 0) -> None:
    """A place that links and the outline lead to; `top` in the units of the canvas as it stands."""
    ledger.pages[key] = canvas.getPageNumber()
    canvas.bookmarkHorizontal(key, 0, top + 6)
    canvas.addOutlineEntry(title, key, outline, closed=outline > 0)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table; `width` in points."""

    title: str
    width: float
    align: str = "left"
    style: Style = SMALL


Cell = str | Flowable
TABLE_WIDTH = 499.0  # of a table as wide as the page, points


class Rows(Flowable):
    """A table whose header repeats on each page; rows stay whole unless one alone is higher than a page.

    `tints`: background by row index. Cells are strings, set in the style of their column, or flowables. Rows are set
    as the pages come to them: a list of thousands never stands in memory as a whole.
    """

    PAD_X, PAD_Y = 3.5, 2.6

    def __init__(
        self,
        columns: Sequence[Column],
        rows: Sequence[Sequence[Cell]],
        *,
        tints: dict[int, str] | None = None,
        header: bool = True,
    ) -> None:
        super().__init__()
        self.spaceAfter = 6
        self.columns, self.rows, self.tints, self.header = columns, rows, tints or {}, header
        self.titles = [Text(c.title, Style(7.5, 10.5, bold=True, color=GREY, align=c.align)) for c in columns]
        self._set: list[list[Flowable]] = []  # the first of `rows`, as far as they were asked for
        self._heights: list[float] = []

    @staticmethod
    def _cell(column: Column, cell: Cell) -> Flowable:
        if isinstance(cell, Flowable):
            return cell
        style = column.style
        if column.align != style.align:
            style = Style(style.size, style.leading, style.bold, style.color, column.align)
        return Text(cell, style)

    def _height(self, cells: Sequence[Flowable]) -> float:
        tallest = max(
            cell.wrap(column.width - 2 * self.PAD_X, 10_000)[1]
            for column, cell in zip(self.columns, cells, strict=True)
        )
        return tallest + 2 * self.PAD_Y

    @property
    def _header_height(self) -> float:
        return self._height(self.titles) if self.header else 0

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        """The height is the table's where that is at most `aH`, else some height above it."""
        self.width = sum(column.width for column in self.columns)
        self.height = self._header_height + sum(self._heights)
        while len(self._set) < len(self.rows) and self.height <= aH:
            cells = zip(self.columns, self.rows[len(self._set)], strict=True)
            self._set.append([self._cell(column, cell) for column, cell in cells])
            self._heights.append(self._height(self._set[-1]))
            self.height += self._heights[-1]
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:
        self.wrap(aW, aH)
        used, fit = self._header_height, 0
        while fit < len(self._heights) and used + self._heights[fit] <= aH:
            used += self._heights[fit]
            fit += 1
        if fit == 0:
            return self._split_first(aH - used) if self._heights and self._heights[0] > 600 else []
        if fit == len(self.rows):
            return [self]
        upper, lower = self._part(self.rows[:fit], 0), self._part(self.rows[fit:], fit)
        upper._set, upper._heights = self._set[:fit], self._heights[:fit]  # set and measured once
        lower._set, lower._heights = self._set[fit:], self._heights[fit:]
        return [upper, lower]

    def _split_first(self, room: float) -> list[Flowable]:
        """The first row cut through its texts: it is higher than any page."""
        upper: list[Flowable] = []
        lower: list[Flowable] = []
        for column, cell in zip(self.columns, self._set[0], strict=True):
            parts = cell.split(column.width - 2 * self.PAD_X, room - 2 * self.PAD_Y)
            if not parts and cell.height > room - 2 * self.PAD_Y:
                return []
            parts = parts or [cell]
            upper.append(parts[0])
            lower.append(parts[1] if len(parts) > 1 else Text("", SMALL))
        return [self._part([upper], 0), self._part([lower, *self.rows[1:]], 0)]

    def _part(self, rows: Sequence[Sequence[Cell]], offset: int) -> "Rows":
        tints = {index - offset: tint for index, tint in self.tints.items() if index >= offset}
        return Rows(self.columns, rows, tints=tints, header=self.header)

    def draw(self) -> None:
        canvas, y = self.canv, self.height
        if self.header:
            canvas.setFillColor(color(FAINT))
            canvas.rect(0, y - self._header_height, self.width, self._header_height, stroke=0, fill=1)
            y = self._draw_row(self.titles, y, self._header_height, GREY)
        for index, (row, height) in enumerate(zip(self._set, self._heights, strict=True)):
            if index in self.tints:
                canvas.setFillColor(color(self.tints[index]))
                canvas.rect(0, y - height, self.width, height, stroke=0, fill=1)
            y = self._draw_row(row, y, height, LINE)

    def _draw_row(self, row: Sequence[Flowable], y: float, height: float, rule: str) -> float:
        x = 0.0
        for column, cell in zip(self.columns, row, strict=True):
            if type(cell) is Text:  # most cells of a long report; the others may draw more than text
                cell.draw_at(self.canv, x + self.PAD_X, y - self.PAD_Y)
            else:
                cell.drawOn(self.canv, x + self.PAD_X, y - self.PAD_Y - cell.height)
            x += column.width
        self.canv.setStrokeColor(color(rule))
        self.canv.setLineWidth(0.4)
        self.canv.line(0, y - height, self.width, y - height)
        return y - height


class Stack(Flowable):
    """Flowables one above the other in one cell."""

    def __init__(self, parts: Sequence[Flowable], gap: float = 1.5, before: float = 0) -> None:
        super().__init__()
        self.parts, self.gap, self.spaceBefore = list(parts), gap, before

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        heights = [part.wrap(aW, aH)[1] for part in self.parts]
        self.width, self.height = aW, sum(heights) + self.gap * max(len(heights) - 1, 0)
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:
        used = 0.0
        for index, part in enumerate(self.parts):
            height = part.wrap(aW, aH)[1]
            if used + height > aH:
                parts = part.split(aW, aH - used)
                if len(parts) == 2:
                    upper, lower = [*self.parts[:index], parts[0]], [parts[1], *self.parts[index + 1 :]]
                else:
                    upper, lower = self.parts[:index], self.parts[index:]
                return [Stack(upper, self.gap), Stack(lower, self.gap)] if upper else []
            used += height + self.gap
        return [self]

    def draw(self) -> None:
        y = self.height
        for part in self.parts:
            part.drawOn(self.canv, 0, y - part.height)
            y -= part.height + self.gap


class SideBySide(Flowable):
    """Flowables next to each other, tops level; `widths` in points."""

    def __init__(self, parts: Sequence[Flowable], widths: Sequence[float]) -> None:
        super().__init__()
        self.parts, self.widths = parts, widths

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        heights = [part.wrap(wide, aH)[1] for part, wide in zip(self.parts, self.widths, strict=True)]
        self.width, self.height = aW, max(heights)
        return self.width, self.height

    def draw(self) -> None:
        x = 0.0
        for part, wide in zip(self.parts, self.widths, strict=True):
            part.drawOn(self.canv, x, self.height - part.height)
            x += wide


class Box(Stack):
    """Flowables on a tinted ground with a bar at the left."""

    PAD = 8

    def __init__(
        self, parts: Sequence[Flowable], tint: str = PALE, bar: str = NAVY, gap: float = 3, after: float = 8
    ) -> None:
        super().__init__(parts, gap)
        self.tint, self.bar, self.after = tint, bar, after

    def getSpaceAfter(self) -> float:
        return self.after

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:
        _, inner = super().wrap(aW - 2 * self.PAD - 3, aH)
        self.width, self.height = aW, inner + 2 * self.PAD
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: ARG002 - reportlab's names
        return []

    def draw(self) -> None:
        self.canv.setFillColor(color(self.tint))
        self.canv.rect(0, 0, self.width, self.height, stroke=0, fill=1)
        self.canv.setFillColor(color(self.bar))
        self.canv.rect(0, 0, 3, self.height, stroke=0, fill=1)
        y = self.height - self.PAD
        for part in self.parts:
            part.drawOn(self.canv, self.PAD + 3, y - part.height)
            y -= part.height + self.gap


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    title: str
    key: str
    depth: int


class Contents(Flowable):
    """Lines of the contents. Page numbers are not known yet: each is a form, drawn here and filled at the end."""

    def __init__(self, entries: Sequence[Entry], ledger: Ledger) -> None:
        super().__init__()
        self.entries, self.ledger = entries, ledger

    @staticmethod
    def _style(entry: Entry) -> Style:
        return Style(10, 19, bold=True, color=NAVY) if entry.depth == 0 else Style(8.5, 13.6)

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width = aW
        self.height = sum(self._style(entry).leading for entry in self.entries)
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: ARG002 - reportlab's names
        used = 0.0
        for index, entry in enumerate(self.entries):
            used += self._style(entry).leading
            if used > aH:
                if not index:
                    return []
                return [Contents(self.entries[:index], self.ledger), Contents(self.entries[index:], self.ledger)]
        return [self]

    def draw(self) -> None:
        y = self.height
        for entry in self.entries:
            style = self._style(entry)
            indent = 16.0 * entry.depth
            title = shorten(entry.title, style.font, style.size, self.width - indent - 60)
            draw_line(self.canv, indent, y, title, style)
            base = y - style.leading / 2 - 2
            start = indent + width(title, style.font, style.size) + 6
            self.canv.setStrokeColor(color(LINE))
            self.canv.setLineWidth(0.5)
            self.canv.setDash(0.5, 3)
            self.canv.line(start, base, self.width - 26, base)
            self.canv.setDash()
            number = Style(style.size, style.leading, style.bold, style.color, "right")
            self.ledger.stamp(self.canv, entry.key, self.width, y, number)
            link(self.canv, entry.key, (0, y - style.leading, self.width, y))
            y -= style.leading


def link(canvas: Canvas, key: str, rectangle: tuple[float, float, float, float]) -> None:
    """A click on `rectangle` leads to the bookmark `key`."""
    canvas.linkRect("", key, rectangle, relative=1, thickness=0)
