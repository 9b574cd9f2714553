"""A new workspace made from another one: its folder, the evidence files, all that it starts with."""

import logging
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from emrassess.atomic import new_folder
from emrassess.domain.assessment import Assessment, Evidence, Recheck
from emrassess.errors import Cancelled, StorageError, UserError
from emrassess.services.session import Progress, Session
from emrassess.storage import opening
from emrassess.storage.changes import filling
from emrassess.storage.workspace import Store

log = logging.getLogger(__name__)

NO_PLACE = "请检查那里的磁盘（空间、权限、是否还连着），或在别处建立新工作区。没有留下半成品，原工作区没有改动。"


def build(
    session: Session,
    wanted: Assessment,
    pack_files: Mapping[str, bytes],
    folder: Path,
    label: str,
    progress: Progress | None = None,
) -> Path:
    """Make a new workspace in `folder` (new or empty) that holds what `wanted` does; returns `folder`.

    Its id, user and times are its own; `label` names the step in its history. The evidence files come from the
    session's own workspace, which is only read. A piece whose file proves missing or damaged is left behind, and the
    clauses it proved are marked for another look. `progress` counts bytes and may raise Cancelled. UserError where the
    folder cannot be used, StorageError where the disk does not take it; nothing is left behind then, nor after a kill a
    workspace that looks whole.
    """
    folder = folder.absolute()
    _check_place(session, folder)
    check_source(session)
    with building_aside(folder) as building:
        fresh = opening.create(
            building,
            hospital=wanted.hospital,
            pack_id=wanted.pack,
            pack_version=wanted.pack_version,
            target=wanted.target,
            user=session.user,
            clock=session.workspace.clock,
            pack_files=pack_files,
        )
        try:
            with fresh.storing() as store:
                damaged = _copy(session, wanted.evidence.values(), store, progress)
                evidence, rechecks = without(wanted.evidence, wanted.rechecks, damaged)
                whole = replace(wanted, evidence=evidence, rechecks=rechecks)
                fresh.apply(label, list(filling(fresh.assessment, whole)))
        finally:
            fresh.close()
    return folder


def check_source(session: Session) -> None:
    """Files that are missing one by one are left behind; a drive that is gone is another matter: StorageError."""
    folder = session.workspace.folder
    if not folder.is_dir():
        raise StorageError(f"找不到工作区文件夹：{folder}", "请检查网络盘或 U 盘是否连接，文件夹是否被移走或改名。")


def without(
    evidence: Mapping[str, Evidence], rechecks: Mapping[str, Recheck], lost: Iterable[str]
) -> tuple[dict[str, Evidence], dict[str, Recheck]]:
    """`evidence` without the pieces `lost`, and `rechecks` with the clauses that they proved."""
    kept, marks = dict(evidence), dict(rechecks)
    for key in lost:
        piece = kept.pop(key)
        for clause in piece.clauses:
            why = lost_words(piece)
            marks[clause] = Recheck(f"{marks[clause].why}；{why}" if clause in marks else why)
    return kept, marks


def lost_words(piece: Evidence) -> str:
    """Why `piece` is not there, Chinese, without a full stop."""
    return f"实证材料“{piece.title or piece.current.file_name}”的文件缺失或损坏，没有转入"


def _check_place(session: Session, folder: Path) -> None:
    if folder.is_relative_to(session.workspace.folder):
        raise UserError(
            f"新工作区不能放在原工作区的文件夹里：{folder}", "请在别处选择一个空文件夹，或输入新文件夹的名称。"
        )
    check_free(folder)


def check_free(folder: Path) -> None:
    """UserError where `folder` is neither new nor empty."""
    try:
        free = not folder.exists() or (folder.is_dir() and not any(folder.iterdir()))
    except OSError as error:
        raise UserError(f"无法使用这个文件夹：{folder}", "请检查位置是否存在、能否打开，或另选一个文件夹。") from error
    if not free:
        raise UserError(f"这里已有别的内容：{folder}", "请选择一个空文件夹，或输入新文件夹的名称。")


@contextmanager
def building_aside(folder: Path) -> Iterator[Path]:
    """A temporary folder that becomes `folder`; where it cannot be written to, the error names `folder`."""
    with new_folder(folder) as building:
        try:
            yield building
        except StorageError as error:
            if str(building) not in error.message:
                raise
            raise type(error)(error.message.replace(str(building), str(folder)), NO_PLACE) from error


def _copy(session: Session, pieces: Iterable[Evidence], store: Store, progress: Progress | None) -> list[str]:
    """Copy the files of `pieces`, earlier revisions too where they are there; ids of those whose file is damaged."""
    listed = tuple(pieces)
    sizes = {revision.sha256: revision.size for piece in listed for revision in piece.revisions}
    total, before, damaged = sum(sizes.values()), 0, set[str]()
    for number, (sha256, size) in enumerate(sizes.items(), 1):

        def report(done: int, _total: int, _name: str, reached: int = before, number: int = number) -> None:
            if progress:
                progress(reached + done, max(total, reached + done), f"复制实证材料 {number}/{len(sizes)}")

        try:
            whole = store(session.workspace.evidence_path(sha256), report).sha256 == sha256
        except (Cancelled, StorageError):
            raise
        except UserError as error:
            check_source(session)
            log.warning("evidence file not carried over: %s", error.message)
            whole = False
        if not whole:
            damaged.add(sha256)
        before += size
    return [piece.id for piece in listed if piece.current.sha256 in damaged]
