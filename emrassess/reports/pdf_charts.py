"""Pictures of the report: bars of the groups, radar of the roles, heat map of items by level.

Drawn straight on the canvas: crisp at any size, text selectable, and no second font system as charts would bring.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus.flowables import Flowable

from emrassess.domain.pack import Category
from emrassess.domain.readiness import Readiness
from emrassess.domain.scoring import Standing
from emrassess.reports.content import ItemSheet, Rung
from emrassess.reports.pdf_parts import ALERT, BLUE, FAINT, GREY, LINE, NAVY, PALE, SKY, link
from emrassess.reports.pdf_text import INK, Style, color, draw_line, shorten, width
from emrassess.reports.wording import ABSENT_SIGN, STANDING_SIGNS, percent

FILLS = {
    Standing.BASIC: (NAVY, "#FFFFFF"),
    Standing.OPTIONAL: (BLUE, "#FFFFFF"),
    Standing.FUNCTION: (SKY, INK),
    Standing.SOME: (PALE, INK),
    Standing.NOTHING: ("#FFFFFF", GREY),
}
_ABSENT_FILL = (FAINT, GREY)


def fill_of(standing: Standing | None) -> tuple[str, str]:
    """Ground and ink of a standing; None where an item has no row at the level."""
    return _ABSENT_FILL if standing is None else FILLS[standing]


def sign_of(standing: Standing | None) -> str:
    """The sign of a standing; "" where figures stand in its place."""
    return ABSENT_SIGN if standing is None else STANDING_SIGNS[standing]


@dataclass(frozen=True, slots=True)
class Bar:
    """A labelled bar: `parts` are shares 0..1 of its length, dark to light; what is left stays white."""

    label: str
    parts: tuple[Decimal, ...]
    figures: str


class Bars(Flowable):
    """Bars one above the other, figures above each bar so that nothing has to fit into it."""

    ROW, HIGH = 32, 10

    def __init__(self, bars: Sequence[Bar]) -> None:
        super().__init__()
        self.bars = bars

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, self.ROW * len(self.bars)
        return self.width, self.height

    def draw(self) -> None:
        canvas, y = self.canv, float(self.height)
        for bar in self.bars:
            draw_line(canvas, 0, y, bar.label, Style(9, 14, bold=True))
            start = width(bar.label, Style(bold=True).font, 9) + 8
            figures = shorten(bar.figures, Style().font, 8, self.width - start)
            draw_line(canvas, start, y, figures, Style(8, 14, color=GREY, align="right"), self.width - start)
            x, bottom = 0.0, y - 16 - self.HIGH
            for part, fill in zip(bar.parts, (NAVY, SKY), strict=False):
                length = float(part) * self.width
                canvas.setFillColor(color(fill))
                canvas.rect(x, bottom, length, self.HIGH, stroke=0, fill=1)
                x += length
            canvas.setStrokeColor(color(GREY))
            canvas.setLineWidth(0.6)
            canvas.rect(0, bottom, self.width, self.HIGH, stroke=1, fill=0)
            y -= self.ROW


class Radar(Flowable):
    """Points won of the points at the target, one axis a role (three at least); the rim is all of them."""

    def __init__(self, roles: Sequence[Readiness], high: float) -> None:
        super().__init__()
        self.roles, self.high = roles, high

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        self.width, self.height = aW, self.high
        return self.width, self.height

    def draw(self) -> None:
        canvas = self.canv
        count = max(len(self.roles), 1)
        radius = min(self.width / 2 - 54, self.high / 2 - 26)
        center = (self.width / 2, self.high / 2)

        def spot(index: int, share: float) -> tuple[float, float]:
            angle = math.pi / 2 - 2 * math.pi * index / count
            return center[0] + radius * share * math.cos(angle), center[1] + radius * share * math.sin(angle)

        for ring in (0.25, 0.5, 0.75, 1.0):
            canvas.setStrokeColor(color(INK if ring == 1 else LINE))
            canvas.setLineWidth(1.1 if ring == 1 else 0.4)
            self._polygon(canvas, [spot(i, ring) for i in range(count)], fill=False)
        for index in range(count):
            canvas.setStrokeColor(color(LINE))
            canvas.setLineWidth(0.4)
            canvas.line(*center, *spot(index, 1))
        shares = [points_share(role) for role in self.roles]
        corners = [spot(index, float(share)) for index, share in enumerate(shares)]
        canvas.setFillColor(color(SKY))
        canvas.setFillAlpha(0.55)
        canvas.setStrokeColor(color(NAVY))
        canvas.setLineWidth(1.6)
        self._polygon(canvas, corners, fill=True)
        canvas.setFillAlpha(1)
        canvas.setFillColor(color(NAVY))
        for corner in corners:
            canvas.circle(*corner, 2.2, stroke=0, fill=1)
        for index, (role, share) in enumerate(zip(self.roles, shares, strict=True)):
            self._label(canvas, spot(index, 1), role.name, percent(share), center[0])

    @staticmethod
    def _polygon(canvas: Canvas, corners: Sequence[tuple[float, float]], *, fill: bool) -> None:
        path = canvas.beginPath()
        path.moveTo(*corners[0])
        for corner in corners[1:]:
            path.lineTo(*corner)
        path.close()
        canvas.drawPath(path, stroke=1, fill=int(fill))

    def _label(self, canvas: Canvas, at: tuple[float, float], name: str, figure: str, middle: float) -> None:
        x, y = at
        up = 23 if y > self.high / 2 + 1 else 3 if y < self.high / 2 - 1 else 12
        if abs(x - middle) < 1:
            left, align = x - 40, "center"
            up += 2 if y > self.high / 2 else -6
        elif x > middle:
            left, align = x + 5, "left"
        else:
            left, align = x - 85, "right"
        draw_line(canvas, left, y + up, name, Style(8, 11, align=align), 80)
        draw_line(canvas, left, y + up - 10.5, figure, Style(8, 11, bold=True, color=NAVY, align=align), 80)


def points_share(role: Readiness) -> Decimal:
    """Points now of the points with every item passing at the target, 0..1."""
    return min(role.points / role.points_at_target, Decimal(1)) if role.points_at_target else Decimal(1)


class HeatMap(Flowable):
    """Items by level. Each cell: a sign, or met of all clauses; the target's column is framed.

    Few levels leave wider cells and names; more items than a page holds go on, with the head, on the next.
    """

    ROW, HEAD, MOST_CELL, POINTS = 15.4, 22, 56, 31
    ROLE, LEAST_NAME = 78, 118

    def __init__(self, items: Sequence[ItemSheet], levels: Sequence[int], target: int) -> None:
        super().__init__()
        self.items, self.levels, self.target = items, levels, target

    def wrap(self, aW: float, aH: float) -> tuple[float, float]:  # noqa: ARG002 - reportlab's names
        room = int(aW) - self.ROLE - self.POINTS
        self.cell = min((room - self.LEAST_NAME) // max(len(self.levels), 1), self.MOST_CELL)
        self.left = self.ROLE + room - self.cell * len(self.levels)
        self.width = self.left + self.cell * len(self.levels) + self.POINTS
        self.height = self.HEAD + self.ROW * len(self.items)
        return self.width, self.height

    def split(self, aW: float, aH: float) -> list[Flowable]:  # noqa: ARG002 - reportlab's names
        fit = int((aH - self.HEAD) // self.ROW)
        if fit < 1:
            return []
        parts = (self.items[:fit], self.items[fit:])
        return [HeatMap(part, self.levels, self.target) for part in parts if part]

    def draw(self) -> None:
        canvas, y = self.canv, float(self.height)
        for index, level in enumerate(self.levels):
            bold = level == self.target
            style = Style(8, self.HEAD, bold=bold, color=NAVY if bold else GREY, align="center")
            draw_line(canvas, self.left + index * self.cell, y, f"{level} 级", style, self.cell)
        right = self.left + self.cell * len(self.levels)
        draw_line(canvas, right, y, "得分", Style(8, self.HEAD, color=GREY, align="right"), self.POINTS)
        y -= self.HEAD
        roles: list[tuple[str, float, float]] = []
        for role, members in groupby(self.items, key=lambda item: (item.role, item.role_name)):
            top = y
            for item in members:
                self._row(canvas, item, y)
                y -= self.ROW
            roles.append((f"{role[0]} {role[1]}", top, y))
        for name, top, bottom in roles:
            self._role(canvas, name, top, bottom)
        canvas.setStrokeColor(color(ALERT))
        canvas.setLineWidth(1.4)
        if self.target in self.levels:
            x = self.left + self.levels.index(self.target) * self.cell
            canvas.rect(x, 0, self.cell, self.height - 3, stroke=1, fill=0)

    def _role(self, canvas: Canvas, name: str, top: float, bottom: float) -> None:
        style = Style(8, self.ROW, bold=True, color=NAVY)
        draw_line(canvas, 0, top, shorten(name, style.font, style.size, self.ROLE - 4), style)
        canvas.setStrokeColor(color(GREY))
        canvas.setLineWidth(0.7)
        canvas.line(0, bottom, self.width, bottom)

    def _row(self, canvas: Canvas, item: ItemSheet, y: float) -> None:
        style = Style(8, self.ROW)
        name = shorten(f"{item.code} {item.name}", style.font, style.size, self.left - self.ROLE - 4)
        draw_line(canvas, self.ROLE, y, name, style)
        link(canvas, f"item-{item.code}", (self.ROLE, y - self.ROW, self.left, y))
        for index, level in enumerate(self.levels):
            self._cell(canvas, item.by_level.get(level), self.left + index * self.cell, y)
        x = self.left + self.cell * len(self.levels)
        draw_line(canvas, x, y, f"{item.score:.2f}", Style(8, self.ROW, align="right"), self.POINTS)

    def _cell(self, canvas: Canvas, rung: Rung | None, x: float, y: float) -> None:
        standing = rung.standing if rung else None
        fill, ink = fill_of(standing)
        canvas.setFillColor(color(fill))
        canvas.setStrokeColor(color(LINE))
        canvas.setLineWidth(0.4)
        canvas.rect(x, y - self.ROW, self.cell, self.ROW, stroke=1, fill=1)
        text = sign_of(standing)
        if rung and not text:
            text = f"{rung.met}/{len(rung.clauses)}"
        if rung and rung.category is Category.BASIC:
            canvas.setFillColor(color(ink))
            canvas.rect(x + 2.5, y - self.ROW + 2.2, self.cell - 5, 0.9, stroke=0, fill=1)
        sign = Style(7.5, self.ROW, bold=standing is not Standing.NOTHING, color=ink, align="center")
        draw_line(canvas, x, y, text, sign, self.cell)
