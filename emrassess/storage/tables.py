"""The tables of a workspace, schema version `SCHEMA`. A change here needs a migration beside it."""

from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table

SCHEMA = 1
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
)
evidence_links = Table(
    "evidence_links",
    metadata,
    Column("evidence", ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("clause", String, nullable=False, index=True),
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

TRIGGERS = tuple(
    f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
    "BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END"
    for verb in ("UPDATE", "DELETE")
)
