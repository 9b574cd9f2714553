"""The way of the experts through the hospital: places, and the clauses to see at each."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from emrassess.domain.pack import Pack
from emrassess.domain.review import NO_OPINION, ExpertVerdict, Opinion


@dataclass(frozen=True, slots=True)
class Stop:
    """A place on the way. `clauses`: to be seen there, in the pack's order."""

    code: str
    name: str
    clauses: tuple[str, ...]


def route(pack: Pack, clauses: Collection[str]) -> tuple[Stop, ...]:
    """The stops at which `clauses` are to be seen, each clause at one of them, in the order of the way.

    What has no place in the pack is seen where its role works: a stop a role, after the places.
    """
    wanted = frozenset(clauses)
    home: dict[str, str] = {}
    for place in pack.places:
        for item in place.items:
            home.setdefault(item, place.code)
    seen: dict[str, list[str]] = {code: [] for code in place_names(pack)}
    for item in pack.items:
        found = (clause.id for row in item.rows for clause in row.clauses if clause.id in wanted)
        seen[home.get(item.code, _at_role(item.role))] += found
    return tuple(Stop(code, name, tuple(seen[code])) for code, name in place_names(pack).items() if seen[code])


def _at_role(role: str) -> str:
    return f"role_{role}"


def place_names(pack: Pack) -> Mapping[str, str]:
    """Names of all stops that there can be, by code."""
    return {place.code: place.name for place in pack.places} | {_at_role(role.code): role.name for role in pack.roles}


def next_open(stops: Collection[Stop], opinions: Mapping[str, Opinion], after: str | None = None) -> str | None:
    """The next clause on the way that nobody has a verdict on; from the beginning again after the end, None where all
    have one. `after`: the clause in hand, None to start.
    """
    way = [clause for stop in stops for clause in stop.clauses]
    start = way.index(after) + 1 if after in way else 0
    ahead = way[start:] + way[:start]
    return next((c for c in ahead if opinions.get(c, NO_OPINION).verdict is ExpertVerdict.OPEN), None)
