"""Chinese text in the PDF: embedded fonts, line breaking, and what to do where the font has no glyph.

reportlab's own CJK wrapping lets a line begin with a full-width comma and lets punctuation hang over the edge of a
cell; its Paragraph also parses markup, which texts of users must never be. Hence a breaker and a flowable of our own:
plain strings in, lines out.
"""

import mmap
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import SimpleNamespace

from reportlab import rl_config
from reportlab.lib.colors import Color, HexColor
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from emrassess import paths

REGULAR, BOLD = "NotoSansSC", "NotoSansSC-Bold"
SUBSTITUTE = "〓"  # the printers' sign for a missing sort, in place of an empty box
INK = "#1B1F24"

rl_config.useA85 = 0  # binary streams: a quarter smaller, and no encoding in pure Python

_NO_LINE_START = frozenset("!%),.:;?]}°’”…、。》〉」』】〕〗！％），．：；？］｝～·—–%‰℃")
_NO_LINE_END = frozenset("([{‘“《〈「『【〔〖（［｛￥$#")
_TABLE = 1 << 20
_UNIT = re.compile(r"[ \t\u3000]+|[!-~\u00a1-\u024f]+|.", re.DOTALL)


@lru_cache(maxsize=1)
def _faces() -> dict[str, TTFont]:
    """Both fonts, parsed once in the life of the program (0.1 s each) and embedded as subsets."""
    folder = paths.resources_dir() / "fonts"
    found = {}
    for name, file in ((REGULAR, "NotoSansSC-Regular.ttf"), (BOLD, "NotoSansSC-Bold.ttf")):
        found[name] = _parsed(name, folder / file)
        pdfmetrics.registerFont(found[name])
    return found


def _parsed(name: str, path: Path) -> TTFont:
    """A font of which no more is kept in memory than a report needs."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        font = TTFont(name, SimpleNamespace(name=str(path), read=lambda: content), shapable=False)
        parsed = vars(font.face)
        parsed["_ttf_data"] = _OnDisk(path, 0, len(content))
        parsed["glyphToChar"].clear()  # a large table, asked only where a script is shaped
    return font


class _OnDisk:
    """Part of a font file, read when it is asked for: of its 10 MB a report needs a few hundred glyphs. A small part of
    it is bytes; the table of all glyphs is not, it is never copied."""

    def __init__(self, path: Path, start: int, length: int) -> None:
        self._path, self._start, self._length = path, start, length

    def __getitem__(self, at: slice) -> "bytes | _OnDisk":
        first, end, _ = at.indices(self._length)
        if end - first > _TABLE:
            return _OnDisk(self._path, self._start + first, end - first)
        with self._path.open("rb", buffering=0) as file:
            file.seek(self._start + first)
            return file.read(end - first)


def register_fonts() -> None:
    """Makes REGULAR and BOLD known to reportlab."""
    _faces()


@dataclass(frozen=True, slots=True)
class Style:
    """How a text is set; `size` and `leading` in points."""

    size: float = 9
    leading: float = 13.5
    bold: bool = False
    color: str = INK
    align: str = "left"
    before: float = 0
    after: float = 0

    @property
    def font(self) -> str:
        return BOLD if self.bold else REGULAR


class Scribe:
    """Makes texts printable, and remembers which characters the font does not have."""

    def __init__(self) -> None:
        self._has = _faces()[REGULAR].face.charToGlyph
        self.replaced: set[str] = set()

    def printable(self, text: str) -> str:
        """`text` with `SUBSTITUTE` for each character without a glyph, control and joining characters dropped."""
        if text.isascii() and text.isprintable():
            return text
        text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
        return "".join(self._character(c) for c in text)

    def _character(self, character: str) -> str:
        if character in "\n\t":
            return character
        category = unicodedata.category(character)
        if category in ("Cc", "Cf", "Mn", "Me") or 0xFE00 <= ord(character) <= 0xFE0F:
            return "\n" if character in "\v\f\x85" else ""
        if ord(character) in self._has:
            return character
        if category == "Zs":
            return " "
        self.replaced.add(character)
        return SUBSTITUTE


def width(text: str, font: str, size: float) -> float:
    """Points that `text` takes in one line."""
    face = _faces()[font].face
    widths, default = face.charWidths, face.defaultWidth
    return sum(widths.get(ord(c), default) for c in text) * size / 1000


def _clusters(paragraph: str) -> Iterator[str]:
    """Pieces that stay on one line: a word or number, a character with the punctuation that clings to it."""
    held = ""
    for unit in _UNIT.findall(paragraph):
        if held and (held[-1] in _NO_LINE_END or unit[0] in _NO_LINE_START):
            held += unit
        else:
            if held:
                yield held
            held = unit
    if held:
        yield held


def break_lines(text: str, font: str, size: float, available: float) -> list[str]:
    """`text` in lines no wider than `available` points; words stay whole where they fit a line at all."""
    lines: list[str] = []
    for paragraph in text.split("\n"):
        line, used = "", 0.0
        for cluster in _clusters(paragraph.replace("\t", "    ")):
            needed = width(cluster, font, size)
            if used + needed <= available + 0.01:
                line, used = line + cluster, used + needed
                continue
            if cluster.isspace():
                lines.append(line)
                line, used = "", 0.0
                continue
            if needed <= available and (used > 0.5 * available or len(cluster) < 12):
                lines.append(line.rstrip())
                line, used = cluster, needed
                continue
            for character in cluster:  # a word longer than the line, such as a digest or a path
                needed = width(character, font, size)
                if line and used + needed > available + 0.01:
                    lines.append(line)
                    line, used = "", 0.0
                line, used = line + character, used + needed
        lines.append(line.rstrip())
    return lines


def shorten(text: str, font: str, size: float, available: float) -> str:
    """`text` in one line of `available` points, its end replaced by … where it is longer."""
    text = " ".join(text.split())
    if width(text, font, size) <= available:
        return text
    room = available - width("…", font, size)
    used = 0.0
    for position, character in enumerate(text):
        used += width(character, font, size)
        if used > room:
            return text[:position].rstrip() + "…"
    return text


@lru_cache(maxsize=64)
def color(code: str) -> Color:
    """A colour of the palette; looked up thousands of times a report."""
    return HexColor(code)


def draw_line(canvas: Canvas, x: float, top: float, line: str, style: Style, available: float = 0) -> None:
    """One line whose box begins at `top`; `available` is needed where the style centres or right-aligns."""
    if style.align != "left":
        spare = available - width(line, style.font, style.size)
        x += spare / 2 if style.align == "center" else spare
    canvas.setFont(style.font, style.size)
    canvas.setFillColor(color(style.color))
    canvas.drawString(x, _baseline(top, style), line)


def _baseline(top: float, style: Style) -> float:
    """Of a line whose box begins at `top`. A Chinese character of this font stands 0.88 em above it, 0.12 below."""
    return top - (style.leading - style.size) / 2 - 0.88 * style.size


class Text(Flowable):
    """Plain text in one style; with `most` lines at most, the last ending in … where there would be more."""

    def __init__(self, text: str, style: Style, most: int = 0) -> None:
        super().__init__()
        self.text, self.style, self.most = text, style, most
        self._lines: list[str] = []
        self._broken_for = -1.0

    def getSpaceBefore(self) -> float:
        return self.style.before

    def getSpaceAfter(self) -> float:
        return self.style.after

    def lines_for(self, available: float) -> list[str]:
        """The lines at this width."""
        if self._broken_for != available:
            font, size = self.style.font, self.style.size
            lines = break_lines(self.text, font, size, available)
            if self.most and len(lines) > self.most:
                lines = [*lines[: self.most - 1], shorten("".join(lines[self.most - 1 :]), font, size, available)]
            self._lines, self._broken_for = lines, available
        return self._lines

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, len(self.lines_for(aW)) * self.style.leading
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:
        lines = self.lines_for(aW)
        fit = int((aH + 0.01) // self.style.leading)
        if fit >= len(lines):
            return [self]
        fit = min(fit, len(lines) - 2) if len(lines) > 3 else 0  # no single line alone on either page
        if fit < 2:
            return []
        return [Text.of_lines(part, self.style, aW) for part in (lines[:fit], lines[fit:])]

    @classmethod
    def of_lines(cls, lines: list[str], style: Style, available: float) -> "Text":
        """A text that is already broken for this width."""
        text = cls("\n".join(lines), style)
        text._lines, text._broken_for = lines, available
        return text

    def draw(self) -> None:
        self.draw_at(self.canv, 0, self.height)

    def draw_at(self, canvas: Canvas, x: float, top: float) -> None:
        """Draw with the upper left corner at this place: without the state that a flowable saves and restores."""
        lines, style = self.lines_for(self.width), self.style
        if style.align != "left":
            for index, line in enumerate(lines):
                draw_line(canvas, x, top - index * style.leading, line, style, self.width)
            return
        block = canvas.beginText(x, _baseline(top, style))
        block.setFont(style.font, style.size, style.leading)
        block.setFillColor(color(style.color))
        for line in lines:
            block.textLine(line)
        canvas.drawText(block)
