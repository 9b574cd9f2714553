"""What a merge finds, one value at a time: what differs and why, what can be decided about it, and how it is put in."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from emrassess.domain.assessment import Decision
from emrassess.domain.merge_values import LONG_TEXTS, PIECE_KINDS, WHOLE, MergeKey, MergeKind, Value, piece_values


class Why(StrEnum):
    """Why a person has to decide, or should look."""

    BOTH = "both"
    REMOVED_HERE = "removed_here"
    REMOVED_THERE = "removed_there"
    ACCEPTED = "accepted"
    SHARED = "shared"
    MASKED = "masked"


WHY_NAMES: Mapping[Why, str] = {
    Why.BOTH: "两边都改了，改得不一样",
    Why.REMOVED_HERE: "这边已删去，对方有修改",
    Why.REMOVED_THERE: "对方已删去，这边有修改",
    Why.ACCEPTED: "条款已验收，对方有修改",
    Why.SHARED: "实证材料还用于任务包以外的条款",
    Why.MASKED: "这边遮盖的是以前的图片，对方换上的文件没有遮盖",
}


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that they changed: what it was, what it is here, what it is there; None where there is nothing.

    `key` names pieces of evidence as they are called here. `clauses`: those it is about. `why`: why it was not taken,
    or MASKED where it was and somebody should look at it. `who`: who changed it there.
    """

    key: MergeKey
    base: Value
    ours: Value
    theirs: Value
    clauses: tuple[str, ...] = ()
    why: Why | None = None
    who: str = ""


def fingerprint(value: Value) -> str:
    """A digest by which a value is known again."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def decisions(conflict: Difference) -> tuple[Decision, ...]:
    """What can be decided: both only where two texts can be joined."""
    texts = conflict.key.field in LONG_TEXTS.get(conflict.key.kind, ())
    joinable = texts and conflict.ours and conflict.theirs
    return (Decision.OURS, Decision.THEIRS, Decision.BOTH) if joinable else (Decision.OURS, Decision.THEIRS)


def conflict_values(conflict: Difference, decision: Decision) -> Value:
    """The value that `decision` puts at the conflict's key, None for none there.

    ValueError where it is not among `decisions`.
    """
    if decision not in decisions(conflict):
        raise ValueError(decision)
    if decision is Decision.BOTH:
        return f"{conflict.ours}\n{conflict.theirs}"
    return conflict.ours if decision is Decision.OURS else conflict.theirs


def apply_to(values: Mapping[MergeKey, Value], taken: Iterable[Difference]) -> dict[MergeKey, Value]:
    """`values` with what was taken; a whole piece of evidence puts itself in place of all that was known of it."""
    changes = tuple(taken)
    wholes = {d.key.key for d in changes if _is_whole(d.key)}
    result = {key: value for key, value in values.items() if not (key.kind in PIECE_KINDS and key.key in wholes)}
    for change in changes:
        if _is_whole(change.key):
            result.update(piece_values(change.key.key, change.theirs))
        elif change.theirs is None:
            result.pop(change.key, None)
        else:
            result[change.key] = change.theirs
    return result


def _is_whole(key: MergeKey) -> bool:
    return key.kind is MergeKind.EVIDENCE and key.field == WHOLE
