"""quality.md in plain Python, rule by rule with loops: what the engine must come to."""

import math
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from emrassess.domain.pack import QualityRule, Side

Row = Mapping[str, str]
Tables = Mapping[tuple[str, bool], Sequence[Row]]
"""Rows by table (or dictionary, True), each with its fields as text."""

_BLANKS = "".join(chr(n) for n in range(0x10000) if chr(n).isspace()) + "\u200b\u2060\ufeff"
_DATED = re.compile(
    r"(?P<y>[1-9]\d{3})(?:-(?P<m>\d{1,2})-|/(?P<n>\d{1,2})/)(?P<d>\d{1,2})"
    r"(?:[T ]+(?P<h>\d{1,2}):(?P<i>\d{1,2})(?::(?P<s>\d{1,2})(?:\.(?P<f>\d*))?)?(?: ?(?:Z|[+-]\d{1,2}(?::?\d{2})?))?)?",
    re.ASCII,
)
_PLAIN = re.compile(r"(?P<y>[1-9]\d{3})(?P<m>\d\d)(?P<d>\d\d)(?:(?P<h>\d\d)(?P<i>\d\d)(?P<s>\d\d)?)?", re.ASCII)


def value(text: str) -> str | None:
    """`text` as codes and names are compared; None where it is blank."""
    bare = text.strip(_BLANKS)
    return "".join(chr(ord(c) - 0xFEE0) if "！" <= c <= "～" else c for c in bare) or None


def length(text: str) -> int:
    return len(text.strip(_BLANKS))


def time(text: str) -> datetime | None:
    """`text` as a time; None where it is none."""
    bare = value(text) or ""
    if re.fullmatch(r"\d{5}(\.\d*)?", bare, re.ASCII):
        if not 20000 <= float(bare) <= 80000:
            return None
        return datetime(1899, 12, 30) + timedelta(seconds=math.floor(float(bare) * 86400 + 0.5))
    found = _DATED.fullmatch(bare) or _PLAIN.fullmatch(bare)
    if found is None:
        return None
    part = found.groupdict()
    month = part["m"] or part.get("n")
    clock = [int(part[name] or 0) for name in "his"]
    late = clock == [24, 0, 0]
    try:
        day = datetime(int(part["y"]), int(month or 0), int(part["d"]))
        micro = int(f"{part.get('f') or ''}000000"[:6])
        return (
            day + timedelta(days=1)
            if late and not micro
            else day.replace(hour=clock[0], minute=clock[1], second=clock[2], microsecond=micro)
        )
    except ValueError:
        return None


def count(rule: QualityRule, tables: Tables) -> tuple[int, int]:
    """Numerator and denominator of `rule`."""
    assert rule.left
    rows = tables[rule.left.table, False]
    match rule.kind:
        case "filled":
            least = rule.min_length or 1
            kept = [length(row[name]) >= least for row in rows for name in rule.left.fields]
        case "dictionary" | "matched":
            assert rule.right
            there = {_key(row, rule.right.fields) for row in tables[rule.right.table, rule.right.dictionary]}
            mine = [_key(row, rule.left.fields) for row in rows]
            kept = [None not in key and key in there for key in mine]
        case _:
            kept = _chain(rule, tables)
    return sum(kept), len(kept)


def _key(row: Row, fields: Sequence[str]) -> tuple[str | None, ...]:
    return tuple(value(row[name]) for name in fields)


def _chain(rule: QualityRule, tables: Tables) -> list[bool]:
    assert rule.left and rule.right
    kept: list[bool] = []
    left = rule.left
    for operator, right in [(rule.operator, rule.right), *((step.operator, step.side) for step in rule.then)]:
        for row in tables[left.table, False]:
            for mine, theirs in zip(left.fields, right.fields, strict=True):
                matching = _matching(row, left, right, tables)
                if matching:
                    times = [found for other in matching if (found := time(other[theirs]))]
                    kept.append(_in_order(time(row[mine]), operator, min(times, default=None), rule.limit_minutes))
        left = right
    return kept


def _matching(row: Row, left: Side, right: Side, tables: Tables) -> list[Row]:
    """The same record, where both times stand in one; else all with equal keys."""
    if left.table == right.table and left.keys == right.keys:
        return [row]
    key = _key(row, left.keys)
    return [other for other in tables[right.table, False] if None not in key and _key(other, right.keys) == key]


def _in_order(earlier: datetime | None, operator: str, later: datetime | None, limit: int | None) -> bool:
    if earlier is None or later is None:
        return False
    ordered = earlier < later if operator == "<" else earlier <= later
    return ordered and (limit is None or later - earlier <= timedelta(minutes=limit))
