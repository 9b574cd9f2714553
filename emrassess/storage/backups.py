"""Copies of the database beside it: one a day, and one before each migration."""

import logging
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path

from emrassess.storage.database import uri_of
from emrassess.storage.failures import told
from emrassess.storage.values import files_brought

log = logging.getLogger(__name__)

FOLDER = "backups"
KEPT = 5


def back_up(database: Path, now: datetime, why: str) -> Path:
    """Copy `database` as it stands, journal included, into backups/; the last five copies are kept.

    `why` becomes part of the name. StorageError where the disk does not take it; nothing half-written stays.
    """
    folder = database.parent / FOLDER
    target = folder / f"workspace-{now:%Y%m%d-%H%M%S}-{why}.sqlite3"
    temporary = target.with_suffix(".part")
    with told(folder, writing=False):
        folder.mkdir(exist_ok=True)
        try:
            with (
                closing(sqlite3.connect(database)) as source,
                closing(sqlite3.connect(temporary)) as copy,
            ):
                # One step: a step at a time would let go of the lock in between.
                source.backup(copy)
                # The copy inherits WAL; as a single file it must not need a journal beside it.
                copy.execute("PRAGMA journal_mode = DELETE")
            temporary.replace(target)
        finally:
            temporary.unlink(missing_ok=True)
    _prune(folder, target)
    return target


def backed_up_today(folder: Path, now: datetime) -> bool:
    """Whether the workspace in `folder` has a copy of the day of `now`."""
    return any((folder / FOLDER).glob(f"workspace-{now:%Y%m%d}-*.sqlite3"))


def used_digests(folder: Path) -> frozenset[str]:
    """Digests of the evidence files that the copies need, so that each can take the database's place.

    A copy that cannot be read needs none.
    """
    found: set[str] = set()
    for copy in (folder / FOLDER).glob("workspace-*.sqlite3"):
        try:
            with closing(sqlite3.connect(f"{uri_of(copy)}?mode=ro&immutable=1", uri=True)) as connection:
                tables = _tables_of_files(connection)
                for table in tables - {"conflicts"}:
                    found.update(row[0] for row in connection.execute(f"SELECT sha256 FROM {table}"))
                if "conflicts" in tables:
                    waiting = connection.execute("SELECT theirs FROM conflicts WHERE decision = ''")
                    found.update(files_brought(row[0] for row in waiting))
        except sqlite3.Error as error:
            log.warning("backup not readable: %s: %s", copy.name, error)
    return frozenset(found)


def _tables_of_files(connection: sqlite3.Connection) -> set[str]:
    """Those of a copy that name evidence files; one of an earlier program has neither snapshots nor conflicts."""
    names = "SELECT name FROM sqlite_master WHERE name IN ('evidence_revisions', 'snapshot_files', 'conflicts')"
    return {name for (name,) in connection.execute(names)}


def _prune(folder: Path, newest: Path) -> None:
    """Keep the five written last; by time of writing, since names follow a clock that may have been set back."""
    try:
        copies = [file for file in folder.glob("workspace-*.sqlite3") if file != newest]
        copies.sort(key=lambda file: (file.stat().st_mtime_ns, file.name))
        for old in copies[: max(len(copies) - KEPT + 1, 0)]:
            old.unlink()
    except OSError as error:
        log.warning("old backups stay: %s", error.strerror)
