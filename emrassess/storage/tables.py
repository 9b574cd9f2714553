"""The tables of a workspace, schema version `SCHEMA`. A change here needs a migration beside it."""

from sqlalchemy import Boolean, Column, ForeignKey, Integer, LargeBinary, MetaData, String, Table

SCHEMA = 4
"""The version this program writes; the same as the number of the last migration."""

metadata = MetaData()

settings = Table(
    "settings",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),  # JSON
)
answers = Table(
    "answers",
    metadata,
    Column("clause", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("note", String, nullable=False),
    Column("demonstration", String, nullable=False),
)
# Ratios are exact: a fraction's text, and the two counts as text where there are any (SQLite's integers end at 2^63).
coverage = Table(
    "coverage",
    metadata,
    Column("item", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("value", String, nullable=False),
    Column("numerator", String),
    Column("denominator", String),
)
quality = Table(
    "quality",
    metadata,
    Column("item", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("dimension", String, primary_key=True),
    Column("value", String, nullable=False),
    Column("numerator", String),
    Column("denominator", String),
)
categories = Table(
    "categories",
    metadata,
    Column("item", String, primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("category", String, nullable=False),
    Column("confirmed_by", String, nullable=False),
    Column("confirmed_at", String, nullable=False),
)
evidence = Table(
    "evidence",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("source_system", String, nullable=False),
    Column("captured_at", String, nullable=False),
)
evidence_revisions = Table(
    "evidence_revisions",
    metadata,
    Column("evidence", ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("sha256", String, nullable=False, index=True),
    Column("file_name", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
    Column("masked_from", String, nullable=False, server_default=""),
    Column("masks", String, nullable=False, server_default="[]"),  # JSON
)
evidence_links = Table(
    "evidence_links",
    metadata,
    Column("evidence", ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("clause", String, nullable=False, index=True),
)
wording = Table(
    "wording",
    metadata,
    Column("clause", String, primary_key=True),
    Column("text", String, nullable=False),
)
rechecks = Table(
    "rechecks",
    metadata,
    Column("clause", String, primary_key=True),
    Column("why", String, nullable=False),
)
departments = Table(
    "departments",
    metadata,
    Column("id", String, primary_key=True),
    Column("name", String, nullable=False),
    Column("people", String, nullable=False),  # JSON
)
tasks = Table(
    "tasks",
    metadata,
    Column("clause", String, primary_key=True),
    Column("department", String, nullable=False),
    Column("person", String, nullable=False),
    Column("deadline", String, nullable=False),
    Column("state", String, nullable=False),
    Column("comment", String, nullable=False),
)
merges = Table(
    "merges",
    metadata,
    Column("id", String, primary_key=True),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("packet", String, nullable=False),
    Column("department", String, nullable=False),
    Column("sender", String, nullable=False),  # JSON
    Column("counts", String, nullable=False),  # JSON
)
conflicts = Table(
    "conflicts",
    metadata,
    Column("id", String, primary_key=True),
    Column("merge", String, nullable=False),
    Column("key", String, nullable=False),
    Column("base", String, nullable=False),  # JSON, as the next three
    Column("ours", String, nullable=False),
    Column("theirs", String, nullable=False),
    Column("clauses", String, nullable=False),
    Column("why", String),
    Column("decision", String, nullable=False),
)
accepted = Table(
    "accepted",
    metadata,
    Column("finding", String, primary_key=True),
    Column("reason", String, nullable=False),
    Column("by", String, nullable=False),
    Column("at", String, nullable=False),
)
opinions = Table(
    "opinions",
    metadata,
    Column("clause", String, primary_key=True),
    Column("verdict", String, nullable=False),
    Column("seen", String, nullable=False),
    Column("problem", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("suggestion", String, nullable=False),
    Column("place", String, nullable=False),
    Column("at", String, nullable=False),
    Column("by", String, nullable=False),
    Column("group", String, nullable=False),
    Column("round", Integer, nullable=False),
)
photos = Table(
    "photos",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", String, nullable=False),
    Column("clauses", String, nullable=False),  # JSON
    Column("sha256", String, nullable=False),
    Column("file_name", String, nullable=False),
    Column("size", Integer, nullable=False),
    Column("media_type", String, nullable=False),
    Column("taken_at", String, nullable=False),
    Column("added_at", String, nullable=False),
    Column("added_by", String, nullable=False),
)
findings = Table(
    "findings",
    metadata,
    Column("id", String, primary_key=True),
    Column("clause", String, nullable=False),
    Column("problem", String, nullable=False),
    Column("suggestion", String, nullable=False),
    Column("severity", String, nullable=False),
    Column("group", String, nullable=False),
    Column("raised", Integer, nullable=False),
    Column("checked", Integer, nullable=False),
    Column("raised_by", String, nullable=False),
    Column("raised_at", String, nullable=False),
    Column("department", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("deadline", String, nullable=False),
    Column("measures", String, nullable=False),
    Column("state", String, nullable=False),
    Column("supervised", Boolean, nullable=False),
    Column("claimed_by", String, nullable=False),
    Column("claimed_at", String, nullable=False),
    Column("before", String, nullable=False),  # JSON, as the next three
    Column("after", String, nullable=False),
    Column("history", String, nullable=False),
    Column("more", String, nullable=False),
)
pack_files = Table(
    "pack_files",
    metadata,
    Column("name", String, primary_key=True),
    Column("content", LargeBinary, nullable=False),  # zlib
)
audit = Table(
    "audit",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("label", String, nullable=False),
    Column("changes", String, nullable=False),  # JSON, see changes.py
)
snapshots = Table(
    "snapshots",
    metadata,
    Column("number", Integer, primary_key=True),
    Column("at", String, nullable=False),
    Column("who", String, nullable=False),
    Column("label", String, nullable=False),
    Column("document", LargeBinary, nullable=False),  # zlib, see document.py
    Column("digest", String, nullable=False),  # SHA-256 of the document
)
# The files that a snapshot needs, so that tidying up need not read its document.
snapshot_files = Table(
    "snapshot_files",
    metadata,
    Column("snapshot", ForeignKey("snapshots.number"), primary_key=True),
    Column("sha256", String, primary_key=True),
)


def _append_only(table: str, name: str) -> list[str]:
    return [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{name} only appended to'); END"
        for verb in ("UPDATE", "DELETE")
    ]


TRIGGERS = (
    *_append_only("audit", "the audit trail is"),
    *_append_only("snapshots", "snapshots are"),
    *_append_only("snapshot_files", "snapshots are"),
)
