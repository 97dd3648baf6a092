"""The tables. History is append-only; run-time state (leases, failures, outbox) is apart from it.

Intervals: a model version is in force for the snapshots `valid_from <= version < valid_to`,
so that an unchanged poll costs one row's update and a changed one as many rows as models changed.

What grows with history (`snapshot`, `model_version`, `price`, `event`) has its source in every
key: on Postgres a deployment may partition these by source, and a shard is a set of whole sources.
The other tables stay small, and whole.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    text,
)

from pricetrail.storage.types import Amount, EventId, EventType, Id, LogKey, Outcome, Utc

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

source = Table(
    "source",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("url", Text),
    Column("key_fingerprint", Text),
    Column("created_at", Utc, nullable=False),
    # The last accepted catalog.
    Column("head_version", Integer, nullable=False, server_default="0"),
    Column("head_hash", LargeBinary(32), nullable=False),
    Column("body_hash", LargeBinary(32)),
    Column("etag", Text),
    Column("baseline_version", Integer, nullable=False, server_default="1"),
    # How polling goes. `polls` counts every recorded one: a writer that read another count
    # when it began holds a stale view and is refused.
    Column("polls", Integer, nullable=False, server_default="0"),
    Column("good_polls", Integer, nullable=False, server_default="0"),
    # Those with a row of their own, by outcome: what they came to stays known once rows are pruned.
    Column("polls_changed", Integer, nullable=False, server_default="0"),
    Column("polls_unchanged", Integer, nullable=False, server_default="0"),
    Column("polls_failed", Integer, nullable=False, server_default="0"),
    Column("polls_quarantined", Integer, nullable=False, server_default="0"),
    Column("last_poll_at", Utc),
    # From when on the source is overdue, as `jobs.polls.overdue` works it out: two periods and the
    # deadline after the last answer.
    Column("overdue_at", Utc),
    Column("good_started_at", Utc),
    Column("good_at", Utc),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("failing_since", Utc),
    Column("failing_told", Boolean, nullable=False, server_default=text("false")),
    Column("last_error", Text),
    # Whether a suspicious catalog is held in quarantine.
    Column("holding", Boolean, nullable=False, server_default=text("false")),
    # The scheduler's slot and who holds it.
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("next_slot_at", Utc),
    Column("lease_owner", Text),
    Column("lease_token", Text),
    Column("lease_until", Utc),
    # The schedules in force of late, written by `jobs.polls.missed_slots`: what may be missed.
    Column("cadence", Text),
    # How far the clock here is ahead of the gateway's, where that is more than it may, and at how
    # many polls in a row it was so.
    Column("clock_offset_ms", BigInteger),
    Column("clock_polls", Integer, nullable=False, server_default="0"),
)

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
)

poll = Table(
    "poll",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("slot", Utc),
    Column("started_at", Utc, nullable=False),
    Column("finished_at", Utc, nullable=False),
    Column("outcome", String(12), nullable=False),
    Column("version", Integer, nullable=False),
    Column("error", Text),
    UniqueConstraint("source_id", "slot"),
    CheckConstraint("outcome IN ('changed', 'unchanged', 'failed', 'quarantined')", name="outcome"),
)

snapshot = Table(
    "snapshot",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("not_before", Utc),
    Column("not_after", Utc, nullable=False),
    Column("catalog_root", LargeBinary(32), nullable=False),
    Column("chain_hash", LargeBinary(32), nullable=False),
    Column("body_hash", LargeBinary(32), nullable=False),
    Column("body_size", Integer, nullable=False),
    # As `storage.codecs.bodies` packs it; against the body of version `body_base` where that is
    # given. Null: pruned.
    Column("body", LargeBinary),
    Column("body_base", Integer),
    Column("models", Integer, nullable=False),
    Column("added", Integer, nullable=False),
    Column("removed", Integer, nullable=False),
    Column("repriced", Integer, nullable=False),
    Column("updated", Integer, nullable=False),
    # The fields that comparison left out, as a JSON array; null where it left out none.
    Column("ignored", Text),
    Index(None, "source_id", "not_after"),
)

model = Table(
    "model",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text(collation="C").with_variant(Text(), "sqlite"), nullable=False),
    UniqueConstraint("source_id", "name"),
)

model_version = Table(
    "model_version",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("model_id", ForeignKey("model.id", ondelete="CASCADE"), primary_key=True),
    Column("valid_from", Integer, primary_key=True),
    Column("valid_to", Integer),
    # As `storage.codecs.documents` packs it: by itself, or by its difference from the document
    # of the same model whose `valid_from` is `base`.
    Column("base", Integer),
    Column("document", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)

# Every path of a price that any source has shown, and its unit.
path = Table(
    "path",
    metadata,
    Column("id", Id, primary_key=True),
    Column("path", Text, nullable=False, unique=True),
    Column("unit", Text),
)

schema_seen = Table(
    "schema_seen",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("item", Text, primary_key=True),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# A price from a version on, until the next row of its path or until the model is gone: only
# what changed has a row.
price = Table(
    "price",
    metadata,
    Column("source_id", Id, primary_key=True),
    Column("model_id", Id, primary_key=True),
    Column("valid_from", Integer, primary_key=True),
    Column("path_id", ForeignKey("path.id"), primary_key=True),
    # Null where the text (`flagged`) is no amount: kept as it came, never computed with; both
    # are null where the price went.
    Column("amount", Amount),
    Column("flagged", Text),
    ForeignKeyConstraint(
        ["source_id", "model_id", "valid_from"],
        ["model_version.source_id", "model_version.model_id", "model_version.valid_from"],
        ondelete="CASCADE",
        name="fk_price_model_version",
    ),
    sqlite_with_rowid=False,
)

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
    Index(
        "ix_routing_gathered",
        "webhook",
        sqlite_where=text("verdict = 'digest' AND detail IS NULL"),
        postgresql_where=text("verdict = 'digest' AND detail IS NULL"),
    ),
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

# Quantities per model and day, in the unit of the price path they are charged by.
usage = Table(
    "usage",
    metadata,
    Column("model", Text, primary_key=True),
    Column("day", String(10), primary_key=True),
    Column("path", Text, primary_key=True),
    Column("quantity", Amount, nullable=False),
    sqlite_with_rowid=False,
)

usage_file = Table(
    "usage_file",
    metadata,
    Column("hash", LargeBinary(32), primary_key=True),
    Column("name", Text, nullable=False),
    Column("rows", Integer, nullable=False),
    Column("imported_at", Utc, nullable=False),
    sqlite_with_rowid=False,
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
    sqlite_with_rowid=False,
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
    Index(
        "ix_delivery_open",
        "webhook",
        "number",
        sqlite_where=text("state IN ('pending', 'leased')"),
        postgresql_where=text("state IN ('pending', 'leased')"),
    ),
    # Those that nobody took, to be counted: the others are most of them.
    Index(
        "ix_delivery_undelivered",
        "webhook",
        "state",
        sqlite_where=text("state IN ('pending', 'leased', 'dead', 'cancelled')"),
        postgresql_where=text("state IN ('pending', 'leased', 'dead', 'cancelled')"),
    ),
)

attempt = Table(
    "attempt",
    metadata,
    Column("id", Id, primary_key=True),
    Column("delivery_id", ForeignKey("delivery.number", ondelete="CASCADE"), nullable=False),
    Column("at", Utc, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Index(None, "delivery_id"),
)

# What the last verification showed. It proves nothing: whoever can edit a history can edit this.
verification = Table(
    "verification",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("at", Utc, nullable=False),
    # How many versions were checked, and the newest that there was then.
    Column("snapshots", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    # The version whose head was given, and found; null where none was.
    Column("saved_version", Integer),
    # The first break in words; null where there was none.
    Column("first_break", Text),
    sqlite_with_rowid=False,
)
