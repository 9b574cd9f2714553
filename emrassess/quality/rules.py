"""What each rule of annex 4 needs of the extracts, and the SQL that counts it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from emrassess.domain.pack import QualityRule, Side
from emrassess.quality.sql import quoted


class As(StrEnum):
    """In which form a field is kept: as it is compared, as a time, how long it is, or only whether it is filled."""

    VALUE = "v"
    TIME = "t"
    LENGTH = "n"
    FILLED = "f"


TableKey = tuple[str, bool]
"""Id of a table or dictionary, and whether it is a dictionary."""

Needs = dict[TableKey, dict[str, set[As]]]
"""The fields needed, and in which forms."""


def column(field: str, form: As) -> str:
    """The column that holds `field` in that form."""
    return quoted(f"{form.value}_{field}")


def relation(table: str, dictionary: bool) -> str:
    """The table that an extract was read into."""
    return quoted(f"{'d' if dictionary else 't'}_{table}")


@dataclass(frozen=True, slots=True)
class Step:
    """Two sides compared in time."""

    left: Side
    operator: str
    right: Side


def steps(rule: QualityRule) -> tuple[Step, ...]:
    """The steps of a chain of times."""
    assert rule.left and rule.right
    found = [Step(rule.left, rule.operator, rule.right)]
    for then in rule.then:
        found.append(Step(found[-1].right, then.operator, then.side))
    return tuple(found)


def needs(rule: QualityRule) -> Needs:
    """What the rule looks at; nothing where it is prose."""
    found: Needs = {}

    def need(side: Side, fields: Sequence[str], form: As) -> None:
        wanted = found.setdefault((side.table, side.dictionary), {})
        for name in fields:
            wanted.setdefault(name, set()).add(form)

    if rule.kind == "prose" or rule.left is None:
        return found
    match rule.kind:
        case "filled":
            need(rule.left, rule.left.fields, As.LENGTH if rule.min_length else As.FILLED)
        case "dictionary" | "matched":
            assert rule.right
            need(rule.left, rule.left.fields, As.VALUE)
            need(rule.right, rule.right.fields, As.VALUE)
        case _:
            for step in steps(rule):
                for side in (step.left, step.right):
                    need(side, side.fields, As.TIME)
                    if not within_a_record(step):
                        need(side, side.keys, As.VALUE)
    return found


def within_a_record(step: Step) -> bool:
    """Whether both times stand in the same row."""
    return step.left.table == step.right.table and step.left.keys == step.right.keys


def sample_fields(side: Side, mapped: Sequence[str]) -> tuple[str, ...]:
    """The fields by which an offending row is named: the keys of the rule, else numbers of the record that are mapped.

    Never a name, and a patient's number only where there is nothing else.
    """
    if keys := [name for name in side.keys if name in mapped and not _names_a_person(name)]:
        return tuple(keys)
    numbers = [name for name in mapped if name.endswith(("_no", "_id", "barcode")) and not _names_a_person(name)]
    own = [name for name in numbers if name not in ("patient_id", "outpatient_id", "inpatient_id")]
    return tuple((own or numbers)[:2])


def _names_a_person(field: str) -> bool:
    return field.endswith("_name") or field in ("name", "patient_name")


def missing(rule: QualityRule, mapped: Mapping[TableKey, Sequence[str]], names: Mapping[TableKey, str]) -> str:
    """Why the rule cannot be examined with what is mapped; "" where it can. `names`: of tables, in Chinese."""
    lacking: list[str] = []
    for table, fields in needs(rule).items():
        there = mapped.get(table)
        if there is None:
            lacking.append(f"没有对应“{names[table]}”的数据")
        elif absent := [name for name in fields if name not in there]:
            lacking.append(f"“{names[table]}”没有对应字段 {'、'.join(absent)}")
    return "；".join(lacking)


def reason_of_prose(rule: QualityRule) -> str:
    """Why a rule that is prose is not examined."""
    return f"附件 4 这一条只有文字说明，不能由程序计算：{rule.reason}"


# --- counting


@dataclass(frozen=True, slots=True)
class Count:
    """What a rule, or a step of it, counts: rows of `source` are examined, the left ones called l; `offends` is a
    condition on them, never NULL.

    `total`: where all rows of the left table are examined and `source` has only those that offend, that table. `left`:
    whose keys name an offending row.
    """

    source: str
    offends: str
    left: Side
    total: str = ""


def counts(rule: QualityRule) -> tuple[Count, ...]:
    """What is to be counted; numerators and denominators of several add up."""
    assert rule.left
    match rule.kind:
        case "filled":
            source = f"{relation(rule.left.table, rule.left.dictionary)} l"
            return tuple(Count(source, _lacks(name, rule.min_length), rule.left) for name in rule.left.fields)
        case "dictionary" | "matched":
            assert rule.right
            return (_matched(rule.left, rule.right),)
        case _:
            return tuple(count for step in steps(rule) for count in _ordered(step, rule.limit_minutes))


def _lacks(field: str, least: int | None) -> str:
    return f"l.{column(field, As.LENGTH)} < {least}" if least else f"NOT l.{column(field, As.FILLED)}"


def _matched(left: Side, right: Side) -> Count:
    mine = relation(left.table, left.dictionary)
    pairs = zip(left.fields, right.fields, strict=True)
    on = " AND ".join(f"l.{column(a, As.VALUE)} = r.{column(b, As.VALUE)}" for a, b in pairs)
    return Count(f"{mine} l ANTI JOIN {relation(right.table, right.dictionary)} r ON {on}", "true", left, mine)


def _ordered(step: Step, limit: int | None) -> list[Count]:
    left, right = step.left, step.right
    pairs = list(zip(left.fields, right.fields, strict=True))
    mine = relation(left.table, False)
    if within_a_record(step):
        compared = [(f"l.{column(a, As.TIME)}", f"l.{column(b, As.TIME)}") for a, b in pairs]
        return [Count(f"{mine} l", _late(a, step.operator, b, limit), left) for a, b in compared]
    keys = [column(name, As.VALUE) for name in right.keys]
    earliest = ", ".join(f"min({column(name, As.TIME)}) AS {column(name, As.TIME)}" for name in right.fields)
    filled = " AND ".join(f"{key} IS NOT NULL" for key in keys)
    grouped = (
        f"(SELECT {', '.join(keys)}, {earliest} FROM {relation(right.table, False)} "
        f"WHERE {filled} GROUP BY {', '.join(keys)}) r"
    )
    on = " AND ".join(f"l.{column(name, As.VALUE)} = r.{key}" for name, key in zip(left.keys, keys, strict=True))
    compared = [(f"l.{column(a, As.TIME)}", f"r.{column(b, As.TIME)}") for a, b in pairs]
    return [Count(f"{mine} l JOIN {grouped} ON {on}", _late(a, step.operator, b, limit), left) for a, b in compared]


def _late(earlier: str, operator: str, later: str, limit: int | None) -> str:
    kept = f"{earlier} {operator} {later}"
    if limit is not None:
        kept += f" AND {later} <= {earlier} + INTERVAL {limit} MINUTE"
    return f"({kept}) IS NOT TRUE"
