"""A page to draw on: text that is cut or wrapped to its room, boxes, tables, charts. Sizes and places in pixels."""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from emrassess import paths

WIDTH, HEIGHT = 1280, 800
INK, SOFT, LINE, PAPER, GROUND = "#1f2933", "#5b6874", "#cfd8e0", "#ffffff", "#eef2f6"
RED, AMBER, GREEN, BLUE = "#c22f2f", "#b26a00", "#1f7a4d", "#1f5fae"
COLOURS = 64  # palette entries of a picture: enough for smooth letters, small in the file

Colour = str


@lru_cache(maxsize=64)
def _font(size: int, bold: bool) -> ImageFont.FreeTypeFont:
    name = "NotoSansSC-Bold.ttf" if bold else "NotoSansSC-Regular.ttf"
    return ImageFont.truetype(paths.resources_dir() / "fonts" / name, size, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=20_000)
def text_width(text: str, size: int, bold: bool = False) -> float:
    """How wide `text` is in one line."""
    return _font(size, bold).getlength(text)


def cut(text: str, size: int, room: float, bold: bool = False) -> str:
    """`text`, shortened with … where it does not fit into `room`."""
    if text_width(text, size, bold) <= room:
        return text
    while text and text_width(text + "…", size, bold) > room:
        text = text[:-1]
    return text + "…"


def wrap(text: str, size: int, room: float, bold: bool = False) -> list[str]:
    """`text` in lines of at most `room`; Chinese breaks anywhere, but no line begins with a closing mark."""
    lines: list[str] = []
    for part in text.split("\n"):
        line = ""
        for letter in part:
            if line and text_width(line + letter, size, bold) > room and letter not in "，。；：、）”％%":
                lines.append(line)
                line = ""
            line += letter
        lines.append(line)
    return lines


class Canvas:
    """One picture in the making."""

    def __init__(self, width: int = WIDTH, height: int = HEIGHT, ground: Colour = GROUND) -> None:
        self.width, self.height = width, height
        self.image = Image.new("RGB", (width, height), ground)
        self.draw = ImageDraw.Draw(self.image)

    def text(
        self,
        x: float,
        y: float,
        text: str,
        size: int = 14,
        colour: Colour = INK,
        *,
        bold: bool = False,
        room: float | None = None,
        anchor: str = "la",
    ) -> None:
        """One line with its upper left (or `anchor`) at x, y; cut to `room`."""
        if room is not None:
            text = cut(text, size, room, bold)
        self.draw.text((x, y), text, fill=colour, font=_font(size, bold), anchor=anchor)

    def paragraph(
        self, x: float, y: float, room: float, text: str, size: int = 14, colour: Colour = INK, *, bold: bool = False
    ) -> float:
        """Wrapped text; the y below it."""
        for line in wrap(text, size, room, bold):
            self.text(x, y, line, size, colour, bold=bold)
            y += size * 1.55
        return y

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: Colour | None = PAPER,
        outline: Colour | None = None,
        *,
        radius: int = 0,
        stroke: int = 1,
    ) -> None:
        """A filled or outlined rectangle."""
        corners = (x, y, x + width, y + height)
        if radius:
            self.draw.rounded_rectangle(corners, radius, fill, outline, stroke)
        else:
            self.draw.rectangle(corners, fill, outline, stroke)

    def line(self, points: Iterable[tuple[float, float]], colour: Colour = LINE, stroke: int = 1) -> None:
        self.draw.line(list(points), fill=colour, width=stroke, joint="curve" if stroke > 1 else None)

    def badge(self, x: float, y: float, text: str, colour: Colour, *, solid: bool = True, size: int = 13) -> float:
        """A small label; the x to its right."""
        width = text_width(text, size) + 16
        self.box(x, y, width, size + 9, colour if solid else PAPER, colour, radius=4)
        self.text(x + 8, y + (size + 9) / 2, text, size, PAPER if solid else colour, anchor="lm")
        return x + width + 8

    def button(self, x: float, y: float, text: str, colour: Colour = BLUE, *, primary: bool = False) -> float:
        """A push button, 30 high; the x to its right."""
        width = text_width(text, 14) + 28
        self.box(x, y, width, 30, colour if primary else PAPER, colour, radius=3)
        self.text(x + width / 2, y + 15, text, 14, PAPER if primary else colour, anchor="mm")
        return x + width + 10

    def table(
        self,
        x: float,
        y: float,
        width: float,
        columns: Sequence[str],
        rows: Sequence[Sequence[str]],
        *,
        head: Colour = "#dce6ef",
        row_height: int = 31,
        room: float | None = None,
        coloured: Mapping[str, Colour] | None = None,
        boxed: Sequence[int] = (),
    ) -> float:
        """A table as wide as `width`, its columns shared out by their contents; the y below it.

        Rows that do not fit into `room` (height) are left away. `coloured`: cell texts that stand out, by colour.
        `boxed`: rows with a red frame, as staff mark what is to be seen.
        """
        if room is not None:
            rows = rows[: max(int(room // row_height) - 1, 1)]
        shares = _shares(columns, rows, width)
        self.box(x, y, width, row_height, head)
        self._row(x, y, columns, shares, row_height, bold=True)
        for number, row in enumerate(rows):
            top = y + row_height * (number + 1)
            self.box(x, top, width, row_height, PAPER if number % 2 == 0 else "#f6f9fb")
            self._row(x, top, row, shares, row_height, coloured=coloured or {})
        bottom = y + row_height * (len(rows) + 1)
        for number in range(len(rows) + 2):
            self.line([(x, y + row_height * number), (x + width, y + row_height * number)])
        edge = x
        for share in (0, *shares):
            edge += share
            self.line([(edge, y), (edge, bottom)])
        for number in boxed:
            if number < len(rows):
                self.box(x - 3, y + row_height * (number + 1) - 1, width + 6, row_height + 2, None, RED, stroke=3)
        return bottom

    def _row(
        self,
        x: float,
        y: float,
        cells: Sequence[str],
        shares: Sequence[float],
        height: int,
        *,
        bold: bool = False,
        coloured: Mapping[str, Colour] | None = None,
    ) -> None:
        for cell, share in zip(cells, shares, strict=True):
            colour = (coloured or {}).get(cell)
            self.text(
                x + 8, y + height / 2, cell, 14, colour or INK, bold=bold or colour is not None, room=share - 12,
                anchor="lm",
            )  # fmt: skip
            x += share

    def stamp(self, x: float, y: float) -> None:
        """The mark that all this is invented, 100 x 26."""
        self.box(x, y, 100, 26, PAPER, RED, radius=5, stroke=2)
        self.text(x + 50, y + 13, "示　例", 18, RED, bold=True, anchor="mm")

    def darken(self, share: float = 0.45) -> None:
        """Dim what is drawn so far, as behind a dialog."""
        self.image = Image.blend(self.image, Image.new("RGB", self.image.size, "#0b1620"), share)
        self.draw = ImageDraw.Draw(self.image)

    def png(self) -> bytes:
        """The picture as a palette PNG."""
        small = self.image.quantize(COLOURS, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        out = io.BytesIO()
        small.save(out, "PNG", compress_level=6)
        return out.getvalue()


def _shares(columns: Sequence[str], rows: Sequence[Sequence[str]], width: float) -> list[float]:
    """Widths of columns by their widest text, never less than half of what the head needs; they fill `width`."""
    wants = [
        max([text_width(column, 14, True), *(text_width(row[number], 14) for row in rows)]) + 18
        for number, column in enumerate(columns)
    ]
    spare = width - sum(wants)
    if spare >= 0:
        return [want + spare * want / sum(wants) for want in wants]
    # Too wide: the widest columns give, down to what the others need.
    limit = max(wants)
    while sum(min(want, limit) for want in wants) > width:
        limit -= 4
    cut_down = [min(want, limit) for want in wants]
    return [want + (width - sum(cut_down)) / len(wants) for want in cut_down]
