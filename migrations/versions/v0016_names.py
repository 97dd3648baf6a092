"""Sources may be renamed and removed; a webhook remembers its last success and its last error."""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Id, Utc

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table; nothing is known of what was before."""
    op.add_column("source", sa.Column("chain_name", sa.Text(), nullable=True))
    op.add_column("webhook", sa.Column("succeeded_at", Utc(), nullable=True))
    op.add_column("webhook", sa.Column("failed_at", Utc(), nullable=True))
    op.add_column("webhook", sa.Column("last_error", sa.Text(), nullable=True))
    op.create_table(
        "removed_source",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("chain_name", sa.Text(), nullable=False),
        sa.Column("head_version", sa.Integer(), nullable=False),
        sa.Column("head_hash", sa.LargeBinary(32), nullable=False),
        sa.Column("last_event", Id, nullable=False),
        sa.Column("removed_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_removed_source")),
        sqlite_with_rowid=False,
    )
