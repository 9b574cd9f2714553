"""Packets that come in: looked at, opened as a workspace of their own, their files taken."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from emrassess.domain.assessment import PacketInfo, Revision, Sender
from emrassess.domain.merge import MergeKind, values_to_json
from emrassess.domain.merge_values import cell_row, photo_clauses
from emrassess.domain.pack import Pack
from emrassess.errors import FileProblems, UserError
from emrassess.exchange.opened import Opened
from emrassess.exchange.packet import KIND_NAMES, OpenPacket, opened_packet
from emrassess.exchange.packet_format import Packet, PacketFile, PacketKind, PackName
from emrassess.exchange.signing import Signature
from emrassess.exchange.tree import Fault, Refused
from emrassess.packs.library import load_files
from emrassess.services.building import building_aside, check_free
from emrassess.services.checks import checked_hospital, checked_target, clean_line
from emrassess.services.media import START_BYTES, media_type, shown_name
from emrassess.services.merge_changes import changes_to
from emrassess.services.session import Progress
from emrassess.services.trust import Standing, judge
from emrassess.storage import opening
from emrassess.storage.changes import department_change, setting_change, task_change
from emrassess.storage.failures import told
from emrassess.storage.workspace import Clock, Store, Workspace, local_now
from emrassess.typed_yaml import is_endless

_PLACE = "data/packet.json"
_MOST_PARTS = 400_000
"""Twenty times as many as the largest pack has."""


@dataclass(frozen=True, slots=True)
class PacketSummary:
    """A packet in short: from whom, for whom, by when, how many.

    `clauses` of it `answered`, and pieces of `evidence`; `files` of those are in the packet. `standing`: what is known
    of who signed it. Of a review file `department` is the review group, `answered` the clauses with an experts'
    verdict, `evidence` the photos.
    """

    kind: PacketKind
    sender: Sender
    hospital: str
    department: str
    person: str
    deadline: str
    made_at: str
    pack: str
    clauses: int
    answered: int
    evidence: int
    files: int
    signature: Signature | None
    standing: Standing


def summary_of(packet: Packet, signature: Signature | None) -> PacketSummary:
    """The packet in short."""
    asked = MergeKind.REVIEW if packet.kind is PacketKind.REVIEW else MergeKind.ANSWER
    verdicts = {k.key for k in packet.now if (k.kind, k.field) == (asked, "verdict")}
    return PacketSummary(
        packet.kind,
        packet.sender,
        packet.hospital,
        packet.department.name,
        packet.person,
        packet.deadline,
        packet.made_at,
        f"{packet.pack.name} {packet.pack.version}",
        len(packet.clauses),
        len(verdicts.intersection(packet.clauses)),
        len(packet.evidence),
        len({file.path for file in packet.evidence.values() if file.path}),
        signature,
        judge(signature),
    )


def look_at(file: Path, passphrase: str | None = None) -> PacketSummary:
    """What a packet says, before it is opened or merged; the contents of its evidence are not looked at yet.

    Refused where it is not trusted; NeedsPassphrase or WrongPassphrase where it is sealed.
    """
    with opened_packet(file, passphrase=passphrase) as found:
        return summary_of(found.packet, found.signature)


def open_packet(
    file: Path,
    folder: Path,
    user: str,
    *,
    passphrase: str | None = None,
    progress: Progress | None = None,
    clock: Clock = local_now,
) -> PacketSummary:
    """Make a workspace in `folder` (new or empty) that holds a packet that was sent out.

    Raises as `look_at`; UserError where the packet is one that came back or the folder cannot be used, StorageError
    where the disk does not take it. Nothing is left behind then, nor after a cancel, nor after a kill a workspace that
    looks whole. `progress` counts bytes.
    """
    folder = folder.absolute()
    check_free(folder)
    with opened_packet(file, passphrase=passphrase) as found:
        packet = found.packet
        if packet.kind is not PacketKind.OUT:
            hint = "请在发出任务包的评价里，用“合并”把它收回来。"
            raise UserError(f"这是{KIND_NAMES[packet.kind]}（{packet.department.name}），不是要打开的", hint)
        files = _pack_of(found)
        with building_aside(folder) as building:
            fresh = opening.create(
                building,
                hospital=checked_hospital(packet.hospital),
                pack_id=packet.pack.id,
                pack_version=packet.pack.version,
                target=packet.target,
                user=clean_line(user),
                clock=clock,
                pack_files=files,
            )
            try:
                _fill(fresh, found, progress)
            finally:
                fresh.close()
        return summary_of(packet, found.signature)


def _pack_of(found: OpenPacket) -> dict[str, bytes]:
    """The files of the pack in the packet, once they make the pack that it names and its content fits to that."""
    files, pack = carried_pack(found)
    if pack_name(pack) != found.packet.pack:
        raise Refused([Fault("data/criteria", "标准包和 packet.json 里写的不同")])
    check_content(found.packet, pack)
    checked_target(pack, found.packet.target)
    return files


def carried_pack(found: Opened) -> tuple[dict[str, bytes], Pack]:
    """The files of the pack in a bag, and the pack that they make; Refused where they make none."""
    files = found.pack_files()
    if is_endless(files.values(), _MOST_PARTS):
        raise Refused([Fault("data/criteria", "标准包的内容太多，不读取")])
    try:
        return files, load_files(files)
    except FileProblems as error:
        raise Refused([Fault("data/criteria", str(problem)) for problem in error.problems]) from None


def check_content(packet: Packet, pack: Pack) -> None:
    """Refused where the packet speaks of clauses or level rows that `pack` has not got."""
    rows = {f"{row.item}/{row.level}" for item in pack.items for row in item.rows}
    clauses = {*packet.clauses, *packet.tasks}
    unknown: set[str] = set()
    for values in (packet.base, packet.now, *(state.values for state in packet.earlier)):
        for key, value in values.items():
            match key.kind:
                case MergeKind.ANSWER | MergeKind.REVIEW:
                    clauses.add(key.key)
                case MergeKind.LINK:
                    clauses.add(key.field)
                case MergeKind.PHOTO:
                    clauses.update(photo_clauses(value))
                case MergeKind.EVIDENCE:
                    pass
                case _ if cell_row(key) not in rows:
                    unknown.add(key.place)
                case _:
                    pass
    unknown |= clauses - pack.clause_by_id.keys()
    if unknown:
        named = "、".join(name[:40] for name in sorted(unknown)[:5])
        raise Refused([Fault(_PLACE, f"标准里没有这样的条款或等级要求：{named}")])
    if outside := packet.tasks.keys() - set(packet.clauses):
        raise Refused([Fault(_PLACE, f"任务不属于这个任务包：{min(outside)}")])


def _fill(fresh: Workspace, found: OpenPacket, progress: Progress | None) -> None:
    packet = found.packet
    with fresh.storing() as store:
        digests = {file.path: file.sha256 for file in packet.evidence.values() if file.path}
        take_files(found, digests, store, progress)
        if missing := [file for file in packet.evidence.values() if not file.path]:
            raise Refused([Fault(_PLACE, f"实证材料“{missing[0].file_name}”不在包里")])

        def revision_of(key: str, _sha256: str) -> Revision:
            return taken_revision(fresh, packet.evidence[key], packet.sender.name)

        empty = fresh.assessment
        changes = [
            *changes_to(empty, packet.now, revision_of),
            department_change(empty, packet.department.id, packet.department),
            *(task_change(empty, clause, task) for clause, task in packet.tasks.items()),
            setting_change(empty, "packet", _info(packet)),
        ]
        fresh.apply(f"打开“{packet.department.name}”的任务包", changes)


def _info(packet: Packet) -> PacketInfo:
    return PacketInfo(
        packet.id,
        packet.assessment,
        packet.department.id,
        packet.department.name,
        packet.person,
        packet.deadline,
        packet.hospital,
        packet.sender,
        packet.clauses,
        values_to_json(packet.base),
    )


def take_files(found: Opened, wanted: Mapping[str, str], store: Store, progress: Progress | None) -> None:
    """Store the evidence files at the paths `wanted`, each held against the SHA-256 there; Refused where one is not
    right.

    Whoever calls drops what was stored then. `progress` counts bytes.
    """
    sizes = found.evidence
    total, before = sum(sizes[path] for path in wanted), 0
    for path, sha256 in wanted.items():

        def report(done: int, _total: int, _name: str, reached: int = before) -> None:
            if progress:
                progress(reached + done, max(total, reached + done), "正在取出实证材料")

        with found.stream(path) as stream:
            stored = store(stream, report)
        if stored.sha256 != sha256:
            raise Refused([Fault(f"data/{path}", "内容和清单不符（sha256 校验值不同）：文件被改动或损坏")])
        before += sizes[path]


def taken_revision(workspace: Workspace, file: PacketFile, who: str) -> Revision:
    """The revision for a file of a packet that the workspace holds; its type is seen from the file itself."""
    name = shown_name(file.file_name)
    with told(workspace.folder), workspace.evidence_path(file.sha256).open("rb") as stream:
        media = media_type(name, stream.read(START_BYTES))
    return Revision(file.sha256, name, file.size, media, file.added_at, clean_line(who))


def pack_name(pack: Pack) -> PackName:
    """The pack as a packet names it."""
    return PackName(pack.id, pack.version, pack.name, pack.digest)
