"""Coverage, read: what polls have seen at an instant, and over a stretch of time."""

from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Text,
    bindparam,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    true,
)

from pricetrail.storage import tables as t
from pricetrail.storage.polls.certainty import Calendar, Certainty, judge
from pricetrail.storage.polls.outcomes import SEEN
from pricetrail.storage.polls.stretches import COLUMNS, Stretch
from pricetrail.storage.types import AnyRow, Outcome

_NO_GOOD = "a poll was no good"
END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)


def around(connection: Connection, source_id: int, at: datetime) -> Certainty | None:
    """What is known at an instant, by a few seeks; None before the first accepted catalog."""
    row = connection.execute(_AROUND, {"source": source_id, "at": at}).first()
    return None if row is None else from_row(row, at)


def from_row(row: AnyRow, at: datetime) -> Certainty:
    """What the columns `sides` say of an instant; further columns may follow them."""
    before, after = Stretch(*row[:_WIDTH]), row[_WIDTH : 2 * _WIDTH]
    bad = row[2 * _WIDTH]
    following = Stretch(*after) if after[0] is not None else None
    return judge(before, following, [bad] if bad is not None else [], at)


def version_at(connection: Connection, source_id: int, at: datetime) -> int | None:
    """The version last seen at an instant, or before it; None before the first."""
    return connection.execute(_VERSION_AT, {"source": source_id, "at": at}).scalar()


def last_seen(connection: Connection, source_id: int) -> datetime | None:
    """The last instant that a good poll or an import covers; None before the first."""
    row = connection.execute(_LAST, {"source": source_id}).first()
    return None if row is None else row.last_at


def stretches(
    connection: Connection,
    source_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Stretch]:
    """The stretches that touch a range, oldest first."""
    query = STRETCHES.where(t.coverage.c.source_id == source_id)
    if since is not None:
        query = query.where(t.coverage.c.last_at >= since)
    if until is not None:
        query = query.where(t.coverage.c.first_at <= until)
    return [Stretch(*row) for row in connection.execute(query)]


def around_range(
    connection: Connection, source_id: int, since: datetime, until: datetime
) -> list[Stretch]:
    """The stretches that say all there is to say of a range, oldest first.

    From the good one that `since` lies in or behind, to the first good one after `until`; empty
    only where the source has none at all.
    """
    first = connection.execute(_BEFORE, {"source": source_id, "at": since}).first()
    last = connection.execute(_AFTER, {"source": source_id, "at": until}).first()
    query = STRETCHES.where(t.coverage.c.source_id == source_id)
    if first is not None:
        query = query.where(t.coverage.c.first_at >= first.first_at)
    if last is not None:
        query = query.where(t.coverage.c.first_at <= last.first_at)
    rows = [Stretch(*row) for row in connection.execute(query)]
    # Several may begin at one time: their numbers tell their order.
    start = 0 if first is None else [row.id for row in rows].index(first.id)
    end = len(rows) if last is None else [row.id for row in rows].index(last.id) + 1
    return rows[start:end]


def extent(connection: Connection, source_id: int) -> tuple[datetime, datetime] | None:
    """When the first poll or observation of a source was, and when the last; None: no poll yet."""
    first, last = connection.execute(_EXTENT, {"source": source_id}).one()
    return None if first is None else (first, last)


def calendar(connection: Connection, source_id: int) -> Calendar:
    """The calendar of a source; its size is that of the coverage, not of the polls."""
    return Calendar(stretches(connection, source_id))


def _seen(table: FromClause) -> ColumnElement[bool]:
    # Written out: a list, or a value, costs anew at every execution.
    letters: list[ColumnElement[str]] = [
        literal_column(f"'{Outcome.letters[outcome]}'") for outcome in SEEN
    ]
    return or_(*(table.c.outcome == letter for letter in letters))


STRETCHES = select(*COLUMNS).order_by(t.coverage.c.first_at, t.coverage.c.id)
_OURS = t.coverage.c.source_id == bindparam("source")
_WIDTH = len(COLUMNS)
# The good stretch that an instant lies in or behind, and the next one after it.
before = (
    select(*COLUMNS)
    .where(_OURS, _seen(t.coverage), t.coverage.c.first_at <= bindparam("at"))
    .order_by(t.coverage.c.first_at.desc(), t.coverage.c.id.desc())
    .limit(1)
    .subquery("before")
)
after = (
    select(*COLUMNS)
    .where(_OURS, _seen(t.coverage), t.coverage.c.first_at > bindparam("at"))
    .order_by(t.coverage.c.first_at, t.coverage.c.id)
    .limit(1)
    .subquery("after")
)
_bad = t.coverage.alias("bad")
_first_at = t.coverage.c.first_at.type
_END_OF_TIME = literal(END_OF_TIME, _first_at)
# Why the first stretch between the two was no good.
_WHY_BAD = (
    select(func.coalesce(_bad.c.why, _NO_GOOD, type_=Text()))
    .where(
        _bad.c.source_id == bindparam("source"),
        not_(_seen(_bad)),
        _bad.c.first_at >= before.c.last_at,
        # As a bound, so that the index ends the search where nothing was no good.
        _bad.c.first_at <= func.coalesce(after.c.first_at, _END_OF_TIME, type_=_first_at),
        # A missed stretch begins where a good one ends: times alone do not tell their order.
        _bad.c.id > before.c.id,
        or_(after.c.id.is_(None), _bad.c.id < after.c.id),
    )
    .order_by(_bad.c.first_at, _bad.c.id)
    .limit(1)
    .correlate(before, after)
    .scalar_subquery()
)
_VERSION_AT = select(before.c.version)
_BEFORE, _AFTER = select(before.c.first_at, before.c.id), select(after.c.first_at, after.c.id)
_EXTENT = select(func.min(t.coverage.c.first_at), func.max(t.coverage.c.last_at)).where(_OURS)
sides = (*before.c, *after.c, _WHY_BAD)
_AROUND = select(*sides).select_from(before.outerjoin(after, true()))
_LAST = (
    select(t.coverage.c.last_at)
    .where(_OURS, _seen(t.coverage))
    .order_by(t.coverage.c.first_at.desc(), t.coverage.c.id.desc())
    .limit(1)
)
