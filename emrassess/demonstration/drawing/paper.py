"""Documents as they come from a scanner: one page as PDF, with a round seal that says 示例."""

import io
import math
import time
from collections.abc import Sequence

from PIL import Image

from emrassess.demonstration.drawing.canvas import INK, RED, SOFT, Canvas

WIDTH, HEIGHT = 992, 1403  # A4 at 120 dots an inch
_MADE = time.gmtime(1_793_664_000)  # a fixed day: the same bytes each time


def paper(hospital: str, title: str, number: str, lines: Sequence[str], day: str) -> bytes:
    """The PDF of one page; `day` is when it was issued."""
    c = Canvas(WIDTH, HEIGHT, "#fdfdfb")
    c.text(WIDTH / 2, 150, hospital, 34, "#b3261e", bold=True, anchor="mm")
    c.text(WIDTH / 2, 206, number, 20, SOFT, anchor="mm")
    c.line([(96, 240), (WIDTH - 96, 240)], "#b3261e", 3)
    c.text(WIDTH / 2, 308, title, 30, INK, bold=True, anchor="mm", room=WIDTH - 180)
    y = 380.0
    for line in lines:
        y = c.paragraph(116, y, WIDTH - 232, line, 22) + 18
    c.text(WIDTH - 116, HEIGHT - 330, hospital, 22, anchor="ra")
    c.text(WIDTH - 116, HEIGHT - 290, day, 22, anchor="ra")
    _seal(c, WIDTH - 270, HEIGHT - 300)
    c.text(WIDTH / 2, HEIGHT - 110, "本件为示例材料，内容均为虚构，不得用于任何申报", 18, SOFT, anchor="mm")
    out = io.BytesIO()
    c.image.save(out, "PDF", resolution=120, quality=55, title=title, creationDate=_MADE, modDate=_MADE)
    return out.getvalue()


def _seal(c: Canvas, x: float, y: float) -> None:
    """A round seal around x, y: a ring, a star, the word 示例 and, along the ring, that it is invented."""
    seal = Canvas(260, 260, "#ffffff")
    seal.draw.ellipse((6, 6, 254, 254), outline=RED, width=6)
    star = [(130 + r * math.sin(math.pi * k / 5), 112 - r * math.cos(math.pi * k / 5)) for k, r in
            ((k, 38 if k % 2 == 0 else 15) for k in range(10))]  # fmt: skip
    seal.draw.polygon(star, fill=RED)
    seal.text(130, 190, "示例专用章", 26, RED, bold=True, anchor="mm")
    seal.text(130, 50, "虚构　非真实", 20, RED, anchor="mm")
    mask = seal.image.convert("L").point([150 if shade < 200 else 0 for shade in range(256)])
    ink = Image.new("RGB", seal.image.size, RED)
    c.image.paste(ink, (int(x - 130), int(y - 130)), mask)
