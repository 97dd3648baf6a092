"""What certainty rests on: the schedules in force, and how far the clocks differ."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns."""
    op.add_column("source", sa.Column("cadence", sa.Text()))
    op.add_column("source", sa.Column("clock_offset_ms", sa.BigInteger()))
    op.add_column(
        "source", sa.Column("clock_polls", sa.Integer(), nullable=False, server_default="0")
    )
