"""The outbox and what decides about it: holds, routing, silences, usage, quarantine."""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Amount, EventId, Id, Utc

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables of announcing and delivering."""
    op.create_table(
        "delivery",
        sa.Column("number", Id, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("event_ids", sa.Text(), nullable=False),
        sa.Column("blips", sa.Text(), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("next_at", Utc(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("delivered_at", Utc(), nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "state IN ('pending', 'leased', 'delivered', 'dead', 'cancelled')",
            name=op.f("ck_delivery_state"),
        ),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_delivery")),
        sa.UniqueConstraint("id", name=op.f("uq_delivery_id")),
    )
    op.create_index(
        "ix_delivery_open",
        "delivery",
        ["webhook", "number"],
        unique=False,
        sqlite_where=sa.text("state IN ('pending', 'leased')"),
        postgresql_where=sa.text("state IN ('pending', 'leased')"),
    )
    op.create_table(
        "routing",
        sa.Column("event_id", EventId(length=20), nullable=False),
        sa.Column("webhook", sa.Text(), nullable=False),
        sa.Column("verdict", sa.String(length=12), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("at", Utc(), nullable=False),
        sa.CheckConstraint(
            "verdict IN ('delivery', 'filtered', 'silenced', 'digest', 'blip')",
            name=op.f("ck_routing_verdict"),
        ),
        sa.PrimaryKeyConstraint("event_id", "webhook", name=op.f("pk_routing")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        "ix_routing_gathered",
        "routing",
        ["webhook"],
        unique=False,
        sqlite_where=sa.text("verdict = 'digest' AND detail IS NULL"),
        postgresql_where=sa.text("verdict = 'digest' AND detail IS NULL"),
    )
    op.create_table(
        "silence",
        sa.Column("id", Id, nullable=False),
        sa.Column("glob", sa.Text(), nullable=False),
        sa.Column("until", Utc(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("removed_at", Utc(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_silence")),
    )
    op.create_table(
        "usage",
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("quantity", Amount(), nullable=False),
        sa.PrimaryKeyConstraint("model", "day", "path", name=op.f("pk_usage")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usage_file",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("imported_at", Utc(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_usage_file")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "webhook",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest_at", Utc(), nullable=True),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("disabled_at", Utc(), nullable=True),
        sa.Column("why", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_webhook")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "attempt",
        sa.Column("id", Id, nullable=False),
        sa.Column("delivery_id", Id, nullable=False),
        sa.Column("at", Utc(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["delivery_id"],
            ["delivery.number"],
            name=op.f("fk_attempt_delivery_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attempt")),
    )
    op.create_index(op.f("ix_attempt_delivery_id"), "attempt", ["delivery_id"], unique=False)
    op.create_table(
        "quarantine",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("base_version", sa.Integer(), nullable=False),
        sa.Column("catalog_root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("models", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Text(), nullable=False),
        sa.Column("decided_at", Utc(), nullable=True),
        sa.CheckConstraint(
            "state IN ('held', 'approved', 'rejected', 'confirmed', 'superseded')",
            name=op.f("ck_quarantine_state"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_quarantine_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_quarantine")),
    )
    op.create_table(
        "held",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("event_ids", sa.Text(), nullable=False),
        sa.Column("state_before", sa.LargeBinary(length=32), nullable=False),
        sa.Column("state_after", sa.LargeBinary(length=32), nullable=False),
        sa.Column("due_at", Utc(), nullable=False),
        sa.Column("due_polls", sa.Integer(), nullable=False),
        sa.Column("blip", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_held_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_held_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_held")),
    )
    op.create_index(op.f("ix_held_source_id_due_at"), "held", ["source_id", "due_at"], unique=False)
