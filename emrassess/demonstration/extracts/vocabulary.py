"""What the rules of a pack ask of a demonstration extract: which fields take the same values, which time comes after
which."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from graphlib import TopologicalSorter
from itertools import pairwise

from emrassess.domain.pack import LogicalTable, Pack, QualityRule, Side

STEP = 10
"""Minutes between a time and the next one that has to come after it."""
DAY = 24 * 60
_CODED, _WORDED = 50, 10
_PATIENT = ("patient_id", "inpatient_id", "outpatient_id")

Place = tuple[str, bool, str]
"""A table's id, whether it is a dictionary, and a field's id."""


class Grain(Enum):
    """What a value tells apart: single records, patients (of several records each), or the entries of a list."""

    RECORD = "record"
    PATIENT = "patient"
    ENTRY = "entry"


@dataclass(frozen=True, slots=True)
class Family:
    """Fields that take the same values, since rules compare them. `entries`: how many, where the grain is ENTRY."""

    number: int
    label: str
    grain: Grain
    entries: int
    coded: bool


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a logical table as the rules use it. `label`: its Chinese name. `least`: characters asked for.

    Of a time, `rank` counts what has to come before it, and `shifts` are the minutes by which it can be put out of
    order (or to the very border of it).
    """

    id: str
    label: str
    family: Family
    least: int
    is_time: bool
    rank: int
    shifts: tuple[int, ...]


@dataclass(frozen=True)
class Vocabulary:
    """The tables and dictionaries that rules need, each with the fields that they need, in the pack's order."""

    tables: Mapping[str, tuple[Field, ...]]
    dictionaries: Mapping[str, tuple[Field, ...]]


def vocabulary(pack: Pack, rules: Sequence[QualityRule]) -> Vocabulary:
    """What `rules`, none of them prose, need of the pack's tables."""
    used = {place: None for rule in rules for side in sides(rule) for place in _places(side)}
    families = _families(rules, used, pack)
    ranks, shifts = _order(rules)
    least = {
        (rule.left.table, False, name): rule.min_length
        for rule in rules
        if rule.left and rule.min_length
        for name in rule.left.fields
    }

    def field(place: Place, label: str, is_time: bool) -> Field:
        ways = tuple(sorted(shifts.get(place, ())))
        return Field(place[2], label, families[place], least.get(place, 0), is_time, ranks.get(place, 0), ways)

    def fields(table: LogicalTable, dictionary: bool) -> tuple[Field, ...]:
        places = [(table.id, dictionary, name) for name in table.fields]
        return tuple(field(place, table.fields[place[2]], place[2] in table.times) for place in places if place in used)

    def listed(tables: Mapping[str, LogicalTable], dictionary: bool) -> dict[str, tuple[Field, ...]]:
        found = {name: fields(table, dictionary) for name, table in tables.items()}
        return {name: of_table for name, of_table in found.items() if of_table}

    return Vocabulary(listed(pack.tables, False), listed(pack.dictionaries, True))


def sides(rule: QualityRule) -> Iterator[Side]:
    """All sides of a rule, in order."""
    if rule.left:
        yield rule.left
    if rule.right:
        yield rule.right
    for step in rule.then:
        yield step.side


def links(rule: QualityRule) -> Iterator[tuple[Side, str, Side]]:
    """Each side of a chain of times with the operator and the side that follows."""
    operators = [rule.operator, *(step.operator for step in rule.then)]
    for (left, right), operator in zip(pairwise(sides(rule)), operators, strict=True):
        yield left, operator, right


def _places(side: Side) -> list[Place]:
    return [(side.table, side.dictionary, name) for name in (*side.fields, *side.keys)]


def _families(rules: Iterable[QualityRule], used: Iterable[Place], pack: Pack) -> dict[Place, Family]:
    head: dict[Place, Place] = {place: place for place in used}

    def first(place: Place) -> Place:
        while head[place] != place:
            place = head[place]
        return place

    for rule in rules:
        timed = rule.kind in ("ordered", "within")
        for left, right in pairwise(sides(rule)):
            both = ((side.table, side.dictionary, side.keys if timed else side.fields) for side in (left, right))
            (table, listed, mine), (other, other_listed, its) = both
            for a, b in zip(mine, its, strict=True):
                head[first((other, other_listed, b))] = first((table, listed, a))
    members: dict[Place, list[Place]] = {}
    for place in head:
        members.setdefault(first(place), []).append(place)
    found = ((_family(number, places, pack), places) for number, places in enumerate(members.values()))
    return {place: family for family, places in found for place in places}


def _family(number: int, members: Sequence[Place], pack: Pack) -> Family:
    table, dictionary, name = next((place for place in members if place[1]), members[0])
    label = (pack.dictionaries if dictionary else pack.tables)[table].fields[name]
    names = [field for _, _, field in members]
    coded = label.endswith(("编码", "代码")) or any(field.endswith("code") for field in names)
    grain, entries = Grain.ENTRY, _CODED if dictionary or coded else _WORDED
    if dictionary and table == "sexes":
        entries = 2
    elif not dictionary and any(field.endswith(_PATIENT) or field == "patient_name" for field in names):
        grain = Grain.PATIENT
    elif not dictionary and any(field.endswith(("_no", "record_id")) for field in names):
        grain = Grain.RECORD
    return Family(number, label.removesuffix("名称"), grain, entries, coded)


def _order(rules: Iterable[QualityRule]) -> tuple[dict[Place, int], dict[Place, set[int]]]:
    """Of each time in a chain its rank, and the minutes that put it out of order."""
    edges = [
        ((left.table, False, a), (right.table, False, b), rule.limit_minutes)
        for rule in rules
        if rule.kind in ("ordered", "within")
        for left, _, right in links(rule)
        for a, b in zip(left.fields, right.fields, strict=True)
    ]
    before: dict[Place, set[Place]] = {}
    for a, b, _ in edges:
        before.setdefault(a, set())
        before.setdefault(b, set()).add(a)
    ranks: dict[Place, int] = {}
    for place in TopologicalSorter(before).static_order():
        ranks[place] = max((ranks[a] + 1 for a in before[place]), default=0)
    shifts: dict[Place, set[int]] = {place: set() if before[place] else {DAY} for place in before}
    for a, b, limit in edges:
        apart = STEP * (ranks[b] - ranks[a])
        shifts[b] |= {-DAY, -apart}
        if limit is not None:
            shifts[b] |= {limit - apart, limit - apart + 1}
    return ranks, shifts
