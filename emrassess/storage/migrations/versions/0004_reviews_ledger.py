"""What experts say, their photos, and the ledger."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Tables that are empty at first."""
    opinion = ("verdict", "seen", "problem", "severity", "suggestion", "place", "at", "by", "group")
    _table("opinions", "clause", *_texts(*opinion), _number("round"))
    photo = ("media_type", "taken_at", "added_at", "added_by")
    _table("photos", "id", *_texts("title", "clauses", "sha256", "file_name"), _number("size"), *_texts(*photo))
    _table(
        "findings",
        "id",
        *_texts("clause", "problem", "suggestion", "severity", "group"),
        _number("raised"),
        _number("checked"),
        *_texts("raised_by", "raised_at", "department", "owner", "deadline", "measures", "state"),
        sa.Column("supervised", sa.Boolean(), nullable=False),
        *_texts("claimed_by", "claimed_at", "before", "after", "history", "more"),
    )


def _table(name: str, key: str, *columns: sa.Column[Any]) -> None:
    op.create_table(name, sa.Column(key, sa.String(), primary_key=True), *columns)


def _texts(*names: str) -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.String(), nullable=False) for name in names]


def _number(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.Integer(), nullable=False)


def downgrade() -> None:
    """The backup made before the migration is the way back."""
    raise NotImplementedError
