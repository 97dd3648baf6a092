"""The history: sources, polls, snapshots, model versions, prices, events.

The first schema that is released; 0001 to 0008 were those of the months before.
"""

import sqlalchemy as sa
from alembic import op

from pricetrail.storage.types import Amount, EventId, EventType, Id, LogKey, Outcome, Utc

revision = "0009"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of an empty database."""
    op.create_table(
        "path",
        sa.Column("id", Id, nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_path")),
        sa.UniqueConstraint("path", name=op.f("uq_path_path")),
    )
    op.create_table(
        "source",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("key_fingerprint", sa.Text(), nullable=True),
        sa.Column("created_at", Utc(), nullable=False),
        sa.Column("head_version", sa.Integer(), server_default="0", nullable=False),
        sa.Column("head_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("baseline_version", sa.Integer(), server_default="1", nullable=False),
        sa.Column("polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("good_polls", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_poll_at", Utc(), nullable=True),
        sa.Column("good_started_at", Utc(), nullable=True),
        sa.Column("good_at", Utc(), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("failing_since", Utc(), nullable=True),
        sa.Column("failing_told", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("holding", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("paused", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.Column("next_slot_at", Utc(), nullable=True),
        sa.Column("lease_owner", sa.Text(), nullable=True),
        sa.Column("lease_token", sa.Text(), nullable=True),
        sa.Column("lease_until", Utc(), nullable=True),
        sa.Column("cadence", sa.Text(), nullable=True),
        sa.Column("clock_offset_ms", sa.BigInteger(), nullable=True),
        sa.Column("clock_polls", sa.Integer(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_source")),
        sa.UniqueConstraint("name", name=op.f("uq_source_name")),
    )
    op.create_table(
        "coverage",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("outcome", Outcome(length=24), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("first_at", Utc(), nullable=False),
        sa.Column("last_at", Utc(), nullable=False),
        sa.Column("polls", sa.Integer(), nullable=False),
        sa.Column("longest_gap_ms", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("why", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('g', 'f', 'q', 'm', 'i')", name=op.f("ck_coverage_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_coverage_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverage")),
    )
    op.create_index(
        op.f("ix_coverage_source_id_first_at"), "coverage", ["source_id", "first_at"], unique=False
    )
    op.create_table(
        "model",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("name", sa.Text(collation="C").with_variant(sa.Text(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_model_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_model")),
        sa.UniqueConstraint("source_id", "name", name=op.f("uq_model_source_id_name")),
    )
    op.create_table(
        "poll",
        sa.Column("id", Id, nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("slot", Utc(), nullable=True),
        sa.Column("started_at", Utc(), nullable=False),
        sa.Column("finished_at", Utc(), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('changed', 'unchanged', 'failed', 'quarantined')",
            name=op.f("ck_poll_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_poll_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_poll")),
        sa.UniqueConstraint("source_id", "slot", name=op.f("uq_poll_source_id_slot")),
    )
    op.create_table(
        "schema_seen",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_schema_seen_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "item", name=op.f("pk_schema_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "snapshot",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("not_before", Utc(), nullable=True),
        sa.Column("not_after", Utc(), nullable=False),
        sa.Column("catalog_root", sa.LargeBinary(length=32), nullable=False),
        sa.Column("chain_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column("body_size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        sa.Column("body_base", sa.Integer(), nullable=True),
        sa.Column("models", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("repriced", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("ignored", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_snapshot_source_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("source_id", "version", name=op.f("pk_snapshot")),
    )
    op.create_index(
        op.f("ix_snapshot_source_id_not_after"),
        "snapshot",
        ["source_id", "not_after"],
        unique=False,
    )
    op.create_table(
        "event",
        sa.Column("number", Id, sa.Identity(), nullable=False),
        sa.Column("id", EventId(length=20), nullable=False),
        sa.Column("source_id", Id, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("type", EventType(length=24), nullable=False),
        sa.Column("model_id", Id, nullable=True),
        sa.Column("at", Utc(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_event_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"], ["source.id"], name=op.f("fk_event_source_id"), ondelete="CASCADE"
        ),
        LogKey("number", "source_id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_id_start", "event", [sa.text("substr(id, 1, 4)")], unique=False)
    op.create_table(
        "model_version",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("valid_to", sa.Integer(), nullable=True),
        sa.Column("base", sa.Integer(), nullable=True),
        sa.Column("document", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["model_id"], ["model.id"], name=op.f("fk_model_version_model_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
            name=op.f("fk_model_version_source_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "source_id", "model_id", "valid_from", name=op.f("pk_model_version")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "price",
        sa.Column("source_id", Id, nullable=False),
        sa.Column("model_id", Id, nullable=False),
        sa.Column("valid_from", sa.Integer(), nullable=False),
        sa.Column("path_id", Id, nullable=False),
        sa.Column("amount", Amount(), nullable=True),
        sa.Column("flagged", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["source_id", "model_id", "valid_from"],
            ["model_version.source_id", "model_version.model_id", "model_version.valid_from"],
            name="fk_price_model_version",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["path_id"], ["path.id"], name=op.f("fk_price_path_id")),
        sa.PrimaryKeyConstraint(
            "source_id", "model_id", "valid_from", "path_id", name=op.f("pk_price")
        ),
        sqlite_with_rowid=False,
    )
