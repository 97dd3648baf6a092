"""When a poll was, and what that says of the time since the last one.

A poll is dated by the clock here, unless that is in doubt. Where the clock was set back, what it
had recorded ahead of now does not count, and there is a gap.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pricetrail.jobs.polls import cadence, clock
from pricetrail.jobs.polls.clock import ClockCheck
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import rewinding
from pricetrail.storage.polls.poll_state import Beginning
from pricetrail.storage.polls.rewinding import Ahead
from pricetrail.storage.sources import SourceState


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetch by the clock here, and the gateway's `date`; `answered`: it gave a catalog."""

    started: datetime
    finished: datetime
    date: datetime | None
    answered: bool


@dataclass(frozen=True, slots=True)
class Timing:
    """A poll in time: `problem` is why it fails, where the clock is not to be believed.

    `state` is the source's as of then, and `ahead` what is recorded for the time after and does not
    count any more. `asked`: when it began by the clock, where it is filed later than that.
    """

    state: SourceState
    started: datetime
    finished: datetime
    asked: datetime | None
    missed: bool
    problem: str | None
    warning: str | None
    ahead: Ahead | None
    cadence: str
    check: ClockCheck

    def write(self, connection: Transaction) -> None:
        """Write down what the poll tells of schedules and clocks, before the poll itself."""
        if self.ahead is not None:
            rewinding.rewind(connection, self.state.id, self.ahead, self.started)
        if self.cadence != self.state.cadence:
            sources.remember_cadence(connection, self.state.id, self.cadence)
        known = (self.state.clock_offset, self.state.clock_polls)
        if (self.check.offset, self.check.polls) != known:
            sources.remember_clock(connection, self.state.id, self.check.offset, self.check.polls)


def timing(database: Database, source: Source, begun: Beginning, fetched: Fetched) -> Timing:
    """Work out when a poll was."""
    state, latest = begun.source, _latest(begun)
    date = fetched.date if source.check_date else None
    check = clock.check(source, state, fetched.started, fetched.finished, date)
    began, finished = min(fetched.started, fetched.finished), fetched.finished
    started, problem, ahead, asked = began, check.problem, None, None
    if latest is not None and began < latest and fetched.answered and problem is None:
        ahead = _ahead(database, state, began)
        if not check.confirmed and ahead.observed > clock.MOST_GIVEN_UP:
            problem, ahead = clock.too_far_back(finished, latest), None
        elif not check.confirmed and latest - began <= clock.MOST_GIVEN_UP:
            # It may have been ahead, or be behind: of the time between nothing is said.
            asked, started, finished = began, latest, max(finished, latest)
    if problem is not None:
        started = finished = clock.safe_time(finished, date, latest)
    elif latest is not None and ahead is None:
        started, finished = max(started, latest), max(finished, latest)
    if ahead is not None:
        state = _as_of(state, ahead)
    known = cadence.noted(state.cadence, source, fetched.finished if asked else finished)
    missed = ahead is None and cadence.missed(known, state.good_started_at, started)
    return Timing(
        state, started, finished, asked, missed, problem, check.warning, ahead, known, check
    )


def _latest(begun: Beginning) -> datetime | None:
    """The last time that anything is recorded for; None before the first poll."""
    times = [begun.source.last_poll_at, *(stretch.last_at for stretch in begun.ends)]
    return max((moment for moment in times if moment is not None), default=None)


def _ahead(database: Database, state: SourceState, now: datetime) -> Ahead:
    with database.read() as connection:
        return rewinding.ahead_of(connection, state.id, now)


def _as_of(state: SourceState, ahead: Ahead) -> SourceState:
    if state.good_started_at is None or state.good_started_at <= ahead.now:
        return state
    seen = ahead.seen_until or ahead.now
    return replace(state, good_started_at=seen, good_at=seen)
