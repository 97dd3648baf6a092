"""Whether a slot of the schedule in force went by without a poll.

A poll serves the slot that it falls into; one that comes up to a minute early serves the slot
that it precedes. Both ways of counting are tried: a slot was missed where one is left over either
way. So polls that come early, or late, all the time are measured by the same rule at both ends,
and one that is missing is found; a single poll that comes early, or late, is no miss.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import islice

from pricetrail.catalog.strict_json import dumps, loads
from pricetrail.catalog.times import rfc3339, utc
from pricetrail.jobs.schedule import Schedule, ScheduleError
from pricetrail.jobs.source import Source

EARLY = timedelta(minutes=1)
# So many are counted: a poll does not wait for the rest.
MOST_COUNTED = 10_000
# How many changes of the schedule are remembered: more come between two polls of nobody.
_REMEMBERED = 8


@dataclass(frozen=True, slots=True)
class InForce:
    """A schedule, and since when pricetrail knows of it: from then on it is the one in force."""

    since: datetime
    schedule: str
    timezone: str


def schedules_in_force(cadence: str | None, source: Source, now: datetime) -> str:
    """The schedules in force as text: those known, and from `now` on the source's."""
    read = _read(cadence)
    is_last = read and (read[-1].schedule, read[-1].timezone) == (source.schedule, source.timezone)
    if cadence is not None and is_last and max(entry.since for entry in read) <= now:
        return cadence
    known = [
        # Written by a clock that was ahead: it has been in force since now at the latest.
        InForce(min(entry.since, now), entry.schedule, entry.timezone)
        for entry in read
    ]
    if not is_last:
        known.append(InForce(now, source.schedule, source.timezone))
    return dumps([[rfc3339(e.since), e.schedule, e.timezone] for e in known[-_REMEMBERED:]])


def was_missed(cadence: str, since: datetime | None, now: datetime) -> bool:
    """Whether a slot went without a poll between the polls of `since` and `now`, as in `count`."""
    return count(cadence, since, now, most=1) > 0


def count(cadence: str, since: datetime | None, now: datetime, most: int = MOST_COUNTED) -> int:
    """How many slots went without a poll between the polls of `since` and `now`.

    Args:
        cadence: as `schedules_in_force` gives it; the oldest counts before its time, too.
        since: when the earlier poll was; None where there is none.
        most: no more are counted.
    """
    if since is None or now <= since:
        return 0
    known = _read(cadence)
    between = list(islice(_slots(known, since, now), most + 2))
    if len(between) < 2:
        # A single poll that comes early, or late, is no miss.
        return 0
    # One slot is the later poll's. The first is the earlier poll's where that came early for it;
    # and where the later one came early as well, none of the others is its own.
    was_early = between[0] - since <= EARLY
    is_early = _schedule(known[-1]).next_after(now) - now <= EARLY
    return min(len(between) - 1 - was_early + is_early, most)


def _slots(known: Sequence[InForce], since: datetime, until: datetime) -> Iterator[datetime]:
    """The slots with `since < slot <= until`, each of the schedule that was in force then."""
    for index, entry in enumerate(known):
        start = since if index == 0 else max(since, entry.since)
        end = until if index + 1 == len(known) else min(until, known[index + 1].since)
        if start < end:
            yield from _schedule(entry).slots(start, end)


@lru_cache(maxsize=256)
def _read(cadence: str | None) -> tuple[InForce, ...]:
    entries = loads(cadence) if cadence else []
    return tuple(InForce(utc(since), schedule, timezone) for since, schedule, timezone in entries)


def _schedule(entry: InForce) -> Schedule:
    return parsed(entry.schedule, entry.timezone)


@lru_cache(maxsize=256)
def parsed(schedule: str, timezone: str) -> Schedule:
    """A schedule that was read once before, and so can be read again."""
    try:
        return Schedule.parse(schedule, timezone)
    except ScheduleError:
        # A time zone that this machine does not know any more: its slots, by another clock.
        return Schedule.parse(schedule)
