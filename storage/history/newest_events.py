"""The newest events, each put together once: what a row says never changes."""

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from pricetrail.catalog.events import Event
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.history.events import OF_SNAPSHOT, EventFilter, by_numbers, rules
from pricetrail.storage.remembered import Apart

# The number of a row, and the id as it stands in it.
_Key: TypeAlias = tuple[int, object]

# So many events of a database: some ten megabytes.
_MOST = 8_000


def newest(connection: Connection, wanted: EventFilter) -> Iterator[tuple[int, Event]]:
    """Events with their row numbers, those that were recorded last first."""
    rows = connection.execute(_NEWEST.where(*rules(wanted)).limit(wanted.limit))
    keys: list[_Key] = [(number, name) for number, name in rows]

    def read_all(some: Sequence[_Key]) -> dict[_Key, Event]:
        names = dict(some)
        found = (by_numbers(connection, part) for part in chunks(names))
        return {(number, names[number]): event for part in found for number, event in part}

    known = _KNOWN.of(connection.engine).get_many(keys, read_all)
    yield from ((number, event) for (number, _), event in known.items())


_KNOWN: Apart[_Key, Event] = Apart(_MOST)
_NEWEST = (
    select(t.event.c.number, type_coerce(t.event.c.id, NullType()))
    .select_from(t.event)
    .outerjoin(t.snapshot, OF_SNAPSHOT)
    .order_by(t.event.c.number.desc())
)
