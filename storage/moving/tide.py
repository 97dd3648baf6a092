"""What a running pricetrail writes again and again: looked at twice, it tells that one runs."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.moving.copying import content

_SMALL = (t.source, t.slot, t.webhook, t.silence, t.held, t.usage_file)
_NUMBERED = (t.event.c.number, t.coverage.c.id, t.quarantine.c.id, t.delivery.c.number)


@dataclass(frozen=True, slots=True)
class Tide:
    """How far a database has come; unequal to another look where anything was written between.

    `polls` counts those of all sources.
    """

    polls: int
    marks: tuple[str | int, ...]


def look(connection: Connection) -> Tide:
    """How far a database has come by now: a few small tables, and the newest of the large."""
    polls = connection.execute(select(func.sum(t.source.c.polls))).scalar() or 0
    small = (content(connection, table, lambda _: None).digest for table in _SMALL)
    newest = (
        connection.execute(select(func.max(column))).scalar() or 0
        for column in (*_NUMBERED, t.attempt.c.id)
    )
    return Tide(polls, (*small, *newest))
