"""Each source's log by an index: who looks for its last events reads no other source's."""

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; nothing else changes."""
    op.create_index(op.f("ix_event_source_id_number"), "event", ["source_id", "number"])
