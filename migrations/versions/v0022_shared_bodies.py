"""Bodies that several versions have, of one source or of many, are stored once.

What is stored already stays with its version, and is read as before.
"""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Id

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table, and to snapshots where their bodies lie in it."""
    op.create_table(
        "shared_body",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shared_body")),
    )
    op.add_column("snapshot", sa.Column("shared_body_id", Id, nullable=True))
    op.execute(
        "CREATE INDEX ix_snapshot_shared_body_id ON snapshot (shared_body_id)"
        " WHERE shared_body_id IS NOT NULL"
    )
