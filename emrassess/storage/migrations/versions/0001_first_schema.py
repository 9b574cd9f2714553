"""The first schema."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make all tables; written out, so that it stays what it was when tables.py goes on."""
    text, integer = sa.String(), sa.Integer()
    op.create_table("settings", sa.Column("key", text, primary_key=True), sa.Column("value", text, nullable=False))
    op.create_table(
        "answers",
        sa.Column("clause", text, primary_key=True),
        sa.Column("verdict", text, nullable=False),
        sa.Column("note", text, nullable=False),
        sa.Column("demonstration", text, nullable=False),
    )
    _ratios("coverage")
    _ratios("quality", sa.Column("dimension", text, primary_key=True))
    op.create_table(
        "categories",
        sa.Column("item", text, primary_key=True),
        sa.Column("level", integer, primary_key=True),
        sa.Column("category", text, nullable=False),
        sa.Column("confirmed_by", text, nullable=False),
        sa.Column("confirmed_at", text, nullable=False),
    )
    _evidence()
    op.create_table(
        "audit",
        sa.Column("id", integer, primary_key=True),
        sa.Column("at", text, nullable=False),
        sa.Column("who", text, nullable=False),
        sa.Column("label", text, nullable=False),
        sa.Column("changes", text, nullable=False),
    )
    for verb in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
            "BEGIN SELECT RAISE(ABORT, 'the audit trail is only appended to'); END"
        )


def _ratios(name: str, *more: sa.Column[str]) -> None:
    op.create_table(
        name,
        sa.Column("item", sa.String(), primary_key=True),
        sa.Column("level", sa.Integer(), primary_key=True),
        *more,
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("numerator", sa.String()),
        sa.Column("denominator", sa.String()),
    )


def _evidence() -> None:
    text, integer = sa.String(), sa.Integer()
    op.create_table(
        "evidence",
        sa.Column("id", text, primary_key=True),
        sa.Column("title", text, nullable=False),
        sa.Column("kind", text, nullable=False),
        sa.Column("source_system", text, nullable=False),
        sa.Column("captured_at", text, nullable=False),
    )
    op.create_table(
        "evidence_revisions",
        sa.Column("evidence", text, sa.ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("number", integer, primary_key=True),
        sa.Column("sha256", text, nullable=False),
        sa.Column("file_name", text, nullable=False),
        sa.Column("size", integer, nullable=False),
        sa.Column("media_type", text, nullable=False),
        sa.Column("added_at", text, nullable=False),
        sa.Column("added_by", text, nullable=False),
    )
    op.create_index("ix_evidence_revisions_sha256", "evidence_revisions", ["sha256"])
    op.create_table(
        "evidence_links",
        sa.Column("evidence", text, sa.ForeignKey("evidence.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("position", integer, primary_key=True),
        sa.Column("clause", text, nullable=False),
    )
    op.create_index("ix_evidence_links_clause", "evidence_links", ["clause"])


def downgrade() -> None:
    """There is nothing before it; the backup is the way back."""
    raise NotImplementedError
