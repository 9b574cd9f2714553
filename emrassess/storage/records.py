"""Rows to an assessment and back; nothing else knows the tables' columns."""

import json
import zlib
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select, union
from sqlalchemy.dialects.sqlite import insert as upsert

from emrassess.domain.answers import Ratio
from emrassess.domain.assessment import Assessment, Box, Confirmation, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import Category, Dimension
from emrassess.domain.review import ROUND_ONE
from emrassess.storage import tables
from emrassess.storage.changes import Change
from emrassess.storage.values import CODECS, Kind, files_brought, setting_from_json

_FLAT = {
    Kind.ANSWER: tables.answers,
    Kind.RECHECK: tables.rechecks,
    Kind.DEPARTMENT: tables.departments,
    Kind.TASK: tables.tasks,
    Kind.MERGE: tables.merges,
    Kind.CONFLICT: tables.conflicts,
    Kind.ACCEPTED: tables.accepted,
    Kind.OPINION: tables.opinions,
    Kind.PHOTO: tables.photos,
    Kind.FINDING: tables.findings,
}
"""Kinds whose values are the rows of a table as they are: a key, and a column for each field of the JSON data."""

_AS_JSON = {
    Kind.DEPARTMENT: ("people",),
    Kind.MERGE: ("sender", "counts"),
    Kind.CONFLICT: ("base", "ours", "theirs", "clauses"),
    Kind.PHOTO: ("clauses",),
    Kind.FINDING: ("before", "after", "history", "more"),
}
"""Columns of those tables that hold more than a text, as JSON."""


def read_assessment(connection: Connection) -> Assessment:
    """Everything the workspace holds."""
    settings = {key: json.loads(value) for key, value in connection.execute(select(tables.settings))}
    return Assessment(
        id=settings["id"],
        hospital=settings["hospital"],
        pack=settings["pack"],
        pack_version=settings["pack_version"],
        target=settings["target"],
        created_at=settings["created_at"],
        coverage={(row.item, row.level): _ratio(row) for row in connection.execute(select(tables.coverage))},
        quality={
            (row.item, row.level, Dimension(row.dimension)): _ratio(row)
            for row in connection.execute(select(tables.quality))
        },
        categories={
            (row.item, row.level): Confirmation(Category(row.category), row.confirmed_by, row.confirmed_at)
            for row in connection.execute(select(tables.categories))
        },
        evidence=_read_evidence(connection),
        groups=setting_from_json("groups", settings.get("groups")),
        wording={row.clause: row.text for row in connection.execute(select(tables.wording))},
        official=setting_from_json("official", settings.get("official")),
        packet=setting_from_json("packet", settings.get("packet")),
        review=setting_from_json("review", settings.get("review")),
        review_round=settings.get("review_round", ROUND_ONE),
        ledger_columns=setting_from_json("ledger_columns", settings.get("ledger_columns")),
        **{CODECS[kind].field: _read_flat(connection, kind, table) for kind, table in _FLAT.items()},
    )


def _read_flat(connection: Connection, kind: Kind, table: Table) -> dict[str, Any]:
    """The values of `kind` by key, keys ascending."""
    decode, packed = CODECS[kind].decode, _AS_JSON.get(kind, ())
    key = _key(table)
    found: dict[str, Any] = {}
    for row in connection.execute(select(table).order_by(table.c[key])).mappings():
        data = {name: json.loads(value) if name in packed else value for name, value in row.items() if name != key}
        found[row[key]] = decode(row[key], data)
    return found


def _key(table: Table) -> str:
    """The column that names a row."""
    (column,) = table.primary_key.columns
    return column.name


def _ratio(row: Row[Any]) -> Ratio:
    if row.numerator is None:
        return Ratio(Fraction(row.value))
    return Ratio(Fraction(row.value), int(row.numerator), int(row.denominator))


def _read_evidence(connection: Connection) -> dict[str, Evidence]:
    revisions: dict[str, list[Revision]] = {}
    r = tables.evidence_revisions
    for row in connection.execute(select(r).order_by(r.c.evidence, r.c.number)):
        masks = tuple(Box(**box) for box in json.loads(row.masks))
        revision = Revision(
            row.sha256, row.file_name, row.size, row.media_type, row.added_at, row.added_by, row.masked_from, masks
        )
        revisions.setdefault(row.evidence, []).append(revision)
    links: dict[str, list[str]] = {}
    k = tables.evidence_links
    for evidence, clause in connection.execute(select(k.c.evidence, k.c.clause).order_by(k.c.evidence, k.c.position)):
        links.setdefault(evidence, []).append(clause)
    e = tables.evidence
    return {
        row.id: Evidence(
            row.id, row.title, EvidenceKind(row.kind), row.source_system, row.captured_at,
            tuple(revisions[row.id]), tuple(links.get(row.id, ())),
        )
        for row in connection.execute(select(e).order_by(e.c.id))
    }  # fmt: skip


# --- writing


def write_changes(connection: Connection, changes: Sequence[Change]) -> None:
    """Put `changes` into the tables, within the caller's transaction."""
    for change in changes:
        _WRITERS[change.kind](connection, change)


def _put(connection: Connection, table: Table, keys: Mapping[str, Any], values: Mapping[str, Any] | None) -> None:
    if values is None:
        connection.execute(delete(table).where(*(table.c[name] == value for name, value in keys.items())))
        return
    statement = upsert(table)
    statement = statement.on_conflict_do_update(
        index_elements=list(keys), set_={name: statement.excluded[name] for name in values}
    )
    connection.execute(statement, {**keys, **values})


def _write_setting(connection: Connection, change: Change) -> None:
    value = None if change.after is None else {"value": _json(change.after)}
    _put(connection, tables.settings, {"key": change.key}, value)


def _write_flat(connection: Connection, change: Change) -> None:
    table, packed, after = _FLAT[change.kind], _AS_JSON.get(change.kind, ()), change.after
    values = after and {name: _json(value) if name in packed else value for name, value in after.items()}
    _put(connection, table, {_key(table): change.key}, values)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _ratio_columns(data: Mapping[str, str] | None) -> dict[str, str | None] | None:
    if data is None:
        return None
    return {name: data.get(name) for name in ("value", "numerator", "denominator")}


def _write_coverage(connection: Connection, change: Change) -> None:
    item, level = change.key.split("/")
    _put(connection, tables.coverage, {"item": item, "level": int(level)}, _ratio_columns(change.after))


def _write_quality(connection: Connection, change: Change) -> None:
    item, level, dimension = change.key.split("/")
    keys = {"item": item, "level": int(level), "dimension": dimension}
    _put(connection, tables.quality, keys, _ratio_columns(change.after))


def _write_category(connection: Connection, change: Change) -> None:
    item, level = change.key.split("/")
    after = change.after
    values = after and {"category": after["category"], "confirmed_by": after["by"], "confirmed_at": after["at"]}
    _put(connection, tables.categories, {"item": item, "level": int(level)}, values)


def _write_evidence(connection: Connection, change: Change) -> None:
    piece = change.after
    if change.before is not None:
        for table in (tables.evidence_links, tables.evidence_revisions):
            connection.execute(delete(table).where(table.c.evidence == change.key))
    columns = ("title", "kind", "source_system", "captured_at")
    _put(connection, tables.evidence, {"id": change.key}, piece and {name: piece[name] for name in columns})
    if piece is None:
        return
    numbered = [
        {"evidence": change.key, "number": n, "masked_from": "", **r, "masks": _json(r.get("masks", []))}
        for n, r in enumerate(piece["revisions"], 1)
    ]
    connection.execute(insert(tables.evidence_revisions), numbered)
    if links := [{"evidence": change.key, "position": n, "clause": c} for n, c in enumerate(piece["clauses"], 1)]:
        connection.execute(insert(tables.evidence_links), links)


def _write_wording(connection: Connection, change: Change) -> None:
    _put(connection, tables.wording, {"clause": change.key}, None if change.after is None else {"text": change.after})


_WRITERS = {
    **dict.fromkeys(_FLAT, _write_flat),
    Kind.SETTING: _write_setting,
    Kind.COVERAGE: _write_coverage,
    Kind.QUALITY: _write_quality,
    Kind.CATEGORY: _write_category,
    Kind.EVIDENCE: _write_evidence,
    Kind.WORDING: _write_wording,
}


# --- the files of the pack


def read_pack_files(connection: Connection) -> dict[str, bytes]:
    """The files of the pack by name, none in a workspace that has not been given any. zlib.error: damaged."""
    rows = connection.execute(select(tables.pack_files).order_by(tables.pack_files.c.name))
    return {row.name: zlib.decompress(row.content) for row in rows}


def has_pack_files(connection: Connection) -> bool:
    """Whether the workspace has been given its pack."""
    return connection.execute(select(tables.pack_files.c.name).limit(1)).first() is not None


def write_pack_files(connection: Connection, files: Mapping[str, bytes]) -> None:
    """Store the files of the pack in a workspace that has none, within the caller's transaction."""
    if rows := [{"name": name, "content": zlib.compress(content)} for name, content in files.items()]:
        connection.execute(insert(tables.pack_files), rows)


def used_digests(connection: Connection) -> frozenset[str]:
    """Digests of all files that are needed: of evidence, its earlier revisions, the originals of masked copies, photos
    of experts, and what a packet brought that waits for a decision."""
    r, p, c = tables.evidence_revisions.c, tables.photos.c, tables.conflicts.c
    revisions = connection.execute(union(select(r.sha256), select(r.masked_from), select(p.sha256))).scalars()
    waiting = connection.execute(select(c.theirs).where(c.decision == "")).scalars()
    return (frozenset(revisions) | files_brought(waiting)) - {""}
