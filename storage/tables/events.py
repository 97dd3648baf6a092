"""What happened: written once with the version that it belongs to, like all history."""

from sqlalchemy import (
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    func,
    literal_column,
)

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import EventId, EventType, Id, LogKey, Utc

event = Table(
    "event",
    metadata,
    Column("number", Id, Identity(), nullable=False),
    Column("id", EventId, nullable=False),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("type", EventType, nullable=False),
    Column("model_id", ForeignKey("model.id", ondelete="CASCADE")),
    # Null for events of a snapshot: its `not_after` is theirs.
    Column("at", Utc),
    # The part of `data` that the snapshot and the model's versions do not tell: nothing where
    # amounts changed and no more. Of other changes: an object from path (a price's without
    # `/pricing/`) to [old, new], or [old, new, the rest].
    Column("body", Text),
    # The number first: the log is read by it, whatever the sources.
    LogKey("number", "source_id"),
    # A model's page asks for its few events among those of all.
    Index(None, "model_id"),
)
# An id is a hash: its first bytes tell it from all others but one in four billion.
EVENT_ID_START = 4
# Nothing in it may be a parameter: else no question would find the index.
event_id_start = func.substr(
    event.c.id, literal_column("1"), literal_column(str(EVENT_ID_START)), type_=LargeBinary
)
Index("ix_event_id_start", event_id_start)

# How many events of each type a source has made: the log is too long to count.
event_count = Table(
    "event_count",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("type", EventType, primary_key=True),
    Column("events", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
