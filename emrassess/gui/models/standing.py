"""How far each item is at each level: the figures behind the heat map."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Item
from emrassess.domain.reasons import plain
from emrassess.domain.scoring import ItemScore, Standing

if TYPE_CHECKING:
    from emrassess.services.session import Session


@dataclass(frozen=True)
class Cell:
    """An item at a level: `met` of `clauses` of the level row itself."""

    item: str
    level: int
    standing: Standing
    met: int
    clauses: int
    tip: str


def cells(session: "Session") -> dict[tuple[str, int], Cell]:
    """The cells that exist, by item and level."""
    return {(item.code, row.level): cell(session, item, row.level) for item in session.pack.items for row in item.rows}


def cell(session: "Session", item: Item, level: int) -> Cell:
    """How far `item` is at `level`, which must be one of its rows."""
    answers, scheme = session.answers, session.pack.scheme
    scored = session.score.items[item.code]
    row = item.by_level[level]
    met = sum(answers.verdict(clause.id) is Verdict.MET for clause in row.clauses)
    standing = scored.standing(row, answers)
    figures = [f"达标 {met}/{len(row.clauses)} 条", *_figures(item, scored, level, scheme.has_coverage)]
    tip = f"{item.code} {item.name}　{level} 级\n{row.summary}\n{scheme.standings[standing]}；{'，'.join(figures)}"
    return Cell(item.code, level, standing, met, len(row.clauses), tip)


def _figures(item: Item, scored: ItemScore, level: int, has_coverage: bool) -> list[str]:
    """What makes the points of a level: coverage and quality, or the points themselves."""
    quality = f"质量指数 {scored.quality[level]}"
    if has_coverage:
        return [f"比例 {scored.coverage[level]}", quality]
    points = f"得分 {plain(scored.points[level])}/{plain(scored.whole[level])}"
    return [points, quality] if item.quality_rows[level] is not None else [points]
