"""What polls found: coverage, quarantine, changes that wait.

On Postgres `poll` is parted by months (`storage.partitions`), which are dropped whole.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import Id, LogKey, Outcome, Utc

coverage = Table(
    "coverage",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("outcome", Outcome, nullable=False),
    Column("version", Integer, nullable=False),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
    Column("polls", Integer, nullable=False),
    Column("longest_gap_ms", BigInteger, nullable=False, server_default="0"),
    Column("why", Text),
    Index(None, "source_id", "first_at"),
    CheckConstraint("outcome IN ('g', 'f', 'q', 'm', 'i')", name="outcome"),
    # An unchanged poll lengthens one row: with room beside it, no index hears of it.
    info={"postgres": "WITH (fillfactor=80)"},
)

poll = Table(
    "poll",
    metadata,
    Column("id", Id, Identity(), nullable=False),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("slot", Utc),
    Column("started_at", Utc, nullable=False),
    Column("finished_at", Utc, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("error", Text),
    LogKey("id", "started_at"),
    # A slot is recorded once. On Postgres a key would have to hold the month's column as well:
    # there `storage.polls.poll_rows.log` looks, in the transaction that holds the source's row.
    UniqueConstraint("source_id", "slot").ddl_if(dialect="sqlite"),
    Index(None, "source_id", "slot").ddl_if(dialect="postgresql"),
    CheckConstraint("outcome IN ('changed', 'unchanged', 'failed', 'quarantined')", name="outcome"),
    info={"postgres": "PARTITION BY RANGE (started_at)"},
)

# Catalogs set aside: kept whole, with what accepting one would have announced.
quarantine = Table(
    "quarantine",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("first_at", Utc, nullable=False),
    Column("last_at", Utc, nullable=False),
    # How many polls in a row brought this same catalog.
    Column("polls", Integer, nullable=False),
    Column("base_version", Integer, nullable=False),
    Column("catalog_root", LargeBinary(32), nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("models", Integer, nullable=False),
    Column("counts", Text, nullable=False),
    Column("decided_at", Utc),
    CheckConstraint(
        "state IN ('held', 'approved', 'rejected', 'confirmed', 'superseded')", name="state"
    ),
)

# Changes whose announcement waits: for the hold to pass, or for polls that agree on a removal.
# The states are Merkle leaves; 32 zero bytes stand for "not visible".
held = Table(
    "held",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("model_id", ForeignKey("model.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("event_ids", Text, nullable=False),
    Column("state_before", LargeBinary(32), nullable=False),
    Column("state_after", LargeBinary(32), nullable=False),
    Column("due_at", Utc, nullable=False),
    # The source's count of good polls from which it may be announced.
    Column("due_polls", Integer, nullable=False),
    # A change that was undone: said as one line when due, and no alert.
    Column("blip", Boolean, nullable=False, server_default=text("false")),
    Index(None, "source_id", "due_at"),
)
