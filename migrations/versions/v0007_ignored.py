"""Which fields comparison left out when a version was made."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; in every version before, comparison left out none."""
    op.add_column("snapshot", sa.Column("ignored", sa.Text()))
