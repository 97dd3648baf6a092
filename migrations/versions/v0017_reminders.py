"""When `source.failing` was last said, how often again, and how many polls were missed."""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Utc

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; of what was told before, only that it was is known."""
    for name in ("failing_reminders", "missed_polls"):
        op.add_column("source", sa.Column(name, sa.Integer(), server_default="0", nullable=False))
    op.add_column("source", sa.Column("failing_told_at", Utc(), nullable=True))
