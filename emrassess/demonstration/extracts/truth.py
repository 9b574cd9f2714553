"""What checking a demonstration extract must give, counted from what its records say.

Everything comes again after a period, so one whole period and what there is of the last one are looked at, whatever
the number of records. No text is read here, and nothing of the engine is used.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from emrassess.demonstration.extracts.cells import BLOCK, PERIOD
from emrassess.demonstration.extracts.records import Record, Table
from emrassess.demonstration.extracts.vocabulary import links
from emrassess.domain.pack import QualityRule, Side

Key = tuple[str, ...]
Kept = Iterator[tuple[int, bool]]
"""Of each row or pair: how often it comes, and whether it keeps the rule."""


@dataclass(frozen=True)
class _Part:
    """Periods that are all alike: how many, and the records that each has of each table."""

    number: int
    weight: int
    records: Mapping[tuple[str, bool], tuple[Record, ...]]

    def of(self, side: Side) -> tuple[Record, ...]:
        return self.records[side.table, side.dictionary]


class Truth:
    """Counts over `tables`, each with `rows` records (before those that lack or are there twice)."""

    def __init__(self, tables: Iterable[Table], rows: int) -> None:
        listed = list(tables)
        whole, rest = divmod(rows, PERIOD)
        self._parts = [
            _Part(number, weight, {(table.id, table.dictionary): table.up_to(count) for table in listed})
            for number, (weight, count) in enumerate(((whole, PERIOD), (1, rest)))
            if weight and count
        ]

    def of(self, rule: QualityRule) -> tuple[int, int]:
        """Numerator and denominator of a rule that is no prose; 0 of 0 where there is nothing to examine."""
        found = list(self._kept(rule))
        return sum(weight for weight, kept in found if kept), sum(weight for weight, _ in found)

    def _kept(self, rule: QualityRule) -> Kept:
        assert rule.left
        if rule.kind == "filled":
            yield from self._filled(rule.left, rule.min_length or 1)
        elif rule.kind in ("dictionary", "matched"):
            assert rule.right
            yield from self._matched(rule.left, rule.right)
        else:
            for left, operator, right in links(rule):
                yield from self._ordered(left, operator, right, rule.limit_minutes)

    def _filled(self, side: Side, least: int) -> Kept:
        for part in self._parts:
            for record in part.of(side):
                for name in side.fields:
                    yield part.weight, record.cells[name].length >= least

    def _matched(self, left: Side, right: Side) -> Kept:
        there = {
            _within(part, key)
            for part in self._parts
            for record in part.of(right)
            if (key := _values(record, right.fields))
        }
        for part in self._parts:
            for record in part.of(left):
                key = _values(record, left.fields)
                yield part.weight, key is not None and _within(part, key) in there

    def _ordered(self, left: Side, operator: str, right: Side, limit: int | None) -> Kept:
        one_record = (left.table, left.keys) == (right.table, right.keys)
        earliest = {} if one_record else self._earliest(right)
        for part in self._parts:
            for record in part.of(left):
                if one_record:
                    later = _minutes(record, right)
                else:
                    key = _values(record, left.keys)
                    if key is None or _within(part, key) not in earliest:
                        continue
                    later = earliest[_within(part, key)]
                for a, b in zip(_minutes(record, left), later, strict=True):
                    yield part.weight, _in_order(a, operator, b, limit)

    def _earliest(self, side: Side) -> dict[tuple[int, Key], list[int | None]]:
        """By keys, the earliest of each time."""
        found: dict[tuple[int, Key], list[int | None]] = {}
        for part in self._parts:
            for record in part.of(side):
                if key := _values(record, side.keys):
                    times = _minutes(record, side)
                    known = found.get(_within(part, key), times)
                    found[_within(part, key)] = [_earlier(a, b) for a, b in zip(known, times, strict=True)]
        return found


def _values(record: Record, names: Iterable[str]) -> Key | None:
    """What the fields say; None where one is blank."""
    values = [record.cells[name].value for name in names]
    return tuple(value for value in values if value is not None) if None not in values else None


def _within(part: _Part, key: Key) -> tuple[int, Key]:
    """`key` with where it can be found again: a number with its period's in it is in no other period."""
    return (part.number if any(BLOCK in value for value in key) else -1, key)


def _minutes(record: Record, side: Side) -> list[int | None]:
    return [record.cells[name].minute for name in side.fields]


def _earlier(a: int | None, b: int | None) -> int | None:
    return min(a, b) if a is not None and b is not None else a if b is None else b


def _in_order(a: int | None, operator: str, b: int | None, limit: int | None) -> bool:
    if a is None or b is None:
        return False
    return (a < b or (operator == "<=" and a == b)) and (limit is None or b - a <= limit)
