"""What is counted as it happens: polls by outcome, events by type, messages that were taken.

Rows of polls and messages are pruned, and the log of events is too long to count.
"""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import EventType, Id, Utc

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_OUTCOMES = ("changed", "unchanged", "failed", "quarantined")
_POLLS = {
    outcome: sa.text(f"UPDATE source SET polls_{outcome} = :number WHERE id = :source")  # noqa: S608 - one of these
    for outcome in _OUTCOMES
}
_UNDELIVERED = sa.text("state IN ('pending', 'leased', 'dead', 'cancelled')")


def upgrade() -> None:
    """Add the counts, as far as what is there tells them."""
    for outcome in _OUTCOMES:
        op.add_column(
            "source",
            sa.Column(f"polls_{outcome}", sa.Integer(), server_default="0", nullable=False),
        )
    op.add_column("source", sa.Column("overdue_at", Utc(), nullable=True))
    op.add_column(
        "webhook", sa.Column("delivered", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.create_table(
        "event_count",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("type", EventType(length=24), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_event_count_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "type", name=op.f("pk_event_count")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_delivery_undelivered",
        "delivery",
        ["webhook", "state"],
        unique=False,
        sqlite_where=_UNDELIVERED,
        postgresql_where=_UNDELIVERED,
    )
    _count()


def _count() -> None:
    connection = op.get_bind()
    polls = connection.execute(
        sa.text("SELECT source_id, outcome, COUNT(*) FROM poll GROUP BY source_id, outcome")
    )
    for source, outcome, number in polls.all():
        connection.execute(_POLLS[outcome], {"number": number, "source": source})
    op.execute(
        "INSERT INTO event_count (source_id, type, events)"
        " SELECT source_id, type, COUNT(*) FROM event GROUP BY source_id, type"
    )
    op.execute(
        "INSERT INTO webhook (name) SELECT DISTINCT webhook FROM delivery"
        " WHERE state = 'delivered' AND webhook NOT IN (SELECT name FROM webhook)"
    )
    op.execute(
        "UPDATE webhook SET delivered = (SELECT COUNT(*) FROM delivery"
        " WHERE delivery.webhook = webhook.name AND delivery.state = 'delivered')"
    )
