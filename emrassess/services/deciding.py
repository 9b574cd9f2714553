"""Conflicts that merges left: what each side says, and the decision of a person."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from emrassess.domain.assessment import Conflict, Decision, Evidence, MergeRecord, Revision
from emrassess.domain.merge import (
    WHOLE,
    Difference,
    MergeKey,
    MergeKind,
    Value,
    apply_to,
    conflict_values,
    decisions,
)
from emrassess.domain.merge_values import pieces_of
from emrassess.domain.review_values import everything
from emrassess.errors import UserError
from emrassess.exchange.packet_format import Values
from emrassess.services.changes import Changes
from emrassess.services.ledger import with_ledger
from emrassess.services.merge_changes import changes_to
from emrassess.services.merge_plan import marks_off, masked_copy, revision_in, theirs_of
from emrassess.services.session import Session
from emrassess.storage.changes import conflict_change

_DECIDED = {Decision.OURS: "保留本方", Decision.THEIRS: "采用对方", Decision.BOTH: "两者都留"}


@dataclass(frozen=True)
class Shown:
    """A conflict as it stands now, for a person to decide.

    `found`: the values, `ours` as it is now. `ours_file`, `theirs_file`: what lies in the workspace's evidence, where
    it is about files. `options`: what can be decided. `merge`: None where its record is gone.
    """

    id: str
    conflict: Conflict
    found: Difference
    ours_file: Revision | None
    theirs_file: Revision | None
    options: tuple[Decision, ...]
    merge: MergeRecord | None


def conflicts(session: Session, *, decided: bool = False) -> tuple[Shown, ...]:
    """The conflicts that wait, or with `decided` those that do not any more; by clause as far as they are about one."""
    values = everything(session.assessment)
    listed = session.assessment.conflicts.items()
    shown = [_shown(session, key, c, values) for key, c in listed if (c.decision is not Decision.OPEN) is decided]
    return tuple(sorted(shown, key=lambda found: (found.conflict.clauses[:1], found.id)))


def decide(session: Session, conflict_id: str, decision: Decision) -> Changes:
    """Close a conflict with what a person decided, and put that value in place, in one step; undo opens it again.

    UserError where it is gone, decided already, or `decision` is none of its options.
    """
    conflict = session.assessment.conflicts.get(conflict_id)
    if conflict is None or conflict.decision is not Decision.OPEN:
        raise UserError("这处冲突已经不在了，或已经决定", "请刷新后再看。")
    values = everything(session.assessment)
    shown = _shown(session, conflict_id, conflict, values)
    if decision not in shown.options:
        offered = "、".join(_DECIDED[option] for option in shown.options)
        raise UserError(f"这处冲突不能这样决定：{_DECIDED.get(decision, '未定')}", f"可以选的：{offered}。")
    found = shown.found
    chosen = replace(found, theirs=conflict_values(found, decision))

    def revision_of(_piece: str, sha256: str) -> Revision:
        if copy := masked_copy(session.assessment, sha256):
            return copy
        if shown.theirs_file is None:
            raise UserError("对方的文件不在工作区里", "请选择保留本方，或请科室重新交回。")
        return replace(shown.theirs_file, added_at=session.workspace.now())

    changes = changes_to(session.assessment, apply_to(values, [chosen]), revision_of)
    changes += marks_off(session.assessment, [chosen] if decision is not Decision.OURS else [])
    changes.append(
        conflict_change(session.assessment, conflict_id, replace(conflict, ours=found.ours, decision=decision))
    )
    changes = with_ledger(session.assessment, changes, session.workspace.now())
    place = found.key.place or "、".join(found.clauses[:3])
    return session.write(f"决定冲突 {place} {found.key.name}：{_DECIDED[decision]}", changes)


def _shown(session: Session, conflict_id: str, conflict: Conflict, values: Values) -> Shown:
    key, held = MergeKey.parse(conflict.key), session.assessment
    theirs = theirs_of(conflict)
    found = Difference(key, conflict.base, _now(key, values), theirs, conflict.clauses, conflict.why)
    piece = held.evidence.get(key.key) if key.kind in (MergeKind.EVIDENCE, MergeKind.LINK) else None
    return Shown(
        conflict_id,
        conflict,
        found,
        piece.current if piece else None,
        revision_in(conflict) or _file_here(held.evidence, found),
        _options(found, piece),
        held.merges.get(conflict.merge),
    )


def _now(key: MergeKey, values: Values) -> Value:
    if key.kind is MergeKind.EVIDENCE and key.field == WHOLE:
        piece = pieces_of(values).get(key.key)
        return piece and piece.value
    return values.get(key)


def _file_here(evidence: Mapping[str, Evidence], found: Difference) -> Revision | None:
    """The file of theirs where it is the one that is here: a title or a link is in question, not the file."""
    piece = evidence.get(found.key.key)
    return piece.current if piece and found.theirs is not None else None


def _options(found: Difference, piece: Evidence | None) -> tuple[Decision, ...]:
    """What can be decided; a part of a piece that is not here any more can only be let go."""
    of_piece = found.key.kind is MergeKind.LINK or (found.key.kind is MergeKind.EVIDENCE and found.key.field != WHOLE)
    return (Decision.OURS,) if of_piece and piece is None else decisions(found)
