"""The gaps of a source's coverage: read once, and carried on by the stretches that came since."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, Select, bindparam, or_, select, union

from pricetrail.storage import tables as t
from pricetrail.storage.polls.certainty import Calendar
from pricetrail.storage.polls.coverage import STRETCHES
from pricetrail.storage.polls.outcomes import GOOD
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.remembered import Apart
from pricetrail.storage.sources import SourceState

# So many stretches of all the calendars of a database.
_MOST = 20_000
# A calendar that was carried on has spans of good polls, too: up to so many for each stretch.
_LONGER = 4


class _Known(NamedTuple):
    """The stretches of a calendar, the calendar, and how the source was then."""

    rows: Sequence[Stretch]
    calendar: Calendar
    state: tuple[str, int, bytes, datetime | None] | None = None


def gap_calendar(connection: Connection, source: SourceState) -> Calendar:
    """A calendar that has every gap of a source, and of the rest no more than its ends.

    Years of good polls are two rows of it: what gaps there are costs no more than the gaps. After
    a poll what came since is read, and no more.
    """
    state = (source.name, source.polls, source.head_hash, source.last_poll_at)
    calendars = _KNOWN.of(connection.engine)
    known = calendars.find(source.id)
    if known is not None and known.state == state:
        return known.calendar
    found = None if known is None else _carried(connection, source.id, known)
    if found is None:
        read = connection.execute(_NEXT_TO_GAPS, {"source": source.id})
        rows = [Stretch(*row) for row in read]
        found = _Known(rows, Calendar(rows))
    calendars.put(source.id, found._replace(state=state))
    return found.calendar


_KNOWN: Apart[int, _Known] = Apart(_MOST, size=lambda known: len(known.rows))


def _carried(connection: Connection, source_id: int, known: _Known) -> _Known | None:
    """What is known and what came behind it; None where that does not go on from it.

    A stretch that is written lies behind all that is known. It does not where a clock that was set
    back took something away, which then lay behind it.
    """
    last = max(known.rows, key=lambda row: row.id, default=None)
    if last is None or last is not known.rows[-1]:
        return None
    found = connection.execute(_SINCE, {"source": source_id, "id": last.id})
    came = [Stretch(*row) for row in found]
    if not came or _begun(came[0]) != _begun(last):
        return None
    edge = max(row.last_at for row in known.rows)
    if any(row.first_at < edge for row in came[1:]):
        return None
    whole = [*known.rows[:-1], *came]
    rows = list(_next_to_gaps(whole))
    seen = max((place for place, row in enumerate(known.rows) if row.seen), default=None)
    if seen is None or len(known.calendar.spans) > _LONGER * len(rows):
        return _Known(rows, Calendar(rows))
    return _Known(rows, known.calendar.going_on(whole[seen:]))


def _begun(row: Stretch) -> tuple[object, ...]:
    return row.id, row.outcome, row.version, row.first_at, row.why


def _next_to_gaps(rows: Sequence[Stretch]) -> Iterator[Stretch]:
    """The stretches that are not good, those beside them, and the first and the last."""
    for place, row in enumerate(rows):
        beside = rows[max(0, place - 1) : place + 2]
        if place in (0, len(rows) - 1) or any(one.outcome != GOOD for one in beside):
            yield row


_OURS = t.coverage.c.source_id == bindparam("source")
_SINCE = STRETCHES.where(_OURS, t.coverage.c.id >= bindparam("id"))
_one, _beside = t.coverage.alias("one"), t.coverage.alias("beside")


def _neighbour(*, later: bool) -> Select[tuple[int]]:
    """The stretches right behind, or right before, those that are not good."""
    place, beside = (_one.c.first_at, _one.c.id), (_beside.c.first_at, _beside.c.id)
    (at, number), (first, second) = (beside, place) if later else (place, beside)
    nearest = (
        select(_beside.c.id)
        .where(_beside.c.source_id == bindparam("source"))
        # The bound is for the index; what begins at the same time is told apart by its number.
        .where(at >= first, or_(at > first, number > second))
        .order_by(*(column if later else column.desc() for column in beside))
        .limit(1)
        .correlate(_one)
        .scalar_subquery()
    )
    return select(nearest).where(_one.c.source_id == bindparam("source"), _one.c.outcome != GOOD)


_FIRST = select(t.coverage.c.id).where(_OURS).order_by(t.coverage.c.first_at, t.coverage.c.id)
_FINAL = select(t.coverage.c.id).where(_OURS)
_FINAL = _FINAL.order_by(t.coverage.c.first_at.desc(), t.coverage.c.id.desc())
_NOT_GOOD = select(t.coverage.c.id).where(_OURS, t.coverage.c.outcome != GOOD)
# By their numbers: the many good ones between are not looked at one by one.
_NEXT_TO_GAPS = STRETCHES.where(
    t.coverage.c.id.in_(
        union(
            _NOT_GOOD,
            _neighbour(later=False),
            _neighbour(later=True),
            select(_FIRST.limit(1).scalar_subquery()),
            select(_FINAL.limit(1).scalar_subquery()),
        )
    )
)
