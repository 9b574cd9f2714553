"""Packets that come back: what merging them would do, the merge itself, and taking it back.

The conflicts that a merge leaves are decided in deciding.py.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from emrassess.domain.assessment import Assessment, Decision, MergeRecord, Revision
from emrassess.domain.ledger import Finding
from emrassess.domain.merge import Merge, fingerprint
from emrassess.domain.review import round_name
from emrassess.errors import Cancelled, LockedError, StorageError, UserError
from emrassess.exchange.packet import OpenPacket, opened_packet
from emrassess.exchange.packet_format import Packet, PacketFile, PacketKind, contains
from emrassess.exchange.sealing import NeedsPassphrase, WrongPassphrase
from emrassess.services.changes import Changes
from emrassess.services.deciding import Shown, conflicts, decide
from emrassess.services.incoming import PacketSummary, check_content, pack_name, summary_of, take_files, taken_revision
from emrassess.services.ledger import with_ledger
from emrassess.services.media import is_picture
from emrassess.services.merge_plan import Judged, changes_of, judge_packet
from emrassess.services.session import Progress, Session
from emrassess.storage.changes import AuditEntry, Change, applied, inverse
from emrassess.storage.values import CODECS, Kind, Value

__all__ = ["MergeOutcome", "MergedFile", "Shown", "conflicts", "decide", "merge", "preview", "undo_merge"]

_PAGE = 100
_NO_PASSPHRASES: Mapping[Path, str] = {}


@dataclass(frozen=True)
class MergedFile:
    """What merging a file would do, or has done.

    `refused`: why it is not merged, "" where it is; `sealed`: for want of the right passphrase. `summary` is None where
    it could not be read. `before`: the merge by which all of it has come already; `merge` then names what still is so.
    `files`: what is known of the evidence files that it names, by SHA-256. `ledger`: the findings that it raises or
    changes, by id, as they are then.
    """

    file: Path
    summary: PacketSummary | None = None
    merge: Merge | None = None
    refused: str = ""
    sealed: bool = False
    before: MergeRecord | None = None
    files: Mapping[str, PacketFile] = field(default_factory=dict)
    ledger: Mapping[str, Finding] = field(default_factory=dict)


@dataclass(frozen=True)
class MergeOutcome:
    """What became of each file, in their order, and the steps that were written. `waiting`: conflicts open now."""

    files: tuple[MergedFile, ...]
    changes: tuple[Changes, ...]
    waiting: int


def preview(
    session: Session,
    files: Sequence[Path],
    passphrases: Mapping[Path, str] = _NO_PASSPHRASES,
    *,
    reviews_only: bool = False,
) -> tuple[MergedFile, ...]:
    """What merging `files`, one after the other, would do. Nothing is written, and no evidence read.

    `passphrases` of those that are sealed; `reviews_only`: what is no review file is refused. UserError where the
    session's workspace is a packet itself.
    """
    _check_coordinator(session)
    assessment = session.assessment

    def simulate(found: OpenPacket) -> Judged:
        nonlocal assessment
        _check_kind(found.packet, reviews_only)
        judged = _judged(session, assessment, found)

        def announced(piece: str, _sha256: str) -> Revision:
            file = judged.file(piece)
            return Revision(file.sha256, file.file_name, file.size, file.media_type, file.added_at, "")

        changes = _changes(session, assessment, judged, Decision.OPEN, announced)
        assessment = applied(assessment, [change for change in changes if change.before != change.after])
        return judged

    return tuple(_with_ledger(_each(files, passphrases, simulate), lambda: assessment.findings))


def merge(
    session: Session,
    files: Sequence[Path],
    *,
    prefer: Decision = Decision.OPEN,
    passphrases: Mapping[Path, str] = _NO_PASSPHRASES,
    reviews_only: bool = False,
    progress: Progress | None = None,
) -> MergeOutcome:
    """Merge `files` one after the other, each in one step that undo takes back, also after a restart (`undo_merge`).

    What only they changed is taken; what both sides changed becomes a conflict that waits, unless `prefer` decides it
    for OURS or THEIRS; but what is accepted or masked here, or others need too, is never given up unasked. A packet
    that was merged before changes nothing; one that is refused, as with `reviews_only` whatever is no review file, is
    told in the outcome and keeps no other back. `progress` counts the bytes of a file's evidence. StorageError where
    the disk does not take it, Cancelled: what was merged before stays, of this packet nothing is left.
    """
    _check_coordinator(session)
    written: list[Changes] = []

    def take(found: OpenPacket) -> Judged:
        _check_kind(found.packet, reviews_only)
        judged = _judged(session, session.assessment, found)
        if not judged.before:
            written.append(_merge_one(session, found, judged, prefer, progress))
        return judged

    told = tuple(_with_ledger(_each(files, passphrases, take), lambda: session.assessment.findings))
    waiting = sum(conflict.decision is Decision.OPEN for conflict in session.assessment.conflicts.values())
    return MergeOutcome(told, tuple(written), waiting)


def _merge_one(
    session: Session, found: OpenPacket, judged: Judged, prefer: Decision, progress: Progress | None
) -> Changes:
    workspace, packet = session.workspace, judged.packet
    wanted = {file.path: file.sha256 for file in judged.needed.values() if file.path}
    with workspace.storing() as store:
        take_files(found, wanted, store, progress)
        found.check(found.evidence.keys() - wanted, progress)

        def stored(piece: str, _sha256: str) -> Revision:
            found = taken_revision(workspace, judged.file(piece), packet.department.name)
            if packet.kind is PacketKind.REVIEW and not is_picture(workspace.evidence_path(found.sha256)):
                raise UserError(f"照片“{found.file_name}”不是图片，没有导入", "请专家换成 JPG、PNG 等图片，重新导出。")
            return found

        changes = _changes(session, session.assessment, judged, prefer, stored)
        taken, conflicts = len(judged.found.taken), len(judged.found.conflicts)
        what = f"采用 {taken} 处" + (f"，冲突 {conflicts} 处" if conflicts else "")
        name = packet.department.name
        review = packet.kind is PacketKind.REVIEW
        label = f"导入“{name}”的核查结果" if review else f"合并“{name}”的任务包"
        return session.write(f"{label}：{what}", changes)


def _check_coordinator(session: Session) -> None:
    if session.assessment.packet is not None:
        raise UserError("这里打开的是科室任务包，不能合并", "请打开发出任务包的评价，在那里合并。")


def _each(
    files: Iterable[Path], passphrases: Mapping[Path, str], work: Callable[[OpenPacket], Judged]
) -> Iterator[MergedFile]:
    """Every file with what `work` made of it; what is wrong with one is told and does not end it."""
    for file in files:
        summary = None
        try:
            with opened_packet(file, passphrase=passphrases.get(file)) as found:
                summary = summary_of(found.packet, found.signature)
                judged = work(found)
        except (Cancelled, StorageError, LockedError):
            raise
        except UserError as error:
            sealed = isinstance(error, NeedsPassphrase | WrongPassphrase)
            yield MergedFile(file, summary, refused=str(error), sealed=sealed)
        else:
            known = {held.sha256: held for held in judged.packet.evidence.values()}
            yield MergedFile(file, summary, judged.found, before=judged.before, files=known)


def _with_ledger(files: Iterable[MergedFile], findings: Callable[[], Mapping[str, Finding]]) -> Iterator[MergedFile]:
    """Every one of `files` with what it made of the ledger; `findings` gives it as it is after each."""
    held = findings()
    for file in files:
        now = findings()
        yield replace(file, ledger={key: finding for key, finding in now.items() if finding != held.get(key)})
        held = now


def _check_kind(packet: Packet, reviews_only: bool) -> None:
    if reviews_only and packet.kind is not PacketKind.REVIEW:
        message = f"这是科室任务包（{packet.department.name}），不是专家的核查结果"
        raise UserError(message, "科室交回的任务包请在“任务与合并”页合并（packet merge）。")


def _judged(session: Session, assessment: Assessment, found: OpenPacket) -> Judged:
    """What the packet means for `assessment`; UserError where it is none for it."""
    packet = found.packet
    if packet.kind is PacketKind.OUT:
        raise UserError("这是发给科室的任务包，里面没有科室填的内容", "请用“打开任务包”打开它，填好、交回以后再合并。")
    if packet.kind is PacketKind.REVIEW:
        _check_review(assessment, packet)
    elif packet.assessment != assessment.id:
        message = f"这个任务包（{packet.hospital} {packet.department.name}）属于另一份评价"
        raise UserError(message, "请打开发出它的那个工作区，在那里合并；按新版标准另建的工作区也是另一份评价。")
    if packet.pack.digest != session.pack.digest:
        told, own = packet.pack, pack_name(session.pack)
        message = f"{_what(packet)}用的标准包是 {told.id} {told.version}，和这里的 {own.id} {own.version} 不是同一版"
        review = packet.kind is PacketKind.REVIEW
        hint = "请专家打开按这一版标准导出的材料包，重新核查。" if review else "请向科室另发一份任务包。"
        raise UserError(message, hint)
    check_content(packet, session.pack)
    judged = judge_packet(assessment, packet)
    for file in judged.needed.values():
        held = session.workspace.evidence_path(file.sha256)
        if not file.path and not held.is_file():
            raise UserError(f"“{file.file_name}”不在{_what(packet)}里，这里也没有", "请对方重新交一次。")
        if not file.path and held.stat().st_size != file.size:
            raise UserError(f"“{file.file_name}”的大小和这里的文件不同", "请对方重新交一次。")
    return judged


def _what(packet: Packet) -> str:
    return "核查结果" if packet.kind is PacketKind.REVIEW else "任务包"


def _check_review(assessment: Assessment, packet: Packet) -> None:
    """UserError where the experts did not look at this assessment, or not in this round."""
    review = assessment.review
    told = f"这是{packet.hospital}的核查结果（{packet.department.name}，{round_name(packet.round)}）"
    if packet.assessment != (review.assessment if review else assessment.id):
        if packet.hospital != assessment.hospital:
            raise UserError(f"{told}，这里是{assessment.hospital}", "请打开那家医院的工作区，在那里导入。")
        message = f"{told}，属于同一家医院的另一轮评价"
        raise UserError(message, "请打开导出那份材料包的工作区，在那里导入。")
    if packet.round != assessment.current_round:
        message = f"{told}，这里进行的是{round_name(assessment.current_round)}"
        raise UserError(message, "请找专家要这一轮的核查结果；另一轮的结果要导入当时的工作区。")


def _changes(
    session: Session,
    assessment: Assessment,
    judged: Judged,
    prefer: Decision,
    revision_of: Callable[[str, str], Revision],
) -> list[Change]:
    merge_id, now = _merge_id(session, assessment, judged.packet), session.workspace.now()
    return with_ledger(
        assessment, changes_of(assessment, judged, merge_id, now, session.user, prefer, revision_of), now
    )


def _merge_id(session: Session, assessment: Assessment, packet: Packet) -> str:
    """The time in milliseconds, always above those there are, so that ids ascend; then a part of the packet's."""
    newest = max(assessment.merges, default="")
    now = int(session.workspace.clock().timestamp() * 1000)
    serial = max(now, int(newest[:12], 16) + 1 if newest else 0)
    return f"{serial:012x}{fingerprint(packet.id)[:12]}"


# --- taken back


def undo_merge(session: Session, merge_id: str) -> Changes:
    """Take a merge back as a whole, also after a restart; it is a step of its own, which undo takes back.

    UserError naming what has been changed since, or where a later return of the same work was merged on top of it.
    """
    record = session.assessment.merges.get(merge_id)
    if record is None:
        raise UserError("这次合并已经不在了", "它可能刚被撤销，请刷新后再看。")
    for other in session.assessment.merges.values():
        if other is not record and contains(other.packet, record.packet):
            raise UserError(f"同一科室较晚交回的任务包（{other.at}）合并在它上面", "请先撤销较晚的那一次合并。")
    entry = _entry_of(session, merge_id)
    changes: list[Change] = []
    stale: list[str] = []
    for change in inverse(entry.changes):
        held = _held(session.assessment, change)
        if held == change.before or _is_decided_for_ours(change, held):
            changes.append(Change(change.kind, change.key, held, change.after))
        else:
            stale.append(_named(change))
    if stale:
        shown = "、".join(stale[:8]) + (f" 等 {len(stale)} 处" if len(stale) > 8 else "")
        raise UserError(
            f"合并之后又改过，不能整个撤销：{shown}", "请先把这些改动撤销，或者不撤销合并，直接修改这些内容。"
        )
    return session.write(f"撤销：{entry.label}", changes)


def _entry_of(session: Session, merge_id: str) -> AuditEntry:
    """The newest entry of the audit trail that made the merge."""
    before: int | None = None
    while page := session.workspace.audit(_PAGE, before):
        for entry in page:
            if any(c.kind is Kind.MERGE and c.key == merge_id and c.after is not None for c in entry.changes):
                return entry
        before = page[-1].id
    raise StorageError("修改记录里没有这次合并", "请从备份恢复，或直接修改内容。")


def _held(assessment: Assessment, change: Change) -> Value:
    """What the assessment holds where `change` would write, as JSON data."""
    codec = CODECS[change.kind]
    held = getattr(assessment, codec.field).get(codec.place(change.key))
    return None if held is None else codec.encode(held)


def _is_decided_for_ours(change: Change, held: Value) -> bool:
    """Whether all that differs is a conflict decided for what was here: nothing has come of it."""
    return change.kind is Kind.CONFLICT and held is not None and held["decision"] == Decision.OURS


def _named(change: Change) -> str:
    """What a change is about, in Chinese."""
    match change.kind:
        case Kind.TASK:
            return f"{change.key} 的任务状态"
        case Kind.EVIDENCE:
            told = change.before or change.after
            return f"实证材料“{told['title'] or told['revisions'][-1]['file_name']}”"
        case Kind.CONFLICT:
            told = change.before or change.after
            return f"{'、'.join(told['clauses'][:3]) or '材料'} 的冲突决定"
        case Kind.RECHECK:
            return f"{change.key} 的待确认标记"
        case _:
            return change.key
