"""What a workspace only ever appends to: the audit trail, and the snapshots of what was submitted."""

import hashlib
import json
import zlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, insert, select

from emrassess.storage import tables
from emrassess.storage.changes import AuditEntry, changes_from_json, changes_to_json


@dataclass(frozen=True, slots=True)
class SnapshotInfo:
    """A snapshot, without what it holds. Numbers count up from 1; `at` is ISO 8601 with offset.

    `digest`: SHA-256 of its document. `unchanged`: it holds the same as the one before it.
    """

    number: int
    at: str
    who: str
    label: str
    digest: str
    unchanged: bool = False


# --- the audit trail


def append_audit(connection: Connection, entry: AuditEntry) -> None:
    """Add `entry`; IntegrityError where somebody else has already written one of that number."""
    data = json.dumps(changes_to_json(entry.changes), ensure_ascii=False, separators=(",", ":"))
    values = {"id": entry.id, "at": entry.at, "who": entry.who, "label": entry.label, "changes": data}
    connection.execute(insert(tables.audit), values)


def last_audit(connection: Connection) -> tuple[int, str]:
    """Number and time of the newest entry; (0, "") where there is none."""
    row = connection.execute(select(tables.audit.c.id, tables.audit.c.at).order_by(tables.audit.c.id.desc()).limit(1))
    found = row.first()
    return (found.id, found.at) if found else (0, "")


def read_audit(connection: Connection, limit: int, before: int | None) -> list[AuditEntry]:
    """The newest `limit` entries, newest first; of those numbered below `before`, if given."""
    statement = select(tables.audit).order_by(tables.audit.c.id.desc()).limit(limit)
    if before is not None:
        statement = statement.where(tables.audit.c.id < before)
    return [
        AuditEntry(row.id, row.at, row.who, row.label, changes_from_json(json.loads(row.changes)))
        for row in connection.execute(statement)
    ]


# --- snapshots


def append_snapshot(
    connection: Connection, number: int, entry: AuditEntry, label: str, document: bytes, files: Iterable[str]
) -> None:
    """Add the snapshot `number`, made when and by whom `entry` says; `files`: digests of the evidence it needs.

    IntegrityError where there is one of that number.
    """
    values = {"number": number, "at": entry.at, "who": entry.who, "label": label}
    digest = hashlib.sha256(document).hexdigest()
    connection.execute(insert(tables.snapshots), {**values, "document": zlib.compress(document), "digest": digest})
    if rows := [{"snapshot": number, "sha256": sha256} for sha256 in sorted(files)]:
        connection.execute(insert(tables.snapshot_files), rows)


def read_snapshots(connection: Connection) -> list[SnapshotInfo]:
    """All snapshots, the first one first."""
    s = tables.snapshots.c
    found: list[SnapshotInfo] = []
    for row in connection.execute(select(s.number, s.at, s.who, s.label, s.digest).order_by(s.number)):
        found.append(SnapshotInfo(*row, unchanged=bool(found) and found[-1].digest == row.digest))
    return found


def read_snapshot(connection: Connection, number: int) -> bytes | None:
    """The document of a snapshot; None where there is none of that number. ValueError: damaged."""
    s = tables.snapshots.c
    row = connection.execute(select(s.document, s.digest).where(s.number == number)).first()
    if row is None:
        return None
    try:
        document = zlib.decompress(row.document)
    except zlib.error as error:
        raise ValueError("not compressed") from error
    if hashlib.sha256(document).hexdigest() != row.digest:
        raise ValueError("another digest")
    return document


def snapshot_digests(connection: Connection) -> frozenset[str]:
    """Digests of all files that snapshots need."""
    return frozenset(connection.execute(select(tables.snapshot_files.c.sha256).distinct()).scalars())
