"""How far each item is at each level: the figures behind the heat map."""

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING

from emrassess.domain.answers import Verdict
from emrassess.domain.pack import Item

if TYPE_CHECKING:
    from emrassess.services.session import Session


class Standing(IntEnum):
    """From nothing to passing as a basic item; the number picks the colour."""

    NOTHING = 0
    SOME = 1
    FUNCTION = 2
    OPTIONAL = 3
    BASIC = 4


STANDING_NAMES = {
    Standing.NOTHING: "条款都未达标", Standing.SOME: "部分条款达标", Standing.FUNCTION: "功能达到，比例或质量不足",
    Standing.OPTIONAL: "够按选择项通过", Standing.BASIC: "够按基本项通过",
}  # fmt: skip


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
    scored = session.score.items[item.code]
    answers = session.answers
    row = item.by_level[level]
    met = sum(answers.verdict(clause.id) is Verdict.MET for clause in row.clauses)
    if level in scored.basic_at:
        standing = Standing.BASIC
    elif level in scored.optional_at:
        standing = Standing.OPTIONAL
    elif level <= scored.function_level:
        standing = Standing.FUNCTION
    else:
        standing = Standing.SOME if met else Standing.NOTHING
    tip = (
        f"{item.code} {item.name}　{level} 级\n{row.summary}\n{STANDING_NAMES[standing]}；"
        f"达标 {met}/{len(row.clauses)} 条，比例 {scored.coverage[level]}，质量指数 {scored.quality[level]}"
    )
    return Cell(item.code, level, standing, met, len(row.clauses), tip)
