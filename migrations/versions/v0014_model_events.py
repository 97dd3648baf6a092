"""A model's events by an index: else each page of a model reads the log of its whole source."""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the index; nothing else changes."""
    op.create_index(op.f("ix_event_model_id"), "event", ["model_id"])
