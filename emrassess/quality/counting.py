"""Counts rules in the database: those over the same rows in one pass, with the keys of some rows that offend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from emrassess.domain.quality import MOST_SAMPLES
from emrassess.quality.rules import As, Count, column

_MOST_LOOKED_AT = 400
"""Offending rows that are looked at for samples: several may have the same keys."""

Query = Callable[[str, Callable[[float], None] | None], list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows (or pairs) there are, and how many offend; keys of some of those, each as field and value."""

    examined: int
    offending: int
    samples: tuple[tuple[tuple[str, str], ...], ...] = ()


def count_together(
    query: Query, listed: Mapping[Count, tuple[str, ...]], told: Callable[[float], None] | None
) -> dict[Count, Found]:
    """All of `listed`, which have the same source, each with the fields that name an offending row.

    Samples are the same each time: from the 400 offending rows whose keys come first in their order.
    """
    joined = [count for count in listed if " JOIN " in count.source]
    parts: list[str] = []
    for count, keys in listed.items():
        parts.append(f"count(*) FILTER (WHERE {count.offends})")
        # A join is made once; where rows are only looked through again, sorting a few of them is faster.
        parts.append(_first(count, keys) if joined and keys else "NULL")
    source = next(iter(listed)).source
    everything, *row = query(f"SELECT count(*), {', '.join(parts)} FROM {source}", told)[0]
    found: dict[Count, Found] = {}
    for number, (count, keys) in enumerate(listed.items()):
        offending, first = row[2 * number], row[2 * number + 1]
        if offending and keys and not joined:
            first = query(_sorted(count, keys), told)
        examined = query(f"SELECT count(*) FROM {count.total}", None)[0][0] if count.total else everything
        found[count] = Found(examined, offending, _samples(keys, first or ()))
    return found


def _values(keys: Sequence[str]) -> str:
    return ", ".join(f"coalesce(l.{column(name, As.VALUE)}, '')" for name in keys)


def _first(count: Count, keys: Sequence[str]) -> str:
    return f"min(row({_values(keys)}), {_MOST_LOOKED_AT}) FILTER (WHERE {count.offends})"


def _sorted(count: Count, keys: Sequence[str]) -> str:
    return f"SELECT {_values(keys)} FROM {count.source} WHERE {count.offends} ORDER BY ALL LIMIT {_MOST_LOOKED_AT}"


def _samples(keys: Sequence[str], rows: Sequence[Sequence[str]]) -> tuple[tuple[tuple[str, str], ...], ...]:
    each = (tuple(zip(keys, row, strict=True)) for row in rows)
    return tuple(dict.fromkeys(each))[:MOST_SAMPLES]
