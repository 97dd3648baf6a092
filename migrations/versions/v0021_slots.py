"""The slot that comes next, and who holds it, in a narrow table of its own."""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Id, PartialIndex, Utc

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

_MOVED = ("next_slot_at", "lease_owner", "lease_token", "lease_until")
# A row of these is written anew by nearly every poll: with room beside it, no index is.
_WRITTEN_OFTEN = ("source", "coverage")


def upgrade() -> None:
    """Move the columns of sources; a lease that somebody holds at this moment is over."""
    op.create_table(
        "slot",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("slot_at", Utc(), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("owner", sa.Text(), nullable=True),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("set_at", Utc(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name="fk_slot_source_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name="pk_slot"),
        PartialIndex("ix_slot_due_at", "due_at", where="NOT paused"),
        sqlite_with_rowid=False,
    )
    op.execute(
        "INSERT INTO slot (source_id, slot_at, due_at, paused, set_at) "
        "SELECT id, next_slot_at, next_slot_at, paused, "
        "coalesce(last_poll_at, created_at) FROM source WHERE next_slot_at IS NOT NULL"
    )
    for column in _MOVED:
        op.drop_column("source", column)
    if op.get_bind().dialect.name == "postgresql":
        for table in _WRITTEN_OFTEN:
            op.execute(f"ALTER TABLE {table} SET (fillfactor = 80)")
