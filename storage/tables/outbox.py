"""The outbox: what is to be sent to whom, and what became of it.

On Postgres `attempt` is parted by months (`storage.partitions`), which are dropped whole.
"""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import EventId, Id, LogKey, PartialIndex, Utc

# What became of each event for each webhook, and by which rule.
routing = Table(
    "routing",
    metadata,
    Column("event_id", EventId, primary_key=True),
    Column("webhook", Text, primary_key=True),
    Column("verdict", String(12), nullable=False),
    # The rule, the silence's id, or the id of the delivery that carries it.
    Column("detail", Text),
    Column("at", Utc, nullable=False),
    CheckConstraint(
        "verdict IN ('delivery', 'filtered', 'silenced', 'digest', 'blip')", name="verdict"
    ),
    PartialIndex("ix_routing_gathered", "webhook", where="verdict = 'digest' AND detail IS NULL"),
    sqlite_with_rowid=False,
)

silence = Table(
    "silence",
    metadata,
    Column("id", Id, primary_key=True),
    Column("glob", Text, nullable=False),
    Column("until", Utc, nullable=False),
    Column("reason", Text, nullable=False),
    Column("created_at", Utc, nullable=False),
    Column("removed_at", Utc),
)

webhook = Table(
    "webhook",
    metadata,
    Column("name", Text, primary_key=True),
    Column("digest_at", Utc),
    Column("failing_since", Utc),
    Column("disabled_at", Utc),
    Column("why", Text),
    # How many messages its receiver took: the outbox forgets them.
    Column("delivered", BigInteger, nullable=False, server_default="0"),
    # The last message that its receiver took, and the last try that failed, with its error.
    Column("succeeded_at", Utc),
    Column("failed_at", Utc),
    Column("last_error", Text),
    # Until when its receiver asked for a pause, where its messages go out in any order: written
    # here once, however many wait. Where there is an order, the one that waits holds the others.
    Column("waits_until", Utc),
    # What a webhook that is kept here says, as `source.settings` does.
    Column("settings", Text),
    sqlite_with_rowid=False,
    # A few rows, written again with every message.
    info={"postgres": "WITH (fillfactor=50)"},
)

delivery = Table(
    "delivery",
    metadata,
    Column("number", Id, primary_key=True),
    Column("id", Text, nullable=False, unique=True),
    Column("webhook", Text, nullable=False),
    Column("event_ids", Text, nullable=False),
    # The changes that were undone and are said as one line each, as lists of event ids.
    Column("blips", Text),
    Column("state", String(12), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("created_at", Utc, nullable=False),
    Column("next_at", Utc, nullable=False),
    Column("token", Text),
    Column("delivered_at", Utc),
    Column("last_status", Integer),
    Column("last_error", Text),
    CheckConstraint(
        "state IN ('pending', 'leased', 'delivered', 'dead', 'cancelled')", name="state"
    ),
    PartialIndex("ix_delivery_open", "webhook", "number", where="state IN ('pending', 'leased')"),
    # Where messages go out in any order: what is due first.
    PartialIndex(
        "ix_delivery_due",
        "webhook",
        "state",
        "next_at",
        "number",
        where="state IN ('pending', 'leased')",
    ),
    # Those that nobody took, to be counted: the others are most of them.
    PartialIndex(
        "ix_delivery_undelivered",
        "webhook",
        "state",
        where="state IN ('pending', 'leased', 'dead', 'cancelled')",
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, Identity(), nullable=False),
    Column("delivery_id", ForeignKey("delivery.number", ondelete="CASCADE"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    LogKey("id", "at"),
    Index(None, "delivery_id"),
    info={"postgres": "PARTITION BY RANGE (at)"},
)
