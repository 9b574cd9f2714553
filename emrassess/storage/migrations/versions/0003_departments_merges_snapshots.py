"""Departments and tasks, merged packets and conflicts, accepted findings, masked copies, snapshots."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Tables that are empty at first; no revision there is yet is a masked copy."""
    _texts("departments", "id", "name", "people")
    _texts("tasks", "clause", "department", "person", "deadline", "state", "comment")
    _texts("merges", "id", "at", "by", "packet", "department", "sender", "counts")
    conflict = ("id", "merge", "key", "base", "ours", "theirs", "clauses")
    why, decision = sa.Column("why", sa.String()), sa.Column("decision", sa.String(), nullable=False)
    _texts("conflicts", *conflict, more=(why, decision))
    _texts("accepted", "finding", "reason", "by", "at")
    for name, default in (("masked_from", ""), ("masks", "[]")):
        column = sa.Column(name, sa.String(), nullable=False, server_default=default)
        op.add_column("evidence_revisions", column)
    _snapshots()


def _texts(table: str, key: str, *columns: str, more: tuple[sa.Column[str], ...] = ()) -> None:
    op.create_table(
        table,
        sa.Column(key, sa.String(), primary_key=True),
        *(sa.Column(name, sa.String(), nullable=False) for name in columns),
        *more,
    )


def _snapshots() -> None:
    op.create_table(
        "snapshots",
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("at", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
    )
    op.create_table(
        "snapshot_files",
        sa.Column("snapshot", sa.Integer(), sa.ForeignKey("snapshots.number"), primary_key=True),
        sa.Column("sha256", sa.String(), primary_key=True),
    )
    for table in ("snapshots", "snapshot_files"):
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                "BEGIN SELECT RAISE(ABORT, 'snapshots are only appended to'); END"
            )


def downgrade() -> None:
    """The backup made before the migration is the way back."""
    raise NotImplementedError
