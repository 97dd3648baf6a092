"""The newest events, each put together once: what a row says never changes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from typing import NamedTuple, TypeAlias

from sqlalchemy import Connection, select, type_coerce
from sqlalchemy.types import NullType

from pricetrail.catalog.events import Event
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.history.events import OF_SNAPSHOT, EventFilter, by_numbers, rules
from pricetrail.storage.remembered import Apart

# The number of a row, and the id as it stands in it.
_Key: TypeAlias = tuple[int, object]

# So many events of a database: some ten megabytes; and of so many how much they changed.
_MOST, _MOST_MOVES = 8_000, 24_000


class Move(NamedTuple):
    """Where an event's changes went, and how far: the largest percentage of them.

    From or to nothing there is no ratio: none is larger. Where it has no changes, it is negative.
    """

    direction: str | None
    percent: Decimal


class Looked(NamedTuple):
    """What one look at the log found: events, each with its place among the rows and its number.

    So many `rows` were looked at; `last` is the number of the last of them, None without any.
    """

    found: list[tuple[int, int, Event]]
    rows: int
    last: int | None


def newest(connection: Connection, wanted: EventFilter) -> Iterator[tuple[int, Event]]:
    """Events with their row numbers, those that were recorded last first."""
    yield from _events(connection, _keys(connection, wanted)).items()


def newest_of(connection: Connection, wanted: EventFilter, takes: Callable[[Move], bool]) -> Looked:
    """As `newest`, those alone of which the move is taken; the limit is of what is looked at."""
    keys = _keys(connection, wanted)

    def moves(names: Sequence[object]) -> Mapping[object, Move]:
        unknown = set(names)
        numbers = {number: name for number, name in keys if name in unknown}
        events = _events(connection, [key for key in keys if key[0] in numbers])
        return {numbers[number]: _move(event) for number, event in events.items()}

    known = _MOVES.of(connection.engine).get_many([name for _, name in keys], moves)
    taken = {name for name, move in known.items() if takes(move)}
    places = [(place, key) for place, key in enumerate(keys) if key[1] in taken] if taken else []
    events = _events(connection, [key for _, key in places])
    found = [(place, number, events[number]) for place, (number, _) in places if number in events]
    return Looked(found, len(keys), keys[-1][0] if keys else None)


def _keys(connection: Connection, wanted: EventFilter) -> list[_Key]:
    result = connection.execute(_NEWEST.where(*rules(wanted)).limit(wanted.limit))
    # As the driver gives them: a row of SQLAlchemy's takes four times as long, and there may be
    # thousands.
    with closing(result):
        return list(result.cursor.fetchall()) if result.cursor is not None else []


def _events(connection: Connection, keys: Sequence[_Key]) -> dict[int, Event]:
    known = _KNOWN.of(connection.engine).get_many(keys, lambda some: _read(connection, some))
    return {number: event for (number, _), event in known.items()}


def _read(connection: Connection, keys: Sequence[_Key]) -> Mapping[_Key, Event]:
    names = dict(keys)
    found = (by_numbers(connection, part) for part in chunks(names))
    return {(number, names[number]): event for part in found for number, event in part}


def _move(event: Event) -> Move:
    ratios = (change.percent for change in event.changes)
    sizes = (Decimal("Infinity") if ratio is None else abs(ratio) for ratio in ratios)
    return Move(event.direction, max(sizes, default=Decimal(-1)))


_KNOWN: Apart[_Key, Event] = Apart(_MOST)
# By their ids: whoever looks through thousands does not put as many keys together.
_MOVES: Apart[object, Move] = Apart(_MOST_MOVES)
_NEWEST = (
    select(t.event.c.number, type_coerce(t.event.c.id, NullType()))
    .select_from(t.event)
    .outerjoin(t.snapshot, OF_SNAPSHOT)
    .order_by(t.event.c.number.desc())
)
