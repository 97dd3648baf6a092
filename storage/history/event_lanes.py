"""The event log as lanes: each is numbered in the order in which its events become visible.

Rows are numbered when they are written, and seen when their transaction ends. Of two sources that
are recorded at the same time the lower number may be seen later, so that no single number says
what a reader has seen. Whoever writes events of a source locks its row (`sources.lock`), but for
notices of paused webhooks, which lock their count (`event_counts`): two lanes a source, and a
position is a number for each.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, literal, or_, select

from pricetrail.catalog.event_types import PAUSED
from pricetrail.storage import tables as t
from pricetrail.storage.history import event_blocks
from pricetrail.storage.history.events import OF_SNAPSHOT, EventFilter, happened, rules

# The last number that was seen of each lane; of one that is not named, none was.
Position: TypeAlias = Mapping[int, int]

_LANES = 2
_LANE, _COUNTED_LANE = (
    table.c.source_id * _LANES + case((table.c.type == PAUSED, 1), else_=0)
    for table in (t.event, t.event_count)
)
_ROWS = (
    select(t.event.c.number, _LANE.label("lane"), happened().label("at"))
    .select_from(t.event)
    .outerjoin(t.snapshot, OF_SNAPSHOT)
)
_NEWEST = select(func.max(t.event.c.number))
_MADE = select(func.coalesce(func.sum(t.event_count.c.events), 0))


class LogRow(NamedTuple):
    """Where an event stands, and when it was first seen."""

    number: int
    lane: int
    at: datetime


def between(
    connection: Connection,
    wanted: EventFilter,
    low: Position,
    high: Position | None = None,
    behind: LogRow | None = None,
) -> Iterator[LogRow]:
    """The events behind one position and up to another, in order of time, up to the limit.

    Those of one time are in the order of the log.

    Args:
        high: None for all that are visible.
        behind: one of these events; only those after it.
    """
    # What a reader sends may name lanes without end.
    lanes = _lanes(connection, wanted.source_id) if low or high is not None else []
    read = {lane: low.get(lane, 0) for lane in lanes}
    after = min(read.values(), default=0)
    query = _ROWS.where(*rules(wanted))
    if low:
        # The lower bound as well, so that the key ends the search where every lane was read.
        query = query.where(t.event.c.number > _number_in(read), t.event.c.number > after)
    if high is not None:
        ours = {lane: high[lane] for lane in lanes if lane in high}
        query = query.where(t.event.c.number <= _number_in(ours))
    if behind is not None:
        later = and_(happened() == behind.at, t.event.c.number > behind.number)
        query = query.where(or_(happened() > behind.at, later))
    query = query.order_by(happened(), t.event.c.number)
    if wanted.limit is not None:
        times = (wanted.since, behind.at if behind is not None else None)
        since = max((moment for moment in times if moment is not None), default=None)
        span = event_blocks.Span(after, since, wanted.until)
        yield from _first(connection, query, wanted.limit, span)
        return
    for row in connection.execute(query):
        yield LogRow(*row)


def _first(
    connection: Connection, query: Select[int, int, datetime], limit: int, span: event_blocks.Span
) -> list[LogRow]:
    """The first rows in order of time: no more of the log is read than they can be in."""
    found: dict[int, LogRow] = {}
    for parts, rest in event_blocks.search(connection, span):
        for first, last in parts:
            part = query.where(t.event.c.number.between(first, last)).limit(limit)
            found |= {row.number: LogRow(*row) for row in connection.execute(part)}
        chosen = sorted(found.values(), key=attrgetter("at", "number"))[:limit]
        if len(chosen) == limit and chosen[-1].at < rest:
            return chosen
    return sorted(found.values(), key=attrgetter("at", "number"))[:limit]


def find(connection: Connection, number: int) -> LogRow | None:
    """An event by its number; None where there is none."""
    row = connection.execute(_ROWS.where(t.event.c.number == number)).first()
    return None if row is None else LogRow(*row)


def position(
    connection: Connection, source_id: int | None = None, low: Position | None = None
) -> dict[int, int]:
    """The position behind all events that are visible, of one source or of all.

    Args:
        low: one before it: of lanes without later events it stays the position.
    """
    lanes, known = _lanes(connection, source_id), dict(low or {})
    if connection.dialect.name == "sqlite":
        # One writer at a time: what is yet to come has higher numbers than all that is there.
        newest = connection.execute(_NEWEST).scalar() or 0
        return known | dict.fromkeys(lanes, newest)
    after = min((known.get(lane, 0) for lane in lanes), default=0)
    last = select(_LANE.label("lane"), func.max(t.event.c.number).label("number"))
    last = last.where(t.event.c.number > after).group_by("lane")
    if source_id is not None:
        last = last.where(t.event.c.source_id == source_id)
    return known | {row.lane: row.number for row in connection.execute(last)}


def made(connection: Connection) -> int:
    """How many events were ever made: it grows with each that becomes visible."""
    return int(connection.execute(_MADE).scalar_one())


def _lanes(connection: Connection, source_id: int | None) -> list[int]:
    """The lanes that have events: one without a count has none that is visible."""
    query = select(_COUNTED_LANE)
    if source_id is not None:
        query = query.where(t.event_count.c.source_id == source_id)
    return list(connection.execute(query.distinct()).scalars())


def _number_in(position: Position) -> ColumnElement[int]:
    """The number of a position in the lane of a row."""
    if not position:
        return literal(0)
    return case(dict(position), value=_LANE, else_=0)
