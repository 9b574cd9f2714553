"""Packets of departments: made for one that goes out, and for one that is given back."""

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import emrassess
from emrassess.domain.answers import Verdict
from emrassess.domain.assessment import Assessment, Evidence, PacketInfo, Revision, Sender
from emrassess.domain.merge import MergeKind, flatten, values_from_json
from emrassess.domain.merge_values import Piece, cell_row, pieces_of, row_of
from emrassess.domain.pack import Pack
from emrassess.domain.planning import Department, Task, WorkState, checked_deadline
from emrassess.errors import UserError
from emrassess.exchange.packet import evidence_path, write_packet
from emrassess.exchange.packet_format import Earlier, Packet, PacketFile, PacketKind, Values
from emrassess.exchange.sealing import checked_passphrase
from emrassess.services import snapshots
from emrassess.services.checks import check_hospitals
from emrassess.services.departments import find_department
from emrassess.services.incoming import PacketSummary, look_at, open_packet, pack_name, summary_of
from emrassess.services.lineage import Lineage, lineage
from emrassess.services.outgoing import check_outgoing
from emrassess.services.session import Progress, Session
from emrassess.services.trust import identity
from emrassess.storage.changes import Change, task_change

__all__ = ["PacketSummary", "create_packet", "look_at", "open_packet", "return_packet"]


def create_packet(
    session: Session,
    department_id: str,
    out: Path,
    *,
    deadline: str | None = None,
    passphrase: str | None = None,
    sign: bool = True,
    progress: Progress | None = None,
) -> PacketSummary:
    """Write the packet `out` (a zip) with the clauses of a department that are not accepted yet.

    It holds the pack, what has been answered, the evidence of those clauses, and figures of level rows that are wholly
    the department's; of evidence only the revision in force, of the official wording nothing. `deadline`: ISO date;
    None: the first one of its tasks. Nothing changes in the workspace. UserError where there is no such department, it
    has no such clauses, or evidence is missing; else as packages.create_package.
    """
    _check_coordinator(session, "不能再发出任务包")
    check_hospitals(session.assessment, "不能发出任务包")
    if passphrase is not None:
        checked_passphrase(passphrase)
    department = find_department(session, department_id)
    tasks = _open_tasks(session, department)
    packet = _outgoing(session, department, tasks, deadline)
    check_outgoing(session, packet.evidence.keys(), "发出任务包")
    return _write(session, packet, out, passphrase, sign, progress)


def _check_coordinator(session: Session, what: str) -> None:
    if session.assessment.packet is not None:
        raise UserError(f"这里打开的是科室任务包，{what}", "请在发出任务包的评价里做；这里请用“交回”。")


def _open_tasks(session: Session, department: Department) -> dict[str, Task]:
    """The department's tasks that are not accepted, in the standard's order."""
    held = session.assessment.tasks
    theirs = {c: held[c] for c in session.pack.clause_by_id if c in held and held[c].department == department.id}
    if not theirs:
        raise UserError(f"“{department.name}”还没有分派条款", "请先把条款分派给它，再发出任务包。")
    found = {clause: task for clause, task in theirs.items() if task.state is not WorkState.ACCEPTED}
    if not found:
        hint = "要再修改，请先退回修改，或重新分派。"
        raise UserError(f"“{department.name}”的 {len(theirs)} 条都已验收，没有要做的", hint)
    return found


def _outgoing(session: Session, department: Department, tasks: Mapping[str, Task], deadline: str | None) -> Packet:
    held, pack = session.assessment, session.pack
    base = _wholly_theirs(pack, flatten(held, tasks), frozenset(tasks))
    deadlines = [task.deadline for task in tasks.values() if task.deadline]
    people = {task.person for task in tasks.values()}
    return Packet(
        id=uuid.uuid4().hex,
        kind=PacketKind.OUT,
        generator=_generator(),
        made_at=session.workspace.now(),
        sender=Sender(session.user, held.hospital),
        hospital=held.hospital,
        assessment=held.id,
        target=held.target,
        pack=pack_name(pack),
        department=department,
        person=people.pop() if len(people) == 1 else "",
        deadline=min(deadlines, default="") if deadline is None else checked_deadline(deadline),
        clauses=tuple(tasks),
        tasks=tasks,
        base=base,
        now=base,
        evidence=_files(held.evidence, pieces_of(base), lambda _key: True),
    )


def _generator() -> str:
    return f"emrassess {emrassess.__version__}"


def _wholly_theirs(pack: Pack, values: Values, clauses: Collection[str]) -> Values:
    """`values` without the figures of level rows of which others have clauses too: those are for all to agree on."""
    rows = {
        f"{row.item}/{row.level}"
        for item in pack.items
        for row in item.rows
        if all(clause.id in clauses for clause in row.clauses)
    }
    figures = (MergeKind.COVERAGE, MergeKind.QUALITY)
    return {key: value for key, value in values.items() if key.kind not in figures or cell_row(key) in rows}


def _files(
    held: Mapping[str, Evidence], pieces: Mapping[str, Piece], goes: Callable[[str], bool]
) -> dict[str, PacketFile]:
    """The file of each of `pieces`, with a path where `goes` says so or another piece with that file goes; each file
    has one."""
    paths: dict[str, str] = {}
    for key in filter(goes, pieces):
        current = held[key].current
        paths.setdefault(current.sha256, evidence_path(current.sha256, current.file_name))
    return {key: _file(held[key].current, paths) for key in pieces}


def _file(current: Revision, paths: Mapping[str, str]) -> PacketFile:
    path = paths.get(current.sha256, "")
    name = current.file_name
    return PacketFile(current.sha256, name, current.size, current.media_type, current.added_at, path)


def _write(
    session: Session, packet: Packet, out: Path, passphrase: str | None, sign: bool, progress: Progress | None
) -> PacketSummary:
    signer = identity(packet.sender.name, packet.sender.organisation) if sign else None
    pack_files = session.workspace.pack_files() if packet.kind is PacketKind.OUT else {}
    source = session.workspace.evidence_path
    signature = write_packet(packet, pack_files, source, out, progress, signer=signer, passphrase=passphrase)
    return summary_of(packet, signature)


# --- back


def return_packet(
    session: Session,
    out: Path,
    *,
    passphrase: str | None = None,
    sign: bool = True,
    progress: Progress | None = None,
) -> PacketSummary:
    """Write the packet `out` (a zip) with what the department did in this workspace, which was opened from a packet.

    What was answered, and what was asked to be changed and was, counts as submitted. Files that the sender has stay
    out. What is given back is kept as a snapshot, so that a later return tells what is new. UserError where this is no
    packet or evidence is missing; else as packages.create_package.
    """
    info = session.assessment.packet
    if info is None:
        raise UserError("这里打开的不是科室任务包，不能交回", "请打开收到的任务包，填好以后再交回。")
    if passphrase is not None:
        checked_passphrase(passphrase)
    base = values_from_json(info.base)
    told = partial(_told, base)
    before = lineage(session, info.id, told)
    going = _fresh(before.now.values, base, before.earlier)
    check_outgoing(session, going, "交回")
    _hand_in(session, info, base)
    after = lineage(session, info.id, told)
    if after.new:
        snapshots.submit(session, "交回任务包")
    packet = _returning(session, info, base, after, going)
    return _write(session, packet, out, passphrase, sign, progress)


def _returning(session: Session, info: PacketInfo, base: Values, told: Lineage, going: Collection[str]) -> Packet:
    held, now = session.assessment, told.now
    return Packet(
        id=now.id,
        kind=PacketKind.BACK,
        generator=_generator(),
        made_at=session.workspace.now(),
        sender=Sender(session.user, f"{info.hospital} {info.department_name}"),
        hospital=info.hospital,
        assessment=info.assessment,
        target=held.target,
        pack=pack_name(session.pack),
        department=held.departments.get(info.department) or Department(info.department, info.department_name),
        person=info.person,
        deadline=info.deadline,
        clauses=info.clauses,
        tasks={clause: task for clause, task in held.tasks.items() if clause in info.clauses},
        base=base,
        now=now.values,
        evidence=_files(held.evidence, pieces_of(now.values), going.__contains__),
        earlier=told.earlier,
    )


def _fresh(now: Values, base: Values, earlier: Iterable[Earlier]) -> set[str]:
    """The pieces whose file has to go along: new, changed, or not always what they are now.

    Even of one that has another title only: it may be gone on the other side.
    """
    before = [pieces_of(values) for values in (base, *(state.values for state in earlier))]
    return {key for key, piece in pieces_of(now).items() if any(known.get(key) != piece for known in before)}


def _told(base: Values, held: Assessment, earlier: Sequence[Earlier]) -> tuple[Values, list[str]]:
    """What `held` says, and what is submitted. Pieces that prove nothing and that the sender has never seen stay at
    home."""
    values = flatten(held)
    pieces = pieces_of(values)
    seen = {key for known in (base, *(state.values for state in earlier)) for key in pieces_of(known)}
    at_home = {key for key, piece in pieces.items() if not piece.clauses and key not in seen}
    submitted = sorted(clause for clause, task in held.tasks.items() if task.state is WorkState.SUBMITTED)
    return {key: value for key, value in values.items() if key.key not in at_home}, submitted


def _hand_in(session: Session, info: PacketInfo, base: Values) -> None:
    """Mark what is given back as submitted."""
    held = session.assessment
    worked_on = touched_clauses(base, flatten(held), info.clauses)
    changes: list[Change] = []
    for clause in info.clauses:
        task = held.tasks.get(clause)
        if task is None:
            continue
        answered = held.answer(clause).verdict is not Verdict.NOT_ASSESSED
        begun = task.state in (WorkState.ASSIGNED, WorkState.IN_PROGRESS)
        mended = task.state is WorkState.CHANGES_REQUESTED and clause in worked_on
        if (begun and answered) or mended:
            changes.append(task_change(held, clause, replace(task, state=WorkState.SUBMITTED)))
    session.write(f"交回任务包：{len(changes)} 条已提交", changes)


def touched_clauses(before: Values, after: Values, clauses: Iterable[str]) -> set[str]:
    """Those of `clauses` about which the two say something different, be it in a figure of their level row."""
    old, new = pieces_of(before), pieces_of(after)
    found: set[str] = set()
    for key in {**before, **after}:
        if before.get(key) == after.get(key):
            continue
        match key.kind:
            case MergeKind.ANSWER:
                found.add(key.key)
            case MergeKind.LINK:
                found.add(key.field)
            case MergeKind.EVIDENCE:
                found.update(*(pieces[key.key].clauses for pieces in (old, new) if key.key in pieces))
            case _:
                found.add(cell_row(key))
    return {clause for clause in clauses if clause in found or row_of(clause) in found}
