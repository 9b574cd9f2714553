"""What a level demands, in words and figures, whatever the scheme."""

from emrassess.domain.scoring import Demand
from emrassess.reports.wording import plain, two_places


def counted(demand: Demand) -> str:
    """Of a count: how many pass of those known to count, `22/25`."""
    return f"{plain(demand.actual)}/{len(demand.members)}"


def demand_measure(demand: Demand, *, has_categories: bool) -> str:
    """What the figures of `demand_text` are, to stand behind the demand's name."""
    if demand.in_points:
        return "/最低" if demand.needed is not None else "/满分" if demand.whole is not None else ""
    known = "已知" if has_categories else "总数"
    return f"通过/{known}（要求）" if demand.needed is not None else f"通过/{known}"


def demand_text(demand: Demand) -> str:
    """Its figures in one cell: points with the minimum, else with the most there are; counts with what is needed."""
    if not demand.in_points:
        return counted(demand) + (f"（{plain(demand.needed)}）" if demand.needed is not None else "")
    points = two_places(demand.actual)
    if demand.needed is not None:
        return f"{points} / {plain(demand.needed)}"
    return f"{points} / {two_places(demand.whole)}" if demand.whole is not None else points


def demand_phrase(demand: Demand, level: int) -> str:
    """Name and figures of what `level` demands, within a sentence."""
    if demand.in_points:
        return f"{_points_name(demand, level)} {demand_text(demand)}"
    more = f"（要求 {plain(demand.needed)}）" if demand.needed not in (None, len(demand.members)) else ""
    return f"{demand.name}通过 {counted(demand)}{more}"


def demand_tile(demand: Demand, level: int) -> tuple[str, str]:
    """Its name and its figure, where the figure stands large and alone."""
    if demand.in_points:
        return _points_name(demand, level), two_places(demand.actual)
    return f"{demand.name}通过", counted(demand)


def _points_name(demand: Demand, level: int) -> str:
    """Points that no minimum tells to be the total are those up to the level."""
    return demand.name if demand.needed is not None else f"到 {level} 级{demand.name}"


def demand_remark(demand: Demand) -> str:
    """What is needed, without saying of what; "" where nothing is to be said."""
    if demand.needed is not None:
        return f"最低 {plain(demand.needed)}" if demand.in_points else f"要求 {plain(demand.needed)} {demand.unit}"
    return f"满分 {two_places(demand.whole)}" if demand.whole is not None and demand.in_points else ""


def all_needed(demand: Demand) -> bool:
    """Whether every one that counts has to pass."""
    return demand.needed is not None and demand.needed == demand.whole
