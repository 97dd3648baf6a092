"""What polls vouch for: at an instant, and over a stretch of time.

A `good` stretch vouches from its first poll to its last. An `imported` one is only points: its
first and its last observation. Two good stretches with nothing bad between them enclose a change
(*bracketed*); everything else between two observations is a *gap*.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Row,
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
from pricetrail.storage.polls.outcomes import GOOD, IMPORTED, SEEN
from pricetrail.storage.polls.stretches import COLUMNS, Stretch
from pricetrail.storage.types import Outcome

OBSERVED, BRACKETED, GAP = "observed", "bracketed", "gap"
IMPORTED_WHY = "imported: nothing says what happened between two observations"
_NO_GOOD = "a poll was no good"
BEYOND_WHY = "no good poll since"
_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A catalog version, seen at a time."""

    at: datetime
    version: int


@dataclass(frozen=True, slots=True)
class Certainty:
    """What is known of a source's whole catalog at an instant, or over a span of instants.

    `certainty` is about the catalog: *bracketed* where the versions before and after differ;
    what was asked may be the same in both, and is then observed (`settled`). `since` and
    `until` are the first and last instants in which the version before was seen.
    """

    certainty: str
    before: Sighting
    after: Sighting | None
    since: datetime
    until: datetime
    # How far the polls behind `after` go on seeing it.
    after_until: datetime | None = None
    why: str | None = None

    def resolve(self, agree: bool) -> str:
        """The certainty of one thing asked, whose states before and after `agree` or do not."""
        return OBSERVED if self.certainty == BRACKETED and agree else self.certainty


@dataclass(frozen=True, slots=True)
class Span:
    """The instants `start <= t < end` (`end` None: for ever), all with the same `around`."""

    start: datetime
    end: datetime | None
    around: Certainty


def around(connection: Connection, source_id: int, at: datetime) -> Certainty | None:
    """What is known at an instant, by a few seeks; None before the first accepted catalog."""
    row = connection.execute(_AROUND, {"source": source_id, "at": at}).first()
    return None if row is None else from_row(row, at)


def from_row(row: Row[*tuple[Any, ...]], at: datetime) -> Certainty:
    """What the columns `sides` say of an instant; further columns may follow them."""
    before, after = Stretch(*row[:_WIDTH]), row[_WIDTH : 2 * _WIDTH]
    bad = row[2 * _WIDTH]
    following = Stretch(*after) if after[0] is not None else None
    return _judge(before, following, [bad] if bad is not None else [], at)


def version_at(connection: Connection, source_id: int, at: datetime) -> int | None:
    """The version last seen at an instant, or before it; None before the first."""
    return connection.execute(_VERSION_AT, {"source": source_id, "at": at}).scalar()


def find_last(connection: Connection, source_id: int) -> Stretch | None:
    """The end of a source's coverage; None where it has none."""
    row = connection.execute(_END, {"source": source_id}).first()
    return None if row is None else Stretch(*row)


def last_seen(connection: Connection, source_id: int) -> datetime | None:
    """The last instant for which a good poll or an import vouches; None before the first."""
    row = connection.execute(_LAST, {"source": source_id}).first()
    return None if row is None else row.last_at


def stretches(
    connection: Connection,
    source_id: int,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[Stretch]:
    """The stretches that touch a range, oldest first."""
    query = _STRETCHES.where(t.coverage.c.source_id == source_id)
    if since is not None:
        query = query.where(t.coverage.c.last_at >= since)
    if until is not None:
        query = query.where(t.coverage.c.first_at <= until)
    return [Stretch(*row) for row in connection.execute(query)]


class Calendar:
    """Everything that is known about a source's certainty, for many questions in memory."""

    def __init__(self, rows: Iterable[Stretch]) -> None:
        self.spans = list(_spans(list(rows)))
        self._starts = [span.start for span in self.spans]

    def around(self, at: datetime) -> Certainty | None:
        """As the function `around`."""
        place = bisect_right(self._starts, at)
        return self.spans[place - 1].around if place else None

    def changes(self, start: datetime, end: datetime) -> list[datetime]:
        """The instants after `start` and before `end` at which something else is known."""
        return self._starts[bisect_right(self._starts, start) : bisect_left(self._starts, end)]


def calendar(connection: Connection, source_id: int) -> Calendar:
    """The calendar of a source; its size is that of the coverage, not of the polls."""
    return Calendar(stretches(connection, source_id))


def _spans(rows: Sequence[Stretch]) -> Iterable[Span]:
    before: Stretch | None = None
    bad: list[str] = []
    for row in rows:
        if not row.seen:
            bad = bad or [row.why or row.outcome]
            continue
        if before is not None:
            yield from _of_stretch(before, row, bad)
        before, bad = row, []
    if before is not None:
        yield from _of_stretch(before, None, bad)


def _of_stretch(row: Stretch, after: Stretch | None, bad: list[str]) -> Iterable[Span]:
    """From a stretch's first instant up to the next stretch's."""
    end = after.first_at if after is not None else None
    starts = [row.first_at]
    if row.outcome == IMPORTED and row.last_at > row.first_at:
        starts += [row.first_at + _INSTANT, row.last_at]
    if end is None or row.last_at < end:
        starts.append(row.last_at + _INSTANT)
    ends: list[datetime | None] = [*starts[1:], end]
    for start, stop in zip(starts, ends, strict=True):
        if stop is None or start < stop:
            yield Span(start, stop, _judge(row, after, bad, start))


def _judge(before: Stretch, after: Stretch | None, bad: Sequence[str], at: datetime) -> Certainty:
    """What is known at `at`, which lies in `before` or between it and `after`.

    `bad` tells why the first bad stretch between the two, or after `before`, was no good.
    """
    if at <= before.last_at:
        return _within(before, at)
    seen = Sighting(before.last_at, before.version)
    since = before.first_at if before.outcome == GOOD else before.last_at
    if after is None:
        why = "; ".join(dict.fromkeys([BEYOND_WHY, *bad]))
        return Certainty(GAP, seen, None, since, before.last_at, why=why)
    certainty, why = BRACKETED, ""
    if bad:
        certainty, why = GAP, bad[0]
    elif IMPORTED in (before.outcome, after.outcome):
        certainty, why = GAP, IMPORTED_WHY
    elif before.version == after.version:
        certainty = OBSERVED
    after_until = after.last_at if after.outcome == GOOD else after.first_at
    following = Sighting(after.first_at, after.version)
    return Certainty(certainty, seen, following, since, before.last_at, after_until, why or None)


def _within(row: Stretch, at: datetime) -> Certainty:
    if row.outcome == GOOD:
        seen = Sighting(row.last_at, row.version)
        return Certainty(OBSERVED, seen, None, row.first_at, row.last_at)
    seen = Sighting(row.first_at, row.version)
    if at in (row.first_at, row.last_at):
        return Certainty(OBSERVED, Sighting(at, row.version), None, at, at)
    following = Sighting(row.last_at, row.version)
    return Certainty(GAP, seen, following, row.first_at, row.first_at, row.last_at, IMPORTED_WHY)


def _seen(table: FromClause) -> ColumnElement[bool]:
    # Written out: a list, or a value, costs anew at every execution.
    letters: list[ColumnElement[str]] = [
        literal_column(f"'{Outcome.letters[outcome]}'") for outcome in SEEN
    ]
    return or_(*(table.c.outcome == letter for letter in letters))


_STRETCHES = select(*COLUMNS).order_by(t.coverage.c.first_at, t.coverage.c.id)
_OURS = t.coverage.c.source_id == bindparam("source")
_END = select(*COLUMNS).where(_OURS).order_by(t.coverage.c.id.desc()).limit(1)
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
_END_OF_TIME = literal(datetime(9999, 1, 1, tzinfo=UTC), _first_at)
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
sides = (*before.c, *after.c, _WHY_BAD)
_AROUND = select(*sides).select_from(before.outerjoin(after, true()))
_LAST = (
    select(t.coverage.c.last_at)
    .where(_OURS, _seen(t.coverage))
    .order_by(t.coverage.c.first_at.desc(), t.coverage.c.id.desc())
    .limit(1)
)
