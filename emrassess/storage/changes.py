"""Every write as a list of changes: what was there before, what is there after; undo is the same list turned round.

The values are plain JSON data, so that the audit trail can hold them as they are.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from fractions import Fraction
from typing import Any

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import (
    UNANSWERED,
    Assessment,
    ClauseAnswer,
    Confirmation,
    Evidence,
    EvidenceKind,
    Revision,
)
from emrassess.domain.pack import Category, Dimension, ReviewGroup

Value = Any
"""JSON data; None where nothing is there."""


class Kind(StrEnum):
    """What a change is about. Keys: setting name, clause id, "01.01/4", "01.01/4/consistency", evidence id."""

    SETTING = "setting"
    ANSWER = "answer"
    COVERAGE = "coverage"
    QUALITY = "quality"
    CATEGORY = "category"
    EVIDENCE = "evidence"


@dataclass(frozen=True, slots=True)
class Change:
    """One value that changes. `before` and `after` are JSON data, None where there is nothing."""

    kind: Kind
    key: str
    before: Value
    after: Value


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One line of the audit trail; `at` is ISO 8601 with offset, ids count up from 1."""

    id: int
    at: str
    who: str
    label: str
    changes: tuple[Change, ...]


def inverse(changes: Sequence[Change]) -> list[Change]:
    """The changes that take `changes` back."""
    return [Change(c.kind, c.key, c.after, c.before) for c in reversed(changes)]


def changes_to_json(changes: Iterable[Change]) -> list[list[Value]]:
    """For the audit trail: a list of [kind, key, before, after]."""
    return [[c.kind.value, c.key, c.before, c.after] for c in changes]


def changes_from_json(data: Iterable[Sequence[Value]]) -> tuple[Change, ...]:
    """The reverse of `changes_to_json`."""
    return tuple(Change(Kind(kind), key, before, after) for kind, key, before, after in data)


# --- values as JSON and back


def ratio_to_json(ratio: Ratio) -> Value:
    """Exact: the share as a fraction's text, with both counts as text where it was counted."""
    data = {"value": str(ratio.value)}
    if ratio.numerator is not None and ratio.denominator is not None:
        data |= {"numerator": str(ratio.numerator), "denominator": str(ratio.denominator)}
    return data


def ratio_from_json(data: Mapping[str, str]) -> Ratio:
    """The reverse of `ratio_to_json`."""
    if "numerator" in data:
        return Ratio(Fraction(data["value"]), int(data["numerator"]), int(data["denominator"]))
    return Ratio(Fraction(data["value"]))


def _answer_from_json(data: Mapping[str, str]) -> ClauseAnswer:
    return ClauseAnswer(Verdict(data["verdict"]), data["note"], data["demonstration"])


def _confirmation_from_json(data: Mapping[str, str]) -> Confirmation:
    return Confirmation(Category(data["category"]), data["by"], data["at"])


def _evidence_to_json(piece: Evidence) -> Value:
    return {
        "title": piece.title,
        "kind": piece.kind.value,
        "source_system": piece.source_system,
        "captured_at": piece.captured_at,
        "revisions": [asdict(revision) for revision in piece.revisions],
        "clauses": list(piece.clauses),
    }


def _evidence_from_json(key: str, data: Mapping[str, Value]) -> Evidence:
    return Evidence(
        key,
        data["title"],
        EvidenceKind(data["kind"]),
        data["source_system"],
        data["captured_at"],
        tuple(Revision(**revision) for revision in data["revisions"]),
        tuple(data["clauses"]),
    )


def _groups_to_json(groups: Iterable[ReviewGroup] | None) -> Value:
    if groups is None:
        return None
    return [{"code": g.code, "name": g.name, "items": list(g.items), "quality": g.quality} for g in groups]


def _groups_from_json(data: Iterable[Mapping[str, Value]] | None) -> tuple[ReviewGroup, ...] | None:
    if data is None:
        return None
    return tuple(ReviewGroup(g["code"], g["name"], tuple(g["items"]), g["quality"]) for g in data)


# --- changes of an assessment


def answer_change(assessment: Assessment, clause: str, answer: ClauseAnswer) -> Change:
    """`clause` answered so; an empty answer takes the row away."""

    def value(given: ClauseAnswer) -> Value:
        return None if given == UNANSWERED else asdict(given)

    return Change(Kind.ANSWER, clause, value(assessment.answer(clause)), value(answer))


def coverage_change(assessment: Assessment, item: str, level: int, ratio: Ratio | None) -> Change:
    """Coverage of `item` at `level`; None takes it away."""
    before = assessment.coverage.get((item, level))
    return Change(Kind.COVERAGE, f"{item}/{level}", before and ratio_to_json(before), ratio and ratio_to_json(ratio))


def quality_change(assessment: Assessment, item: str, level: int, dimension: Dimension, ratio: Ratio | None) -> Change:
    """Quality coefficient of `item` at `level`; None takes it away."""
    before = assessment.quality.get((item, level, dimension))
    key = f"{item}/{level}/{dimension.value}"
    return Change(Kind.QUALITY, key, before and ratio_to_json(before), ratio and ratio_to_json(ratio))


def category_change(assessment: Assessment, item: str, level: int, confirmation: Confirmation | None) -> Change:
    """What a person read in the official document; None takes it back."""
    before = assessment.categories.get((item, level))
    return Change(Kind.CATEGORY, f"{item}/{level}", before and asdict(before), confirmation and asdict(confirmation))


def evidence_change(assessment: Assessment, evidence_id: str, piece: Evidence | None) -> Change:
    """A piece of evidence as a whole, with revisions and links; None removes it."""
    before = assessment.evidence.get(evidence_id)
    return Change(
        Kind.EVIDENCE,
        evidence_id,
        before and _evidence_to_json(before),
        piece and _evidence_to_json(piece),
    )


def setting_change(assessment: Assessment, name: str, value: Value) -> Change:
    """A setting: `hospital`, `target` or `groups` (ReviewGroups or None)."""
    if name == "groups":
        return Change(Kind.SETTING, name, _groups_to_json(assessment.groups), _groups_to_json(value))
    return Change(Kind.SETTING, name, getattr(assessment, name), value)


def _cell(key: str) -> tuple[str, int]:
    item, level = key.split("/")
    return item, int(level)


def _quality_cell(key: str) -> tuple[str, int, Dimension]:
    item, level, dimension = key.split("/")
    return item, int(level), Dimension(dimension)


def applied(assessment: Assessment, changes: Sequence[Change]) -> Assessment:
    """The assessment after `changes`; mappings that nothing touches stay the same objects.

    StaleChange where a `before` is not what the assessment holds.
    """
    tables: dict[Kind, dict[Any, Any]] = {}
    settings: dict[str, Any] = {}
    for change in changes:
        if change.kind is Kind.SETTING:
            held = setting_change(replace(assessment, **settings), change.key, None).before
            _expect(change, held)
            settings[change.key] = _groups_from_json(change.after) if change.key == "groups" else change.after
            continue
        table = tables.setdefault(change.kind, dict(_table(assessment, change.kind)))
        _put(table, change)
    if Kind.EVIDENCE in tables:
        # Ids ascend in the order pieces were added; a piece that undo brings back takes its old place.
        tables[Kind.EVIDENCE] = dict(sorted(tables[Kind.EVIDENCE].items()))
    return replace(assessment, **settings, **{_FIELDS[kind]: table for kind, table in tables.items()})


class StaleChange(Exception):
    """A change whose `before` is not what is there; the text is its key."""


_FIELDS = {
    Kind.ANSWER: "answers",
    Kind.COVERAGE: "coverage",
    Kind.QUALITY: "quality",
    Kind.CATEGORY: "categories",
    Kind.EVIDENCE: "evidence",
}


def _table(assessment: Assessment, kind: Kind) -> Mapping[Any, Any]:
    return getattr(assessment, _FIELDS[kind])


def _expect(change: Change, held: Value) -> None:
    if held != change.before:
        raise StaleChange(change.key)


def _put(table: dict[Any, Any], change: Change) -> None:
    key, held, after = _decoded(table, change)
    _expect(change, held)
    if after is None:
        table.pop(key, None)
    else:
        table[key] = after


def _decoded(table: Mapping[Any, Any], change: Change) -> tuple[Any, Value, Any]:
    """The table's key, the JSON value it holds now, and the object to put in its place."""
    data = change.after
    match change.kind:
        case Kind.ANSWER:
            held = table.get(change.key)
            return change.key, held and asdict(held), data and _answer_from_json(data)
        case Kind.COVERAGE:
            key = _cell(change.key)
            held = table.get(key)
            return key, held and ratio_to_json(held), data and ratio_from_json(data)
        case Kind.QUALITY:
            quality_key = _quality_cell(change.key)
            held = table.get(quality_key)
            return quality_key, held and ratio_to_json(held), data and ratio_from_json(data)
        case Kind.CATEGORY:
            key = _cell(change.key)
            held = table.get(key)
            return key, held and asdict(held), data and _confirmation_from_json(data)
        case Kind.EVIDENCE:
            held = table.get(change.key)
            return change.key, held and _evidence_to_json(held), data and _evidence_from_json(change.key, data)
        case Kind.SETTING:
            raise ValueError(change.key)
