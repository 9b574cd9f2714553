"""Evidence: add, describe, link to clauses, replace with the earlier revision kept, remove."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from emrassess.domain.assessment import Evidence, EvidenceKind, Revision, with_clauses
from emrassess.domain.ledger import FINDING_STATE_NAMES
from emrassess.errors import UserError
from emrassess.services.changes import Changes
from emrassess.services.checks import clean_line, known_clauses
from emrassess.services.media import kind_of
from emrassess.services.session import Progress, Session
from emrassess.services.taking import Meter, Serial, size_of, take
from emrassess.services.tasks import begun
from emrassess.storage.changes import Change, evidence_change
from emrassess.storage.workspace import Store


@dataclass(frozen=True)
class NewEvidence:
    """A piece to be added: a file, or bytes such as a pasted screenshot. `kind` None: guessed from the file.

    `captured_at`: when the picture was taken or the figures were drawn, as the user writes it; never guessed.
    """

    source: Path | bytes
    file_name: str
    title: str = ""
    kind: EvidenceKind | None = None
    source_system: str = ""
    captured_at: str = ""


def add_evidence(
    session: Session, pieces: Sequence[NewEvidence], clauses: Sequence[str], progress: Progress | None = None
) -> Changes:
    """Add `pieces` as evidence of `clauses`, all or none, in one step.

    A file that is some evidence's current one already, or its original before masking, is not added again: that piece
    is linked to the clauses. `progress` counts bytes. UserError where a file cannot be read, StorageError where the
    disk does not take it.
    """
    linked = known_clauses(session.pack, clauses)
    with session.workspace.storing() as store:
        added, changes = taken_in(session, store, pieces, linked, progress)
        return session.write(_added_label(added, linked), changes)


def taken_in(
    session: Session, store: Store, pieces: Sequence[NewEvidence], clauses: Sequence[str], progress: Progress | None
) -> tuple[list[Evidence], list[Change]]:
    """The files stored, as the pieces that they are now, and the changes that make them evidence of `clauses`."""
    meter = Meter(progress, sum(size_of(new.source) for new in pieces))
    known = {name: piece for piece in session.assessment.evidence.values() for name in _as_file(piece)}
    added: dict[str, Evidence] = {}
    serial = Serial(session, session.assessment.evidence)
    for new in pieces:
        revision, _ = take(session, store, new.source, new.file_name, meter)
        piece = known.get(revision.sha256) or _new_piece(serial.next(revision.sha256), new, revision)
        piece = with_clauses(piece, (*piece.clauses, *clauses))
        known[revision.sha256] = added[piece.id] = piece
    changes = [evidence_change(session.assessment, piece.id, piece) for piece in added.values()]
    begins = begun(session, clauses) if any(change.before != change.after for change in changes) else []
    return list(added.values()), [*changes, *begins]


def _new_piece(evidence_id: str, new: NewEvidence, revision: Revision) -> Evidence:
    return Evidence(
        evidence_id,
        clean_line(new.title),
        new.kind or kind_of(revision.media_type, revision.file_name),
        clean_line(new.source_system),
        clean_line(new.captured_at),
        (revision,),
    )


def _added_label(pieces: Iterable[Evidence], clauses: Sequence[str]) -> str:
    named = [quoted(piece) for piece in pieces]
    what = named[0] if len(named) == 1 else f"{len(named)} 件实证材料"
    where = f"到 {clauses[0]}" if len(clauses) == 1 else f"到 {len(clauses)} 条" if clauses else ""
    return f"添加{what}{where}"


def edit_evidence(
    session: Session,
    evidence_id: str,
    *,
    title: str | None = None,
    kind: EvidenceKind | None = None,
    source_system: str | None = None,
    captured_at: str | None = None,
) -> Changes:
    """Describe a piece; what is None stays as it is."""
    piece = find_piece(session, evidence_id)
    edited = replace(
        piece,
        title=piece.title if title is None else clean_line(title),
        kind=piece.kind if kind is None else kind,
        source_system=piece.source_system if source_system is None else clean_line(source_system),
        captured_at=piece.captured_at if captured_at is None else clean_line(captured_at),
    )
    return _write(session, f"修改{quoted(edited)}的说明", edited)


def link_evidence(session: Session, evidence_id: str, clauses: Sequence[str]) -> Changes:
    """Let a piece prove `clauses` too."""
    piece = find_piece(session, evidence_id)
    linked = known_clauses(session.pack, clauses)
    what = linked[0] if len(linked) == 1 else f"{len(linked)} 条"
    begins = begun(session, (clause for clause in linked if clause not in piece.clauses))
    wider = with_clauses(piece, (*piece.clauses, *linked))
    return _write(session, f"关联{quoted(piece)}到 {what}", wider, begins)


def unlink_evidence(session: Session, evidence_id: str, clause: str) -> Changes:
    """Let a piece prove `clause` no more; the piece stays, even where nothing uses it any more.

    UserError where it proves that a finding about the clause is mended.
    """
    piece = find_piece(session, evidence_id)
    _check_no_proof(session, piece, clause)
    left = tuple(c for c in piece.clauses if c != clause)
    return _write(session, f"取消{quoted(piece)}与 {clause} 的关联", with_clauses(piece, left))


def replace_evidence(
    session: Session, evidence_id: str, source: Path | bytes, file_name: str, progress: Progress | None = None
) -> Changes:
    """Put another file in force for a piece; the earlier ones stay as its revisions.

    The same file as the one in force, or its original before masking, is put back where that was missing or damaged,
    and else refused with a UserError, as is the original of another masked picture. `progress` counts bytes.
    """
    piece = find_piece(session, evidence_id)
    meter = Meter(progress, size_of(source))
    with session.workspace.storing() as store:
        revision, placed = take(session, store, source, file_name, meter)
        if placed and revision.sha256 in _as_file(piece):
            put_back = session.report(f"恢复{quoted(piece)}的文件", [])
            return replace(put_back, evidence=frozenset((piece.id,)), clauses=frozenset(piece.clauses))
        if revision.sha256 == piece.current.sha256:
            raise UserError(
                f"新文件“{revision.file_name}”与现有的内容完全相同，没有替换", "请确认选的是新截取或新导出的文件。"
            )
        for masked in session.assessment.evidence.values():
            if revision.sha256 == masked.current.masked_from:
                raise UserError(
                    f"新文件“{revision.file_name}”是{quoted(masked)}遮盖前的原图，没有替换",
                    "要让原图重新对外，请打开它的“遮盖”，选“恢复原图”。",
                )
        return _write(session, f"替换{quoted(piece)}的文件", replace(piece, revisions=(*piece.revisions, revision)))


def remove_evidence(session: Session, evidence_id: str) -> Changes:
    """Remove a piece that no clause and no finding uses; UserError says where it is used. Undo brings it back."""
    piece = find_piece(session, evidence_id)
    if piece.clauses:
        shown = "、".join(piece.clauses[:8]) + (f" 等 {len(piece.clauses)} 条" if len(piece.clauses) > 8 else "")
        raise UserError(f"{quoted(piece)}还在使用：{shown}", "请先在这些条款下取消关联，再删除。")
    _check_no_proof(session, piece)
    change = evidence_change(session.assessment, evidence_id, None)
    return session.write(f"删除{quoted(piece)}", [change])


def _check_no_proof(session: Session, piece: Evidence, clause: str | None = None) -> None:
    """UserError where `piece` proves that a finding (about `clause`, or any) is mended."""
    findings = session.assessment.findings.values()
    proven = [f for f in findings if piece.id in f.after and clause in (None, f.clause)]
    if proven:
        shown = "、".join(dict.fromkeys(f"{f.clause}（{FINDING_STATE_NAMES[f.state]}）" for f in proven[:8]))
        settled = any(f.is_settled for f in proven)
        hint = (
            "已报完成或已销号的，要先退回整改，再在整改台账里取下这件材料。" if settled else "请先在整改台账里取下它。"
        )
        raise UserError(f"{quoted(piece)}是整改后的材料：{shown}", hint)


def missing_files(session: Session) -> tuple[Evidence, ...]:
    """Pieces whose current file is not in the workspace's folder, or not whole: it was taken away from outside."""
    return tuple(piece for piece in session.assessment.evidence.values() if not _is_there(session, piece.current))


def _is_there(session: Session, revision: Revision) -> bool:
    try:
        return session.workspace.evidence_path(revision.sha256).stat().st_size == revision.size
    except OSError:
        return False


def find_piece(session: Session, evidence_id: str) -> Evidence:
    """The piece of that id; UserError where it is gone."""
    piece = session.assessment.evidence.get(evidence_id)
    if piece is None:
        raise UserError("这件实证材料已经不在了", "它可能刚被删除或撤销，请刷新后再看。")
    return piece


def quoted(piece: Evidence) -> str:
    """What a piece is called in a message."""
    return f"“{piece.title or piece.current.file_name}”"


# --- helpers


def _as_file(piece: Evidence) -> tuple[str, ...]:
    """The digests under which its file may come again."""
    current = piece.current
    return (current.masked_from, current.sha256) if current.masked_from else (current.sha256,)


def _write(session: Session, label: str, piece: Evidence, also: Iterable[Change] = ()) -> Changes:
    return session.write(label, [evidence_change(session.assessment, piece.id, piece), *also])
