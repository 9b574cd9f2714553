"""Make a workspace, and open one: lock, version, migration, daily backup."""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from emrassess.errors import StorageError, UserError
from emrassess.storage import backups, records, trail
from emrassess.storage.changes import AuditEntry, Change
from emrassess.storage.database import FILE_NAME, create_database, engine_for, healthy, schema_version
from emrassess.storage.evidence_files import EvidenceFiles, sync_folder
from emrassess.storage.failures import damaged, is_damage, told
from emrassess.storage.lock import Lock
from emrassess.storage.tables import SCHEMA
from emrassess.storage.values import Kind
from emrassess.storage.workspace import Clock, Workspace, local_now

log = logging.getLogger(__name__)

_LITTER = {"desktop.ini", "Thumbs.db"}


def create(
    folder: Path,
    *,
    hospital: str,
    pack_id: str,
    pack_version: str,
    target: int,
    user: str,
    clock: Clock = local_now,
    assessment_id: str | None = None,
    pack_files: Mapping[str, bytes] | None = None,
) -> Workspace:
    """Make a workspace in `folder`, new or empty, and open it for writing; `pack_files` by name are kept in it.

    UserError where the folder holds something already, StorageError where the disk does not take it; nothing is left
    behind then, and what a kill leaves does not stand in the way of the next try. `clock` and `assessment_id` serve
    whoever needs the same workspace each time.
    """
    folder = folder.absolute()
    _check_free(folder)
    made = not folder.exists()
    building = folder / f".{FILE_NAME}-{uuid.uuid4().hex}"
    now = clock().isoformat(timespec="seconds")
    values = {
        "id": assessment_id or uuid.uuid4().hex,
        "hospital": hospital,
        "pack": pack_id,
        "pack_version": pack_version,
        "target": target,
        "created_at": now,
    }
    try:
        with told(folder, writing=False):
            folder.mkdir(parents=True, exist_ok=True)
            for left in folder.glob(f".{FILE_NAME}-*"):
                left.unlink()
            create_database(building)
            _first_entry(building, values, now, user, pack_files or {})
            building.rename(folder / FILE_NAME)
            sync_folder(folder)
    except BaseException:
        _clear(folder, building, made)
        raise
    return open_(folder, user=user, clock=clock)


def _check_free(folder: Path) -> None:
    with told(folder, writing=False):
        if (folder / FILE_NAME).exists():
            raise UserError(f"这里已经有一个工作区：{folder}", "请打开它，或为新的评价另选一个文件夹。")
        if folder.exists() and not folder.is_dir():
            raise UserError(f"这是一个文件，不是文件夹：{folder}", "请选择一个文件夹，或输入新文件夹的名称。")
        if folder.exists() and any(f.name not in _LITTER and f.name[0] != "." for f in folder.iterdir()):
            raise UserError(f"文件夹里已有别的内容：{folder}", "请选择一个空文件夹，或输入新文件夹的名称。")


def _first_entry(
    database: Path, values: dict[str, str | int], now: str, user: str, pack_files: Mapping[str, bytes]
) -> None:
    changes = tuple(Change(Kind.SETTING, key, None, value) for key, value in values.items())
    engine = engine_for(database, write=True)
    try:
        with engine.begin() as connection:
            records.write_changes(connection, changes)
            trail.append_audit(connection, AuditEntry(1, now, user, "新建评价", changes))
            records.write_pack_files(connection, pack_files)
    finally:
        engine.dispose()


def _clear(folder: Path, building: Path, made: bool) -> None:
    for name in ("", "-wal", "-shm", "-journal"):
        with suppress(OSError):
            building.with_name(building.name + name).unlink(missing_ok=True)
    if made:
        with suppress(OSError):
            folder.rmdir()


def open_(
    folder: Path, *, user: str, write: bool = True, take_over: bool = False, clock: Clock = local_now
) -> Workspace:
    """Open the workspace in `folder`.

    With `write` it takes the lock (LockedError names who has it; `take_over` goes past a holder on another machine that
    did not close), migrates an older schema after a backup, and makes the day's backup. Without, nothing in the folder
    changes, and neither lock nor permission to write is needed.

    UserError where it is no workspace, is damaged, or was written by a newer program.
    """
    folder = folder.absolute()
    database = folder / FILE_NAME
    _check_there(folder, database)
    if not write:
        return _open_read_only(folder, database, user, clock)
    lock = Lock(folder, user, clock().isoformat(timespec="seconds"))
    lock.acquire(take_over=take_over)
    engine: Engine | None = None
    try:
        with told(folder, writing=False):
            engine = engine_for(database, write=True)
            _prepare(engine, database, clock())
            EvidenceFiles(folder).folder.mkdir(exist_ok=True)
            EvidenceFiles(folder).drop_incoming()
            return Workspace(folder, engine, lock, user, clock)
    except BaseException:
        if engine is not None:
            engine.dispose()
        lock.release()
        raise


def _check_there(folder: Path, database: Path) -> None:
    with told(folder, writing=False):
        if not folder.exists():
            raise StorageError(f"找不到工作区文件夹：{folder}", "请检查网络盘或 U 盘是否连接，文件夹是否被移走或改名。")
        if not database.is_file():
            raise UserError(
                f"这个文件夹不是工作区：{folder}", f"工作区文件夹里有 {FILE_NAME}。请选择正确的文件夹，或新建评价。"
            )


def _prepare(engine: Engine, database: Path, now: datetime) -> None:
    """Check the file, bring its schema up to date, and make the day's backup."""
    if not _check_version(engine, database):
        backups.back_up(database, now, "before-migration")
        _migrate(engine)
        return
    if backups.backed_up_today(database.parent, now):
        return
    with engine.connect() as connection:
        if not healthy(connection):
            # Not backed up: that would push a sound copy out. It opens where it still can.
            raise damaged(database)
    try:
        backups.back_up(database, now, "daily")
    except StorageError as error:
        # To open the work is more than a copy of it; the disk will be named at the next write.
        log.warning("no daily backup: %s", error.message)


def _migrate(engine: Engine) -> None:
    from emrassess.storage.migrating import migrate  # noqa: PLC0415 - Alembic is slow to import and seldom needed

    migrate(engine)


def _check_version(engine: Engine, database: Path) -> bool:
    """Whether the schema is the one of this program; False where it is older. UserError where it cannot be read."""
    try:
        with engine.connect() as connection:
            version = schema_version(connection)
    except DBAPIError as error:
        if is_damage(error):
            raise damaged(database) from error
        raise
    if version is None:
        raise UserError(f"这个文件不是本程序的工作区：{database}", "请选择正确的文件夹，或新建评价。")
    if version > SCHEMA:
        raise UserError(
            f"工作区由更新版本的程序保存（数据格式 {version}，本程序认识到 {SCHEMA}）：{database.parent}",
            "请安装新版程序后再打开；文件没有改动。",
        )
    return version == SCHEMA


def _open_read_only(folder: Path, database: Path, user: str, clock: Clock) -> Workspace:
    """Read in place; where SQLite cannot (a read-only folder has no room for its journal), from a passing copy."""
    try:
        return _reader(folder, database, user, clock, None)
    except DBAPIError as error:
        if is_damage(error):
            raise damaged(database) from error
    scratch = tempfile.TemporaryDirectory(prefix="emrassess-", ignore_cleanup_errors=True)
    try:
        with told(folder, writing=False):
            copy = Path(scratch.name) / FILE_NAME
            shutil.copyfile(database, copy)
            journal = database.with_name(FILE_NAME + "-wal")
            if journal.exists():
                shutil.copyfile(journal, copy.with_name(journal.name))
            return _reader(folder, copy, user, clock, scratch.cleanup)
    except BaseException:
        scratch.cleanup()
        raise


def _reader(folder: Path, database: Path, user: str, clock: Clock, on_close: Callable[[], None] | None) -> Workspace:
    engine = engine_for(database, write=False)
    try:
        if not _check_version(engine, database):
            raise UserError(
                f"工作区由较早版本的程序保存，需要先升级：{folder}", "请以可写方式打开一次，程序会先备份再升级。"
            )
        return Workspace(folder, engine, None, user, clock, on_close)
    except BaseException:
        engine.dispose()
        raise
