"""What a level demands, as the overview shows it: a figure, a note, a bar."""

from dataclasses import dataclass

from emrassess.domain.scoring import Demand, LevelResult
from emrassess.gui.widgets.basics import points


@dataclass(frozen=True)
class Tile:
    """`shares`: filled and pale part of the bar, None for none; `met`: the demand is."""

    value: str
    note: str
    shares: tuple[float, float] | None
    met: bool


def tile_of(demand: Demand, result: LevelResult, *, has_categories: bool) -> Tile:
    """The tile of a demand of `result`."""
    return _points(demand) if demand.in_points else _count(demand, len(result.unverified_items), has_categories)


def _points(demand: Demand) -> Tile:
    needed = demand.needed
    value = points(demand.actual, needed)
    if needed is not None:
        return Tile(value, f"最低要求 {needed}", (float(demand.actual) / max(float(needed), 1.0), 0.0), demand.met)
    if demand.whole is None:
        return Tile(value, "没有最低要求", None, False)
    share = float(demand.actual / demand.whole) if demand.whole else 1.0
    return Tile(value, f"满分 {points(demand.whole)}", (share, 0.0), demand.actual >= demand.whole)


def _count(demand: Demand, unverified: int, has_categories: bool) -> Tile:
    """Where categories may be open, how many are known at all; else how many still fail."""
    needed = int(demand.whole or 0) if demand.needed is None else int(demand.needed)
    actual, known = int(demand.actual), len(demand.members)
    share = actual / max(needed, 1)
    if has_categories:
        still_open = f"；待核对 {unverified}" if unverified else ""
        note, also = f"已知 {known} 个{still_open}", known / max(needed, 1)
    else:
        note, also = f"还有 {known - actual} 个未通过" if actual < known else "全部通过", 0.0
    return Tile(f"{actual}/{needed}", note, (share, also), demand.met)
