"""Where the event log ends, and how late each source can stand in it: by seeks alone."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, select

from pricetrail.catalog.event_types import COUNTED_TYPES, SCHEMA_CHANGED
from pricetrail.storage import tables as t


class Latest(NamedTuple):
    """A source with events, none of which is later than `at`."""

    source_id: int
    at: datetime


def last_number(connection: Connection) -> int:
    """The number of the last event; 0 where there is none."""
    return connection.execute(_LAST_NUMBER).scalar() or 0


def latest(connection: Connection) -> list[Latest]:
    """Every source that has events.

    Those of a snapshot are of its time. Others happen at polls, and dates of retirement are said
    again at them, so that of a source that has any its last poll is all that is known.
    """
    found = []
    for source_id, of_snapshots, last_poll, others in connection.execute(_LATEST):
        times = [of_snapshots, last_poll if others else None]
        at = max((moment for moment in times if moment is not None), default=None)
        if at is not None:
            found.append(Latest(source_id, at))
    return found


_LAST_NUMBER = select(func.max(t.event.c.number))
_counted = select(t.event_count.c.source_id).where(t.event_count.c.source_id == t.source.c.id)
_LATEST = select(
    t.source.c.id,
    select(func.max(t.snapshot.c.not_after))
    .where(t.snapshot.c.source_id == t.source.c.id)
    .correlate(t.source)
    .scalar_subquery(),
    t.source.c.last_poll_at,
    exists(
        _counted.where(t.event_count.c.type.not_in((*COUNTED_TYPES, SCHEMA_CHANGED))).correlate(
            t.source
        )
    ),
).where(exists(_counted.correlate(t.source)))
