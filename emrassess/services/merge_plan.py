"""What merging a packet into an assessment would do: judged first, then as the changes to be saved. Nothing is read or
written here but values, so that a preview and the merge itself say the same."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from emrassess.domain.assessment import Assessment, Conflict, Decision, MergeRecord, Revision
from emrassess.domain.merge import (
    WHOLE,
    Difference,
    Merge,
    MergeKey,
    MergeKind,
    Value,
    Why,
    apply_to,
    decisions,
    fingerprint,
    merge,
)
from emrassess.domain.merge_values import photo_file
from emrassess.domain.planning import Task, WorkState, accepted_clauses
from emrassess.domain.review_values import everything
from emrassess.exchange.packet_format import Packet, PacketFile, Values, contains, went_out
from emrassess.services.merge_changes import RevisionOf, changes_to
from emrassess.services.packets import touched_clauses
from emrassess.storage.changes import (
    Change,
    conflict_change,
    merge_change,
    recheck_change,
    task_change,
)

_REVISION = "revision"
"""Beside the file of a conflict's theirs: what is to be known of the file once it is decided for."""


@dataclass(frozen=True)
class Judged:
    """What a packet brings, and what becomes of the conflicts that are open.

    `before`: the merge by which all of it has come already. `base`: what was taken for the common past.
    `outdated`: open conflicts of earlier returns that this one puts an end to.
    """

    found: Merge
    packet: Packet
    base: Values
    before: MergeRecord | None = None
    outdated: tuple[str, ...] = ()

    def file(self, piece: str) -> PacketFile:
        """The file of a piece, by the id that it has here."""
        theirs = {ours: there for there, ours in self.found.ids.items()}
        return self.packet.evidence[theirs.get(piece, piece)]

    @property
    def needed(self) -> dict[str, PacketFile]:
        """The files that have to be here for what is taken, and for what is to be decided, by digest."""
        found: dict[str, PacketFile] = {}
        for difference in (*self.found.taken, *self.found.conflicts):
            if sha256 := file_of(difference.key, difference.theirs):
                file = self.file(difference.key.key)
                # The masked copy that stands for it is here.
                if file.sha256 == sha256:
                    found[sha256] = file
        return found


def file_of(key: MergeKey, value: Value) -> str:
    """The digest of the file that a value names; "" where it names none."""
    if key.kind is MergeKind.PHOTO and value is not None:
        return photo_file(value)
    if key.kind is not MergeKind.EVIDENCE or value is None:
        return ""
    return value["file"] if key.field == WHOLE else value if key.field == "file" else ""


# --- judging


def judge_packet(assessment: Assessment, packet: Packet) -> Judged:
    """What `packet`, which came back, means for `assessment`."""
    for record in assessment.merges.values():
        if contains(record.packet, packet.id):
            return Judged(_already(assessment, packet), packet, packet.now, before=record)
    base = _common_past(assessment, packet)
    reopened = _reopened(assessment, packet)
    # What was brought before and never decided is not common ground yet.
    base = apply_to(base, [Difference(parsed(c), None, None, c.base) for c in reopened.values()])
    decided = {_mark(c) for c in assessment.conflicts.values() if _binds(assessment, c, packet)}
    guarded = accepted_clauses(assessment.tasks)
    masked = _masked(assessment)
    ours = everything(assessment)
    found = merge(base, ours, packet.now, packet.clauses, guarded, decided, packet.sender.name, masked)
    waiting = {_mark(c) for c in assessment.conflicts.values() if c.decision is Decision.OPEN}
    again = {(d.key, fingerprint(d.theirs)) for d in found.conflicts}
    fresh = tuple(d for d in found.conflicts if (d.key, fingerprint(d.theirs)) not in waiting)
    outdated = tuple(key for key, conflict in reopened.items() if _mark(conflict) not in again)
    return Judged(replace(found, conflicts=fresh), packet, base, outdated=outdated)


def _already(assessment: Assessment, packet: Packet) -> Merge:
    """Of what the packet brought when it was merged, that which still is so here."""
    found = merge(packet.base, everything(assessment), packet.now, packet.clauses, masked=_masked(assessment))
    return Merge((), found.same, (), (), (), found.ids)


def _common_past(assessment: Assessment, packet: Packet) -> Values:
    """What both sides last had in common: the newest of their returns that was merged here, else what went out."""
    merged = {record.packet for record in assessment.merges.values()}
    known = (state.values for state in reversed(packet.earlier) if state.id in merged)
    return next(known, packet.base)


def _reopened(assessment: Assessment, packet: Packet) -> dict[str, Conflict]:
    """The open conflicts that earlier returns of the same work brought: this one says anew what they want."""
    return {
        key: conflict
        for key, conflict in assessment.conflicts.items()
        if conflict.decision is Decision.OPEN
        and (record := assessment.merges.get(conflict.merge)) is not None
        and contains(packet.id, record.packet)
    }


def _binds(assessment: Assessment, conflict: Conflict, packet: Packet) -> bool:
    """Whether what a person decided about `conflict` holds for the packet too.

    It does for copies of the same packet that went out. Whoever went on from what was decided, or got another packet
    since, means it anew.
    """
    record = assessment.merges.get(conflict.merge)
    if conflict.decision is Decision.OPEN or record is None:
        return False
    return went_out(record.packet) == went_out(packet.id) and not contains(packet.id, record.packet)


def parsed(conflict: Conflict) -> MergeKey:
    """The key of a conflict."""
    return MergeKey.parse(conflict.key)


def _mark(conflict: Conflict) -> tuple[MergeKey, str]:
    return parsed(conflict), fingerprint(theirs_of(conflict))


# --- masked pictures


def _masked(assessment: Assessment) -> dict[str, str]:
    """The pieces that show a masked copy, with the file that it was made from."""
    pieces = assessment.evidence.values()
    return {piece.id: piece.current.masked_from for piece in pieces if piece.current.masked_from}


def masked_copy(assessment: Assessment, sha256: str) -> Revision | None:
    """The masked copy of that digest, as some piece here has it; None where there is none."""
    revisions = (revision for piece in assessment.evidence.values() for revision in piece.revisions)
    return next((revision for revision in revisions if revision.sha256 == sha256 and revision.masked_from), None)


# --- conflicts with files


def theirs_of(conflict: Conflict) -> Value:
    """What they want, as a value of a merge."""
    theirs = conflict.theirs
    if not isinstance(theirs, dict) or _REVISION not in theirs:
        return theirs
    plain = {name: value for name, value in theirs.items() if name != _REVISION}
    return plain if parsed(conflict).field == WHOLE else plain["file"]


def revision_in(conflict: Conflict) -> Revision | None:
    """The file that comes with what they want; None where none does."""
    theirs = conflict.theirs
    if not isinstance(theirs, dict) or _REVISION not in theirs:
        return None
    return Revision(sha256=theirs["file"], **theirs[_REVISION])


def _kept(difference: Difference, revision_of: RevisionOf) -> Value:
    """What they want as a conflict keeps it: with what is to be known of its file."""
    sha256 = file_of(difference.key, difference.theirs)
    if not sha256:
        return difference.theirs
    revision = revision_of(difference.key.key, sha256)
    known = ("file_name", "size", "media_type", "added_at", "added_by")
    plain = difference.theirs if difference.key.field == WHOLE else {"file": sha256}
    return {**plain, _REVISION: {name: getattr(revision, name) for name in known}}


# --- what it comes to


def prefers(difference: Difference, prefer: Decision) -> Decision:
    """What `prefer` makes of a conflict at once: theirs never of what is accepted, others need too, or is masked."""
    protected = prefer is Decision.THEIRS and difference.why in (Why.ACCEPTED, Why.SHARED, Why.MASKED)
    return Decision.OPEN if protected or prefer not in decisions(difference) else prefer


def changes_of(
    assessment: Assessment, judged: Judged, merge_id: str, at: str, by: str, prefer: Decision, revision_of: RevisionOf
) -> list[Change]:
    """The changes by which `judged` is merged as `merge_id`; none where all of it has come before."""
    if judged.before:
        return []

    def revision(piece: str, sha256: str) -> Revision:
        return masked_copy(assessment, sha256) or revision_of(piece, sha256)

    found, packet = judged.found, judged.packet
    settled = [(difference, prefers(difference, prefer)) for difference in found.conflicts]
    taken = [*found.taken, *(difference for difference, decision in settled if decision is Decision.THEIRS)]
    wanted = apply_to(everything(assessment), taken)
    counts = {name: len(getattr(found, name)) for name in ("taken", "same", "conflicts", "settled", "ignored")}
    record = MergeRecord(at, by, packet.id, packet.department.id, packet.sender, counts)
    return [
        *changes_to(assessment, wanted, revision),
        *marks_off(assessment, taken),
        *_task_changes(assessment, judged),
        *(conflict_change(assessment, key, None) for key in judged.outdated),
        *(
            conflict_change(assessment, f"{merge_id}-{n:05d}", _conflict(merge_id, difference, decision, revision))
            for n, (difference, decision) in enumerate(settled, 1)
        ),
        merge_change(assessment, merge_id, record),
    ]


def _conflict(merge_id: str, found: Difference, decision: Decision, revision_of: RevisionOf) -> Conflict:
    theirs = _kept(found, revision_of)
    return Conflict(merge_id, found.key.text, found.base, found.ours, theirs, found.clauses, found.why, decision)


def marks_off(assessment: Assessment, taken: Iterable[Difference]) -> list[Change]:
    """The changes that take away the marks for another look of clauses that got another verdict."""
    verdicts = {d.key.key for d in taken if (d.key.kind, d.key.field) == (MergeKind.ANSWER, "verdict")}
    return [recheck_change(assessment, clause, None) for clause in assessment.rechecks if clause in verdicts]


def _task_changes(assessment: Assessment, judged: Judged) -> list[Change]:
    """What the department says of its tasks; those that were given to others meanwhile stay theirs."""
    packet = judged.packet
    worked_on = touched_clauses(judged.base, packet.now, packet.clauses)
    changes: list[Change] = []
    for clause, told in packet.tasks.items():
        task = assessment.tasks.get(clause)
        if task is not None and task.department == packet.department.id:
            state = _reached(task, told.state, clause in worked_on)
            changes.append(task_change(assessment, clause, replace(task, state=state)))
    return changes


def _reached(task: Task, told: WorkState, worked_on: bool) -> WorkState:
    begun = (WorkState.ASSIGNED, WorkState.IN_PROGRESS)
    if told is WorkState.SUBMITTED:
        # What was asked to be changed is not submitted anew by a packet that says nothing new of it.
        mended = task.state is WorkState.CHANGES_REQUESTED and worked_on
        return told if task.state in begun or mended else task.state
    return told if told is WorkState.IN_PROGRESS and task.state is WorkState.ASSIGNED else task.state
