"""Whether the clock that dates a poll can be believed: beside the gateway's, and the last poll.

A poll that is dated wrongly makes every answer after it wrong, so a clock in doubt fails the poll.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from pricetrail.catalog.times import in_words, rfc3339
from pricetrail.jobs.source import Source
from pricetrail.storage.sources import SourceState

# Clocks that nobody tends drift by seconds a day; minutes say that one of them is wrong.
TOLERANCE = timedelta(minutes=5)
# The same difference at so many polls in a row is the gateway's way.
ACCEPTED_AFTER = 3
# A clock so far ahead is never the gateway's way where the gateway's is so many times nearer to the
# last good poll: it is the one here that has jumped.
_RUNAWAY = timedelta(days=1)
_TIMES_NEARER = 10
# A fetch takes no longer: between its ends, further apart, a clock was set.
_LONGEST_FETCH = timedelta(days=1)
# Without the gateway's word, so much that is recorded after now is given up, and no more.
MOST_GIVEN_UP = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClockCheck:
    """What the gateway's date says of the clock here.

    `problem` fails the poll; with a `warning` it counts. `confirmed`: two clocks agree on now.
    `offset` (the clock here minus the gateway's) and `polls` in a row with it are to be
    remembered; None and 0 where there is none.
    """

    offset: timedelta | None
    polls: int
    confirmed: bool = False
    problem: str | None = None
    warning: str | None = None


def check(
    source: Source,
    state: SourceState,
    started: datetime,
    finished: datetime,
    date: datetime | None,
) -> ClockCheck:
    """Compare the clock here during a fetch with the gateway's `date` (None: it gave none)."""
    known, polls = state.clock_offset, state.clock_polls
    if date is None or not source.check_date:
        return ClockCheck(known, polls)
    offset = _offset(started, finished, date, timedelta(0))
    if abs(offset) <= TOLERANCE:
        return ClockCheck(None, 0, confirmed=True)
    # A fetch that waited for its turn says no more than between which two it is.
    nearest = offset if known is None else _offset(started, finished, date, known)
    same = known is not None and abs(nearest - known) <= TOLERANCE
    offset = nearest if same else offset
    polls = polls + 1 if same else 1
    text = _difference(offset, finished, date)
    accepted = polls >= ACCEPTED_AFTER and not _is_runaway(offset, date, state.good_at)
    if accepted or (same and state.clock_polls >= ACCEPTED_AFTER):
        why = f"{text}; it was so at {polls} polls in a row and is taken as the gateway's way"
        return ClockCheck(offset, polls, warning=f"{why}: check_date = false says so for good")
    # It stays below what would be accepted while it cannot be.
    polls = min(polls, ACCEPTED_AFTER - 1)
    return ClockCheck(offset, polls, problem=f"{text}: {_REMEDY}")


def too_far_back(now: datetime, latest: datetime) -> str:
    """Why a poll fails whose clock is far behind what is recorded, with nobody to confirm it."""
    return (
        f"the clock here says {rfc3339(now)}, before the last poll at {rfc3339(latest)}, and no "
        "date of the gateway's tells which is right: set this machine's clock (on Postgres the "
        'database server\'s), or mend the history: see "When the clock is wrong"'
    )


def safe_time(finished: datetime, date: datetime | None, latest: datetime | None) -> datetime:
    """When a poll with a clock in doubt is said to have been: nothing after it is put off by it."""
    earliest = min(finished, date) if date is not None else finished
    if latest is None:
        return earliest
    return max(latest, earliest) if date is not None else latest


def _offset(
    started: datetime, finished: datetime, date: datetime, expected: timedelta
) -> timedelta:
    """How far the clock here is ahead of the gateway's: of what is possible the nearest to what is
    expected, as the date is of any moment of the fetch."""
    earliest = max(started, finished - _LONGEST_FETCH)
    least, most = earliest - date, max(earliest, finished) - date
    return min(max(expected, least), most)


def _is_runaway(offset: timedelta, date: datetime, last: datetime | None) -> bool:
    if last is None or offset <= _RUNAWAY:
        return False
    return _TIMES_NEARER * abs(date - last) < date + offset - last


def _difference(offset: timedelta, now: datetime, date: datetime) -> str:
    way = "ahead" if offset > timedelta(0) else "behind"
    return (
        f"the clock here says {rfc3339(now)}, the gateway's {rfc3339(date)} "
        f"({in_words(abs(offset))} {way})"
    )


_REMEDY = (
    "set this machine's clock (on Postgres the database server's), or check_date = false if it is "
    "the gateway's that is wrong; nothing of the answer was recorded"
)
