"""Review files: what the experts of a group found, for their colleagues and for the hospital.

They are merged as packets are (merging.py); in the hospital's own workspace the ledger follows.
"""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import emrassess
from emrassess.domain.assessment import Assessment, MergeRecord, Sender
from emrassess.domain.merge import MergeKind, values_from_json
from emrassess.domain.merge_values import photo_clauses
from emrassess.domain.pack import Pack, ReviewGroup
from emrassess.domain.planning import Department
from emrassess.domain.review import ROUND_ONE, round_name
from emrassess.domain.review_values import flatten_reviews
from emrassess.errors import UserError
from emrassess.exchange.packet import evidence_path, write_packet
from emrassess.exchange.packet_format import Earlier, Packet, PacketFile, PacketKind, Values, went_out
from emrassess.exchange.sealing import checked_passphrase
from emrassess.services import snapshots
from emrassess.services.incoming import PacketSummary, pack_name, summary_of
from emrassess.services.lineage import Lineage, lineage
from emrassess.services.reviewing import expert_review, find_group
from emrassess.services.session import Progress, Session
from emrassess.services.trust import identity

_DASH = "-"
"""In the id of a review file, between that of the workspace and the group; no other packet's id has it."""


def export_review(
    session: Session,
    group_code: str,
    out: Path,
    *,
    passphrase: str | None = None,
    sign: bool = True,
    progress: Progress | None = None,
) -> PacketSummary:
    """Write the review file `out` (a zip) with what is said about the items of a review group, and the photos.

    It is signed in the expert's name, and read back. What goes out is kept as a snapshot, so that a later one tells
    what is new. UserError where this is no expert's workspace, there is no such group, nothing is said yet in
    this visit or a photo is missing; else as packages.create_package.
    """
    review = expert_review(session)
    group = find_group(session, group_code)
    if passphrase is not None:
        checked_passphrase(passphrase)
    clauses = clauses_of_group(session.pack, group)
    told = partial(_told, clauses)
    found = lineage(session, f"{review.id}{_DASH}{group.code}", told)
    packet = _packet(session, group, clauses, found)
    if packet.now == packet.base:
        when = "" if review.round == ROUND_ONE else f"在{round_name(review.round)}中"
        raise UserError(f"“{group.name}”{when}还没有核查意见", "请先在“专家核查”里写下至少一条，再导出。")
    _check_photos(session, packet.now)
    if found.new:
        snapshots.submit(session, f"导出“{group.name}”的核查结果")
    signer = identity(packet.sender.name, packet.sender.organisation) if sign else None
    source = session.workspace.evidence_path
    signature = write_packet(packet, {}, source, out, progress, signer=signer, passphrase=passphrase)
    return summary_of(packet, signature)


def clauses_of_group(pack: Pack, group: ReviewGroup) -> tuple[str, ...]:
    """All clauses of the group's items, in the pack's order."""
    items = frozenset(group.items)
    rows = (row for item in pack.items if item.code in items for row in item.rows)
    return tuple(clause.id for row in rows for clause in row.clauses)


def is_review(record: MergeRecord) -> bool:
    """Whether what was merged was a review file: its id begins with that of the experts' workspace and the group."""
    return _DASH in went_out(record.packet)


def _told(clauses: Sequence[str], held: Assessment, _earlier: Sequence[Earlier]) -> tuple[Values, None]:
    return flatten_reviews(held, clauses), None


def _packet(session: Session, group: ReviewGroup, clauses: tuple[str, ...], found: Lineage) -> Packet:
    held, review = session.assessment, expert_review(session)
    scope = frozenset(clauses)
    base = {key: value for key, value in values_from_json(review.base).items() if key.key in scope}
    experts = dict.fromkeys(o.by for c, o in held.opinions.items() if c in scope and o.by)
    return Packet(
        id=found.now.id,
        kind=PacketKind.REVIEW,
        generator=f"emrassess {emrassess.__version__}",
        made_at=session.workspace.now(),
        sender=Sender(review.expert, group.name),
        hospital=review.hospital,
        assessment=review.assessment,
        target=held.target,
        pack=pack_name(session.pack),
        department=Department(group.code, group.name, tuple(experts)),
        person=review.expert,
        deadline="",
        clauses=clauses,
        tasks={},
        base=base,
        now=found.now.values,
        evidence=_files(held, found.now.values),
        earlier=found.earlier,
        round=review.round,
    )


def _files(held: Assessment, values: Values) -> dict[str, PacketFile]:
    """The file of each photo; all go along, for nobody knows who has them already. Equal files share a path."""
    found: dict[str, PacketFile] = {}
    paths: dict[str, str] = {}
    for key in values:
        if key.kind is MergeKind.PHOTO:
            photo = held.photos[key.key]
            path = paths.setdefault(photo.sha256, evidence_path(photo.sha256, photo.file_name))
            found[key.key] = PacketFile(
                photo.sha256, photo.file_name, photo.size, photo.media_type, photo.added_at, path
            )
    return found


def _check_photos(session: Session, values: Values) -> None:
    """UserError, of all photos together, whose file is not there or not whole."""
    lost: list[str] = []
    for key, value in values.items():
        if key.kind is MergeKind.PHOTO:
            photo = session.assessment.photos[key.key]
            try:
                whole = session.workspace.evidence_path(photo.sha256).stat().st_size == photo.size
            except OSError:
                whole = False
            if not whole:
                lost.append(f"{photo.file_name}（{photo_clauses(value)[0]}）")
    if lost:
        raise UserError(
            f"{len(lost)} 张照片的文件不在工作区里：{'、'.join(lost[:5])}", "请重新添加，或删除这些照片，再导出。"
        )
