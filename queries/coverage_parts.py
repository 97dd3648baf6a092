"""Coverage day by day, or hour by hour, for whoever draws a calendar of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pricetrail.queries.coverage import Shares, pieces
from pricetrail.storage.polls.certainty import BRACKETED, GAP, OBSERVED, Calendar

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """A day or an hour of UTC, or as much of it as was asked for, and how its time divides."""

    since: datetime
    until: datetime
    shares: Shares


def floor(at: datetime, step: timedelta) -> datetime:
    """When the step of UTC began that a time lies in."""
    return at - (at - _EPOCH) % step


def parts(calendar: Calendar, since: datetime, until: datetime, step: timedelta) -> Iterator[Part]:
    """A range as whole steps of UTC, cut at its ends; exact, and one walk over the calendar."""
    start = floor(since, step)
    lengths = dict.fromkeys((OBSERVED, BRACKETED, GAP), timedelta(0))
    for certainty, _, begin, end in pieces(calendar, since, until):
        at = begin
        while at < end:
            stop = min(end, start + step)
            lengths[certainty] += stop - at
            at = stop
            if at == min(start + step, until):
                yield _part(max(start, since), at, lengths)
                start, lengths = start + step, dict.fromkeys(lengths, timedelta(0))


def _part(since: datetime, until: datetime, lengths: dict[str, timedelta]) -> Part:
    return Part(since, until, Shares(lengths[OBSERVED], lengths[BRACKETED], lengths[GAP]))
