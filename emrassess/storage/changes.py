"""Every write as a list of changes: what was there before, what is there after; undo is the same list turned round.

The values are plain JSON data, so that the audit trail can hold them as they are.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import (
    UNANSWERED,
    Acceptance,
    Assessment,
    ClauseAnswer,
    Confirmation,
    Conflict,
    Evidence,
    MergeRecord,
    Recheck,
)
from emrassess.domain.ledger import Finding
from emrassess.domain.pack import Dimension
from emrassess.domain.planning import Department, Task
from emrassess.domain.review import Opinion, Photo
from emrassess.storage.values import CODECS, SETTINGS, Kind, Value, key_text, setting_from_json, setting_to_json

_BY_AGE = ("evidence", "departments", "merges", "conflicts", "photos")
"""Mappings whose ids ascend in the order things were added; what undo brings back takes its old place."""


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


_EXPERTS = frozenset((Kind.OPINION, Kind.PHOTO, Kind.MERGE, Kind.CONFLICT))


def is_experts(change: Change) -> bool:
    """Whether an expert may make that change in a package that was opened: it touches nothing of the hospital's."""
    return change.kind in _EXPERTS or (change.kind is Kind.SETTING and change.key in ("groups", "review"))


def changes_to_json(changes: Iterable[Change]) -> list[list[Value]]:
    """For the audit trail: a list of [kind, key, before, after]."""
    return [[c.kind.value, c.key, c.before, c.after] for c in changes]


def changes_from_json(data: Iterable[Sequence[Value]]) -> tuple[Change, ...]:
    """The reverse of `changes_to_json`."""
    return tuple(Change(Kind(kind), key, before, after) for kind, key, before, after in data)


# --- changes of an assessment


def answer_change(assessment: Assessment, clause: str, answer: ClauseAnswer) -> Change:
    """`clause` answered so; an empty answer takes the row away."""
    return _change(assessment, Kind.ANSWER, clause, None if answer == UNANSWERED else answer)


def coverage_change(assessment: Assessment, item: str, level: int, ratio: Ratio | None) -> Change:
    """Coverage of `item` at `level`; None takes it away."""
    return _change(assessment, Kind.COVERAGE, f"{item}/{level}", ratio)


def quality_change(assessment: Assessment, item: str, level: int, dimension: Dimension, ratio: Ratio | None) -> Change:
    """Quality coefficient of `item` at `level`; None takes it away."""
    return _change(assessment, Kind.QUALITY, f"{item}/{level}/{dimension.value}", ratio)


def category_change(assessment: Assessment, item: str, level: int, confirmation: Confirmation | None) -> Change:
    """What a person read in the official document; None takes it back."""
    return _change(assessment, Kind.CATEGORY, f"{item}/{level}", confirmation)


def evidence_change(assessment: Assessment, evidence_id: str, piece: Evidence | None) -> Change:
    """A piece of evidence as a whole, with revisions and links; None removes it."""
    return _change(assessment, Kind.EVIDENCE, evidence_id, piece)


def wording_change(assessment: Assessment, clause: str, text: str | None) -> Change:
    """The official wording of `clause`; None takes it away."""
    return _change(assessment, Kind.WORDING, clause, text)


def recheck_change(assessment: Assessment, clause: str, recheck: Recheck | None) -> Change:
    """`clause` marked for another look; None takes the mark away."""
    return _change(assessment, Kind.RECHECK, clause, recheck)


def department_change(assessment: Assessment, department_id: str, department: Department | None) -> Change:
    """A department as a whole, with its people; None removes it."""
    return _change(assessment, Kind.DEPARTMENT, department_id, department)


def task_change(assessment: Assessment, clause: str, task: Task | None) -> Change:
    """Whose `clause` is and how far; None: nobody's."""
    return _change(assessment, Kind.TASK, clause, task)


def merge_change(assessment: Assessment, merge_id: str, record: MergeRecord | None) -> Change:
    """A packet that was merged."""
    return _change(assessment, Kind.MERGE, merge_id, record)


def conflict_change(assessment: Assessment, conflict_id: str, conflict: Conflict | None) -> Change:
    """A value that both sides changed, open or decided."""
    return _change(assessment, Kind.CONFLICT, conflict_id, conflict)


def accepted_change(assessment: Assessment, finding: str, acceptance: Acceptance | None) -> Change:
    """A finding of the check-up accepted as it is; None takes that back."""
    return _change(assessment, Kind.ACCEPTED, finding, acceptance)


def opinion_change(assessment: Assessment, clause: str, opinion: Opinion | None) -> Change:
    """What the experts say to `clause`; None takes it away."""
    return _change(assessment, Kind.OPINION, clause, opinion)


def photo_change(assessment: Assessment, photo_id: str, photo: Photo | None) -> Change:
    """A picture that an expert took; None removes it."""
    return _change(assessment, Kind.PHOTO, photo_id, photo)


def finding_change(assessment: Assessment, finding_id: str, finding: Finding | None) -> Change:
    """A line of the ledger as a whole, with its history; None takes it away."""
    return _change(assessment, Kind.FINDING, finding_id, finding)


def setting_change(assessment: Assessment, name: str, value: Any) -> Change:
    """A setting: `hospital`, `target`, `groups` (ReviewGroups or None), `official` (OfficialSource or None), `packet`
    (PacketInfo or None), `review` (ReviewInfo or None), `review_round` or `ledger_columns` (heads or None).
    """
    before = setting_to_json(name, getattr(assessment, name))
    return Change(Kind.SETTING, name, before, setting_to_json(name, value))


def filling(empty: Assessment, wanted: Assessment) -> Iterator[Change]:
    """The changes that give `empty`, a new assessment, all that `wanted` holds but what it was made with."""
    for kind, codec in CODECS.items():
        yield from (_change(empty, kind, key_text(key), value) for key, value in getattr(wanted, codec.field).items())
    for name in SETTINGS:
        if (value := getattr(wanted, name)) is not None:
            yield setting_change(empty, name, value)


def _change(assessment: Assessment, kind: Kind, key: str, after: Any) -> Change:
    codec = CODECS[kind]
    before = getattr(assessment, codec.field).get(codec.place(key))
    return Change(kind, key, *(None if value is None else codec.encode(value) for value in (before, after)))


def applied(assessment: Assessment, changes: Sequence[Change]) -> Assessment:
    """The assessment after `changes`; mappings that nothing touches stay the same objects.

    StaleChange where a `before` is not what the assessment holds.
    """
    fields: dict[str, Any] = {}
    for change in changes:
        if change.kind is Kind.SETTING:
            held = fields.get(change.key, getattr(assessment, change.key))
            _expect(change, setting_to_json(change.key, held))
            fields[change.key] = setting_from_json(change.key, change.after)
            continue
        name = CODECS[change.kind].field
        if name not in fields:
            fields[name] = dict(getattr(assessment, name))
        _put(fields[name], change)
    for name in _BY_AGE:
        if name in fields:
            fields[name] = dict(sorted(fields[name].items()))
    return replace(assessment, **fields)


class StaleChange(Exception):
    """A change whose `before` is not what is there; the text is its key."""


def _expect(change: Change, held: Value) -> None:
    if held != change.before:
        raise StaleChange(change.key)


def _put(table: dict[Any, Any], change: Change) -> None:
    codec = CODECS[change.kind]
    key = codec.place(change.key)
    held = table.get(key)
    _expect(change, None if held is None else codec.encode(held))
    if change.after is None:
        table.pop(key, None)
    else:
        table[key] = codec.decode(key, change.after)
