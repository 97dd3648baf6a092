"""Long answers a piece at a time, each piece in a short transaction of its own.

So memory stays flat, and whoever reads slowly (a pager, a pipe) holds up no poll. History is only
ever appended to: what is written meanwhile may be missing at the end, and nothing else.
"""

from array import array
from collections.abc import Iterator

from pricetrail.catalog.events import Event
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.versions import SnapshotRow
from pricetrail.storage.outbox import deliveries as outbox
from pricetrail.storage.outbox.deliveries import Delivery

_PIECE = 500


def event_numbers(database: Database, wanted: EventFilter) -> "array[int]":
    """The row numbers of events in order of time: eight bytes each, however many there are."""
    with database.read() as connection:
        return array("q", events.numbers(connection, wanted))


def events_of(database: Database, numbers: "array[int]") -> Iterator[tuple[int, Event]]:
    """The events with these row numbers, in that order."""
    for some in chunks(numbers, _PIECE):
        with database.read() as connection:
            found = dict(events.by_numbers(connection, some))
        yield from ((number, found[number]) for number in some if number in found)


def deliveries(
    database: Database, states: tuple[str, ...], webhook: str | None, limit: int | None
) -> Iterator[Delivery]:
    """What is in the outbox, oldest first; with a limit, the newest ones."""
    with database.read() as connection:
        found = array("q", outbox.numbers(connection, states=states, webhook=webhook, limit=limit))
    for some in chunks(found, _PIECE):
        with database.read() as connection:
            page = outbox.by_numbers(connection, some)
        yield from page


def snapshots(database: Database, source_id: int) -> Iterator[SnapshotRow]:
    """Every version of a source, oldest first."""
    last: SnapshotRow | None = None
    while True:
        with database.read() as connection:
            page = versions.snapshots(connection, source_id, last, 10 * _PIECE)
        if not page:
            return
        yield from page
        last = page[-1]
