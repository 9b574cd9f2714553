"""How much room a text takes on a slide: measured with the bundled font, before anybody opens the file.

PowerPoint, WPS and LibreOffice break lines each in their own way, and may have another font. So lines are set at an
exact distance, counted at less than the width there is, and as wide as in bold.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emrassess.reports.pdf_text import BOLD, break_lines, width

LEAST = 12
"""Points below which no text is set; a longer one goes on elsewhere."""
SIZES = (20, 18, 16, 15, 14, 13, LEAST)
GAP = 7.0
"""Points between paragraphs."""
_SAFE = 0.95  # of the width: the room that another font or another way to break lines may take
_DROPPED = re.compile(r"[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufeff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n|[\r\v\f\x85\u2028\u2029]")


def plain_text(text: str) -> str:
    """`text` without the characters that XML refuses, with line feeds alone for breaks and blanks for tabs."""
    return _DROPPED.sub("", _BREAKS.sub("\n", text)).replace("\t", "    ").strip()


def one_line(text: str) -> str:
    """`text` as `plain_text`, on one line."""
    return " ".join(plain_text(text).split())


def leading(size: float) -> float:
    """Points from line to line."""
    return round(size * 1.4, 1)


def lines_of(text: str, size: float, wide: float) -> list[str]:
    """The lines that `text` may need in `wide` points."""
    return break_lines(text, BOLD, size, wide * _SAFE)


def split_lines(text: str, size: float, wide: float, most: int) -> tuple[str, str]:
    """`text` in two: what stands in the first `most` lines, and the rest, "" where all of it does."""
    lines = lines_of(text, size, wide)
    if len(lines) <= most:
        return text, ""
    position = 0
    for line in lines[:most]:
        for character in line:
            position = text.index(character, position) + 1
    return text[:position].rstrip(), text[position:].lstrip(" \n\u3000")


def cut(text: str, size: float, wide: float, most: int = 1) -> str:
    """`text` on `most` lines, ending in … where there would be more. For what is said in full elsewhere."""
    text = one_line(text)
    head, rest = split_lines(text, size, wide, most)
    while rest and head:
        head = head[:-1].rstrip()
        if len(lines_of(head + "…", size, wide)) <= most:
            return head + "…"
    return head


@dataclass(frozen=True, slots=True)
class Para:
    """A paragraph of a slide: `label` in bold and in `color` before the text; `bold`: all of it.

    `scale`: how much larger than the others it is, where there is room.
    """

    text: str
    label: str = ""
    color: str = ""
    bold: bool = False
    scale: float = 1.0

    @property
    def whole(self) -> str:
        return self.label + self.text


@dataclass(frozen=True, slots=True)
class Fitted:
    """Paragraphs that fit a box at `size` points and are `high` points together; `rest` did not fit."""

    size: float
    paras: tuple[Para, ...]
    high: float
    rest: tuple[Para, ...] = ()


def fit(paras: Sequence[Para], wide: float, high: float, sizes: Sequence[float] = SIZES) -> Fitted:
    """`paras` in a box, as large as they fit of `sizes`; at the smallest as many lines of them as there is room for."""
    for size in sizes:
        taken = _height(paras, size, wide)
        if taken <= high:
            return Fitted(size, tuple(paras), taken)
    return _filled([replace(para, scale=1.0) for para in paras], wide, high, sizes[-1])


def _height(paras: Sequence[Para], size: float, wide: float) -> float:
    lines = sum(len(lines_of(para.whole, size * para.scale, wide)) * leading(size * para.scale) for para in paras)
    return lines + GAP * max(len(paras) - 1, 0)


def _filled(paras: list[Para], wide: float, high: float, size: float) -> Fitted:
    """As much as fits; a paragraph that goes on elsewhere says so in its label."""
    kept: list[Para] = []
    used = 0.0
    for index, para in enumerate(paras):
        room = high - used - (GAP if kept else 0)
        lines = len(lines_of(para.whole, size, wide))
        if lines * leading(size) <= room:
            used += lines * leading(size) + (GAP if kept else 0)
            kept.append(para)
            continue
        most = int(room // leading(size))
        if most >= 2 or not kept:
            head, rest = split_lines(para.whole, size, wide, max(most, 1))
            shown = head[len(para.label) :]
            kept.append(replace(para, text=shown))
            used += max(most, 1) * leading(size) + (GAP if len(kept) > 1 else 0)
            return Fitted(size, tuple(kept), used, (_continued(para, rest), *paras[index + 1 :]))
        return Fitted(size, tuple(kept), used, tuple(paras[index:]))
    return Fitted(size, tuple(kept), used)


def _continued(para: Para, rest: str) -> Para:
    name = para.label.rstrip("： ").removesuffix("（续）")
    return replace(para, text=rest, label=f"{name}（续）：" if name else "")


def text_width(text: str, size: float) -> float:
    """Points that `text` may take in one line."""
    return width(text, BOLD, size) / _SAFE
