"""Readiness of groups and roles as a table, with the figures that there is room for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from emrassess.domain.readiness import Readiness
from emrassess.domain.schemes.base import Part
from emrassess.reports.content import ReportContent
from emrassess.reports.pdf_parts import Column, Rows
from emrassess.reports.pdf_text import BOLD, REGULAR, Scribe, shorten, width
from emrassess.reports.wording import percent, two_places


@dataclass(frozen=True, slots=True)
class Figure:
    """A column of figures; `width` in points."""

    title: str
    width: float
    text: Callable[[Readiness], str]


def readiness_rows(
    parts: Sequence[Readiness], figures: Sequence[Figure], scribe: Scribe, wide: float, *, title: str = ""
) -> Rows:
    """A row a group or role, in all `wide` points. Without a title for the names they stay on one line."""
    names = wide - sum(figure.width for figure in figures)

    def name(part: Readiness) -> str:
        text = scribe.printable(part.name)
        return text if title else shorten(text, REGULAR, 8, names - 2 * Rows.PAD_X)

    columns = [Column(title, names), *(Column(figure.title, figure.width, "right") for figure in figures)]
    return Rows(columns, [(name(part), *(figure.text(part) for figure in figures)) for part in parts])


def part_figures(parts: Sequence[Readiness], least: float) -> list[Figure]:
    """What passes, a column a kind, each `least` points wide or as its name needs."""

    def figure(index: int, name: str) -> Figure:
        return Figure(
            name,
            max(least, width(name, BOLD, 7.5) + 2 * Rows.PAD_X + 0.5),
            lambda readiness: _part_text(readiness.parts[index]),
        )

    return [figure(index, part.name) for index, part in enumerate(parts[0].parts)] if parts else []


def points_figure(title: str, wide: float) -> Figure:
    """Points now, of those at the target."""
    return Figure(title, wide, lambda r: f"{two_places(r.points)} / {two_places(r.points_at_target)}")


def clause_figures(content: ReportContent) -> list[Figure]:
    """Clauses, quality where the standard asks for it, and the share that is ready."""
    figures = [
        Figure("条款达标", 56, lambda r: f"{r.clauses_met}/{r.clauses}"),
        Figure("材料完整", 48, lambda r: str(r.clauses_ready)),
    ]
    if content.has_quality:
        figures.append(Figure("质量指数合格", 55, lambda r: _part_text(r.quality)))
    return [*figures, Figure("就绪", 30, lambda r: percent(r.share))]


def _part_text(part: Part | None) -> str:
    """`3/5`, or a dash where there is nothing of the kind."""
    return f"{part.passed}/{part.total}" if part and part.total else "—"
