"""The sources, what their polls came to, and who holds a slot."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from pricetrail.storage.tables.schema import metadata
from pricetrail.storage.types import Id, PartialIndex, Utc

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
    # When that was last said, and how often it was said again.
    Column("failing_told_at", Utc),
    Column("failing_reminders", Integer, nullable=False, server_default="0"),
    # The slots of the schedule without a poll since the last good one.
    Column("missed_polls", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    # Whether a suspicious catalog is held in quarantine.
    Column("holding", Boolean, nullable=False, server_default=text("false")),
    # Whether its schedule is left alone.
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    # The schedules in force of late, written by `jobs.polls.missed_slots`: what may be missed.
    Column("cadence", Text),
    # How far the clock here is ahead of the gateway's, where that is more than it may, and at how
    # many polls in a row it was so.
    Column("clock_offset_ms", BigInteger),
    Column("clock_polls", Integer, nullable=False, server_default="0"),
    # The name that the chain hashes, where the source was renamed since: a chain keeps the one
    # that it began with. Null: `name`.
    Column("chain_name", Text),
    # How the accepted catalog was read last, as `snapshot` has it: a later version of a dialect
    # that reads the same makes no version.
    Column("dialect", Text),
    Column("keep", Text),
    # The first version of which dates of retirement are events of their own: before there were
    # such events, the field was like any other.
    Column("sunsets_from", Integer, nullable=False, server_default="1"),
    # When the next of its dates of retirement is to be said again; null where none is.
    Column("remind_at", Utc),
    # What a source that is kept here says, as a JSON object of a configuration's keys; null for
    # one of the configuration.
    Column("settings", Text),
    # Written by every poll: with room beside it, no index hears of it.
    info={"postgres": "WITH (fillfactor=80)"},
)

# The slot that comes next of each source whose schedule is known, and who holds it. A table of its
# own: whatever the index on `due_at` costs is paid here, on narrow rows.
slot = Table(
    "slot",
    metadata,
    Column("source_id", ForeignKey("source.id", ondelete="CASCADE"), primary_key=True),
    Column("slot_at", Utc, nullable=False),
    # From when on a worker may claim it: a little after the slot itself, and where somebody holds
    # it, when the lease runs out.
    Column("due_at", Utc, nullable=False),
    # As the source's own, so that the index leaves it out.
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("owner", Text),
    Column("token", Text),
    # The time by which this was worked out: one ahead of now is of a clock that was set back.
    Column("set_at", Utc, nullable=False),
    PartialIndex("ix_slot_due_at", "due_at", where="NOT paused"),
    sqlite_with_rowid=False,
)

# Sources that somebody removed: what is left of each is its head. Neither their ids nor the numbers
# of their events are given again, which readers of the log have seen.
removed_source = Table(
    "removed_source",
    metadata,
    Column("id", Id, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("chain_name", Text, nullable=False),
    Column("head_version", Integer, nullable=False),
    Column("head_hash", LargeBinary(32), nullable=False),
    # The newest event of all when it was removed.
    Column("last_event", Id, nullable=False),
    Column("removed_at", Utc, nullable=False),
    sqlite_with_rowid=False,
)
