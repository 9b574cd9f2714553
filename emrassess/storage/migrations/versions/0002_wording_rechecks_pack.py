"""Official wording, clauses to look at again, and the files of the pack."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Three tables more, all empty: the pack's files come with the next opening."""
    text = sa.String()
    op.create_table("wording", sa.Column("clause", text, primary_key=True), sa.Column("text", text, nullable=False))
    op.create_table("rechecks", sa.Column("clause", text, primary_key=True), sa.Column("why", text, nullable=False))
    op.create_table(
        "pack_files",
        sa.Column("name", text, primary_key=True),
        sa.Column("content", sa.LargeBinary(), nullable=False),
    )


def downgrade() -> None:
    """The backup made before the migration is the way back."""
    raise NotImplementedError
