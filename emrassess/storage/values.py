"""Every kind of value that a workspace holds, as plain JSON data and back: for changes, audit trail and snapshots."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from fractions import Fraction
from typing import Any

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import (
    Acceptance,
    Box,
    ClauseAnswer,
    Confirmation,
    Conflict,
    Decision,
    Evidence,
    EvidenceKind,
    MergeRecord,
    OfficialSource,
    PacketInfo,
    Recheck,
    Revision,
    Sender,
)
from emrassess.domain.ledger import Event, Finding, FindingState
from emrassess.domain.merge import Why
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.domain.planning import Department, Task, WorkState
from emrassess.domain.review import ExpertVerdict, Opinion, Photo, ReviewInfo, Severity

Value = Any
"""JSON data; None where nothing is there."""


class Kind(StrEnum):
    """What a value is. Keys: setting name, clause id, "01.01/4", "01.01/4/consistency", else an id of its own."""

    SETTING = "setting"
    ANSWER = "answer"
    COVERAGE = "coverage"
    QUALITY = "quality"
    CATEGORY = "category"
    EVIDENCE = "evidence"
    WORDING = "wording"
    RECHECK = "recheck"
    DEPARTMENT = "department"
    TASK = "task"
    MERGE = "merge"
    CONFLICT = "conflict"
    ACCEPTED = "accepted"
    OPINION = "opinion"
    PHOTO = "photo"
    FINDING = "finding"


@dataclass(frozen=True, slots=True)
class Codec:
    """How one kind of value is held in the assessment (mapping `field`) and written as JSON.

    `place` makes the mapping's key from its text; `decode` takes that key too, for what carries its id.
    """

    field: str
    place: Callable[[str], Any]
    encode: Callable[[Any], Value]
    decode: Callable[[Any, Value], Any]


def key_text(key: Any) -> str:
    """The key of an assessment's mapping as text: the reverse of a codec's `place`."""
    return key if isinstance(key, str) else "/".join(map(str, key))


def setting_to_json(name: str, value: Any) -> Value:
    """The setting `name` as JSON data; None where there is none."""
    return None if value is None else SETTINGS.get(name, (_same, _same))[0](value)


def setting_from_json(name: str, data: Value) -> Any:
    """The value of the setting `name` as an assessment has it; None where there is none."""
    return None if data is None else SETTINGS.get(name, (_same, _same))[1](data)


# --- keys


def _cell(key: str) -> tuple[str, int]:
    item, level = key.split("/")
    return item, int(level)


def _quality_cell(key: str) -> tuple[str, int, Dimension]:
    item, level, dimension = key.split("/")
    return item, int(level), Dimension(dimension)


def _same(value: Any) -> Any:
    return value


# --- values


def _flat(value: Any) -> dict[str, Value]:
    """The fields of a dataclass that holds texts and numbers only; several times as fast as `asdict`."""
    return {name: getattr(value, name) for name in value.__match_args__}


def _fields(value: Any) -> dict[str, Value]:
    """The fields of a dataclass as JSON has them: lists, no tuples, so that what is read back is equal."""
    return asdict(value, dict_factory=lambda pairs: {k: list(v) if isinstance(v, tuple) else v for k, v in pairs})


def _ratio_to_json(ratio: Ratio) -> Value:
    """Exact: the share as a fraction's text, with both counts as text where it was counted."""
    data = {"value": str(ratio.value)}
    if ratio.numerator is not None and ratio.denominator is not None:
        data |= {"numerator": str(ratio.numerator), "denominator": str(ratio.denominator)}
    return data


def _ratio_from_json(data: Mapping[str, str]) -> Ratio:
    """The reverse of `_ratio_to_json`."""
    if "numerator" in data:
        return Ratio(Fraction(data["value"]), int(data["numerator"]), int(data["denominator"]))
    return Ratio(Fraction(data["value"]))


def _revision_to_json(revision: Revision) -> Value:
    """Without the two fields of a masked copy where it is none, as programs wrote it that knew no masks."""
    data = _flat(revision)
    data["masks"] = [_flat(box) for box in revision.masks]
    return {k: v for k, v in data.items() if v or k not in ("masked_from", "masks")}


def _revision_from_json(data: Mapping[str, Value]) -> Revision:
    return Revision(**{**data, "masks": tuple(Box(**box) for box in data.get("masks", ()))})


def _evidence_to_json(piece: Evidence) -> Value:
    return {
        "title": piece.title,
        "kind": piece.kind.value,
        "source_system": piece.source_system,
        "captured_at": piece.captured_at,
        "revisions": [_revision_to_json(revision) for revision in piece.revisions],
        "clauses": list(piece.clauses),
    }


def _evidence_from_json(key: str, data: Mapping[str, Value]) -> Evidence:
    return Evidence(
        key,
        data["title"],
        EvidenceKind(data["kind"]),
        data["source_system"],
        data["captured_at"],
        tuple(_revision_from_json(revision) for revision in data["revisions"]),
        tuple(data["clauses"]),
    )


def _department_to_json(department: Department) -> Value:
    return {"name": department.name, "people": list(department.people)}


def _groups_to_json(groups: Iterable[ReviewGroup]) -> Value:
    return [{"code": g.code, "name": g.name, "items": list(g.items), "quality": g.quality} for g in groups]


def _groups_from_json(data: Iterable[Mapping[str, Value]]) -> tuple[ReviewGroup, ...]:
    return tuple(ReviewGroup(g["code"], g["name"], tuple(g["items"]), g["quality"]) for g in data)


def _conflict_from_json(_key: str, data: Mapping[str, Value]) -> Conflict:
    why = Why(data["why"]) if data["why"] else None
    return Conflict(**{**data, "clauses": tuple(data["clauses"]), "why": why, "decision": Decision(data["decision"])})


def _packet_from_json(data: Mapping[str, Value]) -> PacketInfo:
    return PacketInfo(**{**data, "sender": Sender(**data["sender"]), "clauses": tuple(data["clauses"])})


def _opinion_from_json(_key: str, data: Mapping[str, Value]) -> Opinion:
    return Opinion(**{**data, "verdict": ExpertVerdict(data["verdict"]), "severity": Severity(data["severity"])})


def _finding_from_json(_key: str, data: Mapping[str, Value]) -> Finding:
    told = {
        "severity": Severity(data["severity"]),
        "state": FindingState(data["state"]),
        "before": tuple(data["before"]),
        "after": tuple(data["after"]),
        "history": tuple(Event(**{**event, "state": FindingState(event["state"])}) for event in data["history"]),
        "more": tuple((name, text) for name, text in data["more"]),
    }
    return Finding(**{**data, **told})


def _finding_to_json(finding: Finding) -> Value:
    data = _flat(finding)
    data["before"], data["after"] = list(finding.before), list(finding.after)
    data["history"] = [_flat(event) for event in finding.history]
    data["more"] = [list(pair) for pair in finding.more]
    return data


CODECS: Mapping[Kind, Codec] = {
    Kind.ANSWER: Codec(
        "answers", _same, _flat, lambda _, d: ClauseAnswer(Verdict(d["verdict"]), d["note"], d["demonstration"])
    ),
    Kind.COVERAGE: Codec("coverage", _cell, _ratio_to_json, lambda _, d: _ratio_from_json(d)),
    Kind.QUALITY: Codec("quality", _quality_cell, _ratio_to_json, lambda _, d: _ratio_from_json(d)),
    Kind.CATEGORY: Codec(
        "categories", _cell, _flat, lambda _, d: Confirmation(Category(d["category"]), d["by"], d["at"])
    ),
    Kind.EVIDENCE: Codec("evidence", _same, _evidence_to_json, _evidence_from_json),
    Kind.WORDING: Codec("wording", _same, _same, lambda _, d: d),
    Kind.RECHECK: Codec("rechecks", _same, _flat, lambda _, d: Recheck(**d)),
    Kind.DEPARTMENT: Codec(
        "departments", _same, _department_to_json, lambda key, d: Department(key, d["name"], tuple(d["people"]))
    ),
    Kind.TASK: Codec("tasks", _same, _flat, lambda _, d: Task(**{**d, "state": WorkState(d["state"])})),
    Kind.MERGE: Codec("merges", _same, _fields, lambda _, d: MergeRecord(**{**d, "sender": Sender(**d["sender"])})),
    Kind.CONFLICT: Codec("conflicts", _same, _fields, _conflict_from_json),
    Kind.ACCEPTED: Codec("accepted", _same, _flat, lambda _, d: Acceptance(**d)),
    Kind.OPINION: Codec("opinions", _same, _flat, _opinion_from_json),
    Kind.PHOTO: Codec("photos", _same, _fields, lambda _, d: Photo(**{**d, "clauses": tuple(d["clauses"])})),
    Kind.FINDING: Codec("findings", _same, _finding_to_json, _finding_from_json),
}
"""Of every kind but settings."""

SETTINGS: Mapping[str, tuple[Callable[[Any], Value], Callable[[Any], Any]]] = {
    "groups": (_groups_to_json, _groups_from_json),
    "official": (_flat, lambda d: OfficialSource(**d)),
    "packet": (_fields, _packet_from_json),
    "review": (_fields, lambda d: ReviewInfo(**d)),
    "ledger_columns": (list, tuple),
}
"""Settings that are more than a text or a number, and may be None: to JSON and back."""


def files_brought(theirs: Iterable[str]) -> frozenset[str]:
    """Digests of the evidence files that the values of conflicts (their side, as JSON texts) name."""
    values = (json.loads(value) for value in theirs)
    return frozenset(value["file"] for value in values if isinstance(value, dict) and value.get("file"))
