"""What a write touched, so that screens refresh that and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from emrassess.storage.changes import Change
from emrassess.storage.values import Kind


@dataclass(frozen=True)
class Changes:
    """What a write touched, by id. Empty sets where it changed nothing, as when the same verdict was given again.

    `clauses`: answered anew, with other evidence, another task or a conflict, or marked for another look or no longer;
    `items`: whose score may differ; `categories` and `settings`: any of them (the score of every item may differ then);
    `wording`: official wording of any clause; `rechecks`: any mark for another look; `tasks`: any of them or any
    department; `conflicts`: any of them or a merge; `accepted`: any finding of the check-up accepted or no longer;
    `opinions`: what experts said, or their photos; `findings`: any line of the ledger.
    `undo`, `redo`: what they would take back or do again now, None where nothing. `saved_at`: ISO 8601 with offset,
    when the workspace last saved anything.
    """

    label: str
    clauses: frozenset[str] = field(default_factory=frozenset)
    items: frozenset[str] = field(default_factory=frozenset)
    evidence: frozenset[str] = field(default_factory=frozenset)
    categories: bool = False
    settings: bool = False
    wording: bool = False
    rechecks: bool = False
    tasks: bool = False
    conflicts: bool = False
    accepted: bool = False
    opinions: bool = False
    findings: bool = False
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
                clauses.update(_named(change))
            case Kind.CONFLICT | Kind.PHOTO:
                clauses.update(_named(change))
            case Kind.FINDING:
                clauses.update(value["clause"] for value in (change.before, change.after) if value)
            case Kind.RECHECK | Kind.TASK | Kind.OPINION:
                clauses.add(change.key)
            case Kind.SETTING | Kind.WORDING | Kind.DEPARTMENT | Kind.MERGE | Kind.ACCEPTED:
                pass
    return Changes(
        label,
        frozenset(clauses),
        frozenset(items),
        frozenset(evidence),
        categories=Kind.CATEGORY in kinds,
        settings=Kind.SETTING in kinds,
        wording=Kind.WORDING in kinds,
        rechecks=Kind.RECHECK in kinds,
        tasks=not kinds.isdisjoint((Kind.TASK, Kind.DEPARTMENT)),
        conflicts=not kinds.isdisjoint((Kind.CONFLICT, Kind.MERGE)),
        accepted=Kind.ACCEPTED in kinds,
        opinions=not kinds.isdisjoint((Kind.OPINION, Kind.PHOTO)),
        findings=Kind.FINDING in kinds,
        undo=undo,
        redo=redo,
        saved_at=saved_at,
    )


def together(first: Changes, then: Changes) -> Changes:
    """Two writes as one, for whoever saw neither."""
    return replace(
        then,
        clauses=first.clauses | then.clauses,
        items=first.items | then.items,
        evidence=first.evidence | then.evidence,
        categories=first.categories or then.categories,
        settings=first.settings or then.settings,
        wording=first.wording or then.wording,
        rechecks=first.rechecks or then.rechecks,
        tasks=first.tasks or then.tasks,
        conflicts=first.conflicts or then.conflicts,
        accepted=first.accepted or then.accepted,
        opinions=first.opinions or then.opinions,
        findings=first.findings or then.findings,
    )


def _named(change: Change) -> set[str]:
    """The clauses that its value names, before or after."""
    return {clause for value in (change.before, change.after) if value for clause in value["clauses"]}
