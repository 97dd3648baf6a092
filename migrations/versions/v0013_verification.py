"""What the last verification of each source showed."""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Id, Utc

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table; nothing is known of verifications before."""
    op.create_table(
        "verification",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("snapshots", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("saved_version", sa.Integer(), nullable=True),
        sa.Column("first_break", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_verification_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", name=op.f("pk_verification")),
        sqlite_with_rowid=False,
    )
