"""What a write touched, so that screens refresh that and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from emrassess.storage.changes import Change, Kind


@dataclass(frozen=True)
class Changes:
    """What a write touched, by id. Empty sets where it changed nothing, as when the same verdict was given again.

    `clauses`: answered anew, or with other evidence; `items`: whose score may differ; `categories` and `settings`:
    any of them (the score of every item may differ then). `undo`, `redo`: what they would take back or do again now,
    None where nothing. `saved_at`: ISO 8601 with offset, when the workspace last saved anything.
    """

    label: str
    clauses: frozenset[str] = field(default_factory=frozenset)
    items: frozenset[str] = field(default_factory=frozenset)
    evidence: frozenset[str] = field(default_factory=frozenset)
    categories: bool = False
    settings: bool = False
    undo: str | None = None
    redo: str | None = None
    saved_at: str = ""


def touched(label: str, changes: Iterable[Change], undo: str | None, redo: str | None, saved_at: str) -> Changes:
    """The Changes of a write that made `changes`."""
    clauses: set[str] = set()
    items: set[str] = set()
    evidence: set[str] = set()
    kinds: set[Kind] = set()
    for change in changes:
        kinds.add(change.kind)
        match change.kind:
            case Kind.ANSWER:
                clauses.add(change.key)
                items.add(change.key[:5])
            case Kind.COVERAGE | Kind.QUALITY | Kind.CATEGORY:
                items.add(change.key.split("/")[0])
            case Kind.EVIDENCE:
                evidence.add(change.key)
                clauses.update(c for value in (change.before, change.after) if value for c in value["clauses"])
            case Kind.SETTING:
                pass
    return Changes(
        label,
        frozenset(clauses),
        frozenset(items),
        frozenset(evidence),
        Kind.CATEGORY in kinds,
        Kind.SETTING in kinds,
        undo,
        redo,
        saved_at,
    )
