"""Sources and webhooks that are kept in the database: what they say."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; whatever is known already stands in the configuration."""
    op.add_column("source", sa.Column("settings", sa.Text(), nullable=True))
    op.add_column("webhook", sa.Column("settings", sa.Text(), nullable=True))
