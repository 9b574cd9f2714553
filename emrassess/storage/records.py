"""Rows to an assessment and back; nothing else knows the tables' columns."""

import json
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, insert, select
from sqlalchemy.dialects.sqlite import insert as upsert

from emrassess.domain.answers import Ratio, Verdict
from emrassess.domain.assessment import Assessment, ClauseAnswer, Confirmation, Evidence, EvidenceKind, Revision
from emrassess.domain.pack import Category, Dimension, ReviewGroup
from emrassess.storage import tables
from emrassess.storage.changes import AuditEntry, Change, Kind, changes_from_json, changes_to_json


def read_assessment(connection: Connection) -> Assessment:
    """Everything the workspace holds."""
    settings = {key: json.loads(value) for key, value in connection.execute(select(tables.settings))}
    groups = settings.get("groups")
    return Assessment(
        id=settings["id"],
        hospital=settings["hospital"],
        pack=settings["pack"],
        pack_version=settings["pack_version"],
        target=settings["target"],
        created_at=settings["created_at"],
        answers={
            row.clause: ClauseAnswer(Verdict(row.verdict), row.note, row.demonstration)
            for row in connection.execute(select(tables.answers).order_by(tables.answers.c.clause))
        },
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
        groups=None
        if groups is None
        else tuple(ReviewGroup(g["code"], g["name"], tuple(g["items"]), g["quality"]) for g in groups),
    )


def _ratio(row: Row[Any]) -> Ratio:
    if row.numerator is None:
        return Ratio(Fraction(row.value))
    return Ratio(Fraction(row.value), int(row.numerator), int(row.denominator))


def _read_evidence(connection: Connection) -> dict[str, Evidence]:
    revisions: dict[str, list[Revision]] = {}
    r = tables.evidence_revisions
    for row in connection.execute(select(r).order_by(r.c.evidence, r.c.number)):
        revision = Revision(row.sha256, row.file_name, row.size, row.media_type, row.added_at, row.added_by)
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
    value = None if change.after is None else {"value": json.dumps(change.after, ensure_ascii=False)}
    _put(connection, tables.settings, {"key": change.key}, value)


def _write_answer(connection: Connection, change: Change) -> None:
    _put(connection, tables.answers, {"clause": change.key}, change.after)


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
    numbered = [{"evidence": change.key, "number": n, **r} for n, r in enumerate(piece["revisions"], 1)]
    connection.execute(insert(tables.evidence_revisions), numbered)
    if links := [{"evidence": change.key, "position": n, "clause": c} for n, c in enumerate(piece["clauses"], 1)]:
        connection.execute(insert(tables.evidence_links), links)


_WRITERS = {
    Kind.SETTING: _write_setting,
    Kind.ANSWER: _write_answer,
    Kind.COVERAGE: _write_coverage,
    Kind.QUALITY: _write_quality,
    Kind.CATEGORY: _write_category,
    Kind.EVIDENCE: _write_evidence,
}


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


def used_digests(connection: Connection) -> frozenset[str]:
    """Digests of all files that evidence, or an earlier revision of it, uses."""
    found: Iterable[str] = connection.execute(select(tables.evidence_revisions.c.sha256).distinct()).scalars()
    return frozenset(found)
