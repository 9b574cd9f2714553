"""A workspace: one folder that holds one assessment, open for writing by one program at a time."""

import logging
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError

from emrassess.domain.assessment import Assessment, used_files
from emrassess.errors import StorageError, UserError
from emrassess.storage import backups, records, trail
from emrassess.storage.changes import AuditEntry, Change, StaleChange, applied
from emrassess.storage.database import FILE_NAME, engine_for
from emrassess.storage.document import from_document, to_document
from emrassess.storage.evidence_files import EvidenceFiles, Progress, Stored
from emrassess.storage.failures import INPUT_KEPT, damaged, described, told
from emrassess.storage.lock import Lock
from emrassess.storage.trail import SnapshotInfo

log = logging.getLogger(__name__)

Clock = Callable[[], datetime]
Store = Callable[[Path | BinaryIO, Progress | None], Stored]
"""As `Workspace.store_file`."""


def local_now() -> datetime:
    """The time with the offset of this place."""
    return datetime.now().astimezone()


class OutdatedError(StorageError):
    """What was to be changed is not as it was any more; the workspace has been read anew."""


class Workspace:
    """An open workspace. Made by `opening.create` and `opening.open_`.

    `assessment` is the current state as an immutable value, safe to read from any thread. A failed write leaves it as
    it was, and the next write may succeed: the database is connected anew.
    """

    def __init__(
        self,
        folder: Path,
        engine: Engine,
        lock: Lock | None,
        user: str,
        clock: Clock,
        on_close: Callable[[], None] | None = None,
    ) -> None:
        self.folder = folder
        self.user = user
        self.clock = clock
        self.files = EvidenceFiles(folder)
        self._lock = lock
        self._engine: Engine | None = engine
        self._on_close = on_close
        self._one_at_a_time = threading.RLock()
        self._database = folder / FILE_NAME
        self._identity = _identity(self._database)
        with engine.connect() as connection, connection.begin():
            self.assessment: Assessment = records.read_assessment(connection)
            self._last, self.saved_at = trail.last_audit(connection)
            self._submitted_files = trail.snapshot_digests(connection)

    @property
    def writable(self) -> bool:
        """Whether this program holds the workspace's lock."""
        return self._lock is not None

    def now(self) -> str:
        """The time as ISO 8601 with offset, to the second."""
        return self.clock().isoformat(timespec="seconds")

    # --- writing

    def apply(self, label: str, changes: Sequence[Change]) -> AuditEntry:
        """Save `changes` and their audit entry in one transaction; `label` names them in Chinese for undo and history.

        Raises StorageError where disk, drive or another program does not let it, OutdatedError where a `before` is not
        what the workspace holds, LockedError where another program took it over. Nothing has changed then.
        """
        with self._one_at_a_time:
            self._check_writable()
            self._check_in_place()
            engine = self._connected()
            try:
                after = applied(self.assessment, changes)
            except StaleChange as error:
                raise OutdatedError(f"{error} 已不是原来的内容，没有修改", "请看一下现在的内容，再改一次。") from None
            entry = AuditEntry(self._last + 1, self.now(), self.user, label, tuple(changes))
            with self._transaction(engine) as connection:
                records.write_changes(connection, changes)
                trail.append_audit(connection, entry)
            self.assessment, self._last, self.saved_at = after, entry.id, entry.at
            return entry

    def keep_pack_files(self, files: Mapping[str, bytes], version: str) -> None:
        """Keep the files of the pack, by name, where the workspace has none yet; no step of undo.

        ValueError where `version` is not the one of the pack the workspace was begun with. Else as `apply`.
        """
        with self._one_at_a_time:
            self._check_writable()
            self._check_in_place()
            engine = self._connected()
            if version != self.assessment.pack_version:
                raise ValueError(f"pack {version}, workspace {self.assessment.pack_version}")
            with self._transaction(engine) as connection:
                if not records.has_pack_files(connection):
                    records.write_pack_files(connection, files)

    def keep_snapshot(self, label: str, said: Callable[[int], str]) -> SnapshotInfo:
        """Keep the assessment as it is now as a snapshot called `label`, beyond the reach of later changes.

        `said`: its number to the label of the audit entry, which holds no change. Raises as `apply`.
        """
        with self._one_at_a_time:
            self._check_writable()
            self._check_in_place()
            engine = self._connected()
            document, files = to_document(self.assessment), used_files(self.assessment)
            with self._transaction(engine) as connection:
                number = len(trail.read_snapshots(connection)) + 1
                entry = AuditEntry(self._last + 1, self.now(), self.user, said(number), ())
                trail.append_snapshot(connection, number, entry, label, document, files)
                trail.append_audit(connection, entry)
                made = trail.read_snapshots(connection)[-1]
            self._last, self.saved_at = entry.id, entry.at
            self._submitted_files |= files
            return made

    @contextmanager
    def _transaction(self, engine: Engine) -> Iterator[Connection]:
        """A transaction for writing; what goes wrong in it is a StorageError, and nothing has changed."""
        try:
            with engine.begin() as connection:
                yield connection
        except IntegrityError as error:
            self._disconnect()
            raise StorageError(
                f"工作区被另一个程序改动过：{self.folder}", f"请关闭后重新打开，以免互相覆盖。{INPUT_KEPT}"
            ) from error
        except (OSError, sqlite3.Error, DBAPIError) as error:
            # The connection may hold handles of a drive that is gone, and whether it was saved has to be asked.
            self._disconnect()
            raise described(error, self.folder, writing=True) from error

    def _check_writable(self) -> None:
        if self._lock is None:
            raise StorageError(
                f"工作区以只读方式打开，不能修改：{self.folder}", "需要修改时，请关闭后以可写方式重新打开。"
            )

    def _check_in_place(self) -> None:
        """Folder and database are there, and our lock is ours still; asked before each write.

        A file system may well let us write on into a file that has been deleted.
        """
        with told(self.folder):
            identity = _identity(self._database)
        if identity != self._identity:
            # The drive went and came back, or a backup was put in place: `_connected` compares what is there now.
            self._disconnect()
            if self._lock:
                self._lock.renew()
            self._identity = identity
        elif self._lock:
            self._lock.check()

    def _connected(self) -> Engine:
        """The engine; after a failure a new one, once memory and database are known to agree."""
        if self._engine is not None:
            return self._engine
        engine = engine_for(self._database, write=self.writable)
        try:
            with told(self.folder), engine.connect() as connection, connection.begin():
                last, saved_at = trail.last_audit(connection)
                found = records.read_assessment(connection)
                submitted = trail.snapshot_digests(connection)
            if found.id != self.assessment.id:
                raise StorageError(f"工作区被换成了另一份评价：{self.folder}", f"请关闭后重新打开。{INPUT_KEPT}")
        except BaseException:
            engine.dispose()
            raise
        self._engine = engine
        if last != self._last:
            # The drive said no when the last write had got through, or somebody put a backup in place.
            self.assessment, self._last, self.saved_at = found, last, saved_at
            self._submitted_files = submitted
            raise OutdatedError(
                "磁盘上的内容与程序里的不同（刚才报告失败的改动其实已经保存，或文件被恢复过），现已重新读取",
                "请核对现在的内容，需要时再改一次。",
            )
        return engine

    def _disconnect(self) -> None:
        engine, self._engine = self._engine, None
        if engine is not None:
            with suppress(OSError, sqlite3.Error, DBAPIError):
                engine.dispose()

    # --- reading

    def audit(self, limit: int = 200, before: int | None = None) -> list[AuditEntry]:
        """The newest `limit` entries of the audit trail, newest first; with `before`, of those numbered below it."""
        with self._one_at_a_time, told(self.folder, writing=False), self._connected().connect() as connection:
            return trail.read_audit(connection, limit, before)

    def pack_files(self) -> dict[str, bytes]:
        """The files of the pack as it was when the work began, by name; {} where the workspace has none yet."""
        with self._one_at_a_time, told(self.folder, writing=False), self._connected().connect() as connection:
            try:
                return records.read_pack_files(connection)
            except zlib.error as error:
                raise damaged(self._database) from error

    def snapshots(self) -> list[SnapshotInfo]:
        """What was submitted, the first first."""
        with self._one_at_a_time, told(self.folder, writing=False), self._connected().connect() as connection:
            return trail.read_snapshots(connection)

    def snapshot(self, number: int) -> Assessment | None:
        """What the snapshot `number` holds; None where there is none. StorageError where it is damaged."""
        with self._one_at_a_time, told(self.folder, writing=False), self._connected().connect() as connection:
            try:
                document = trail.read_snapshot(connection, number)
                return None if document is None else from_document(document)
            except ValueError as error:
                raise StorageError(
                    f"第 {number} 次提交的内容已损坏，读不出来：{self.folder}",
                    "现在的评价不受影响；需要那一份时，可以从 backups 文件夹里较早的备份找回。",
                ) from error

    # --- evidence files

    def evidence_path(self, sha256: str) -> Path:
        """Where the evidence file of that digest lies."""
        return self.files.path(sha256)

    def store_file(self, source: Path | BinaryIO, progress: Progress | None = None) -> Stored:
        """Copy a file in under its SHA-256 (once, however often it comes).

        It counts as evidence only after an `apply` that names it; without one, `close` drops it.
        """
        with self.storing() as store:
            return store(source, progress)

    @contextmanager
    def storing(self) -> Iterator[Store]:
        """Store several files; if the block ends in an exception, what no evidence uses is dropped again."""
        self._check_writable()
        self._check_in_place()
        with told(self.folder):
            self.files.folder.mkdir(exist_ok=True)
        used = used_files(self.assessment) | self._submitted_files
        fresh: list[str] = []

        def store(source: Path | BinaryIO, progress: Progress | None = None) -> Stored:
            stored = self.files.store(source, progress)
            if stored.placed and stored.sha256 not in used:
                fresh.append(stored.sha256)
            return stored

        try:
            yield store
        except BaseException:
            self.files.drop(fresh)
            raise

    # --- the end

    def close(self) -> None:
        """Drop evidence files that neither evidence, an earlier revision, a snapshot nor a backup uses, and give the
        lock back.

        Never fails: all is saved already.
        """
        with self._one_at_a_time:
            try:
                if self.writable:
                    self._tidy()
            except (OSError, sqlite3.Error, DBAPIError, UserError) as error:
                log.warning("closed without tidying up: %s", type(error).__name__)
            self._disconnect()
            if self._lock is not None:
                self._lock.release()
                self._lock = None
            if self._on_close is not None:
                self._on_close()
                self._on_close = None

    def _tidy(self) -> None:
        self._check_in_place()
        with self._connected().begin() as connection:
            used = records.used_digests(connection) | trail.snapshot_digests(connection)
            self.files.drop_unused(used | backups.used_digests(self.folder))


def _identity(database: Path) -> tuple[int, int]:
    found = database.stat()
    return found.st_dev, found.st_ino
