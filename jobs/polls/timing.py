"""When a poll was, and what that says of the time since the last one.

A poll is dated by the clock here, unless that is in doubt. Where the clock was set back, what it
had recorded ahead of now does not count, and there is a gap.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pricetrail.jobs.polls import clock, missed_slots
from pricetrail.jobs.polls.clock import MOST_GIVEN_UP, ClockCheck
from pricetrail.jobs.polls.overdue import overdue_at
from pricetrail.jobs.source import Source
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.polls.rewinding import Ahead
from pricetrail.storage.slots import Planned
from pricetrail.storage.sources import SourceState


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a schedule that this process holds.

    The poll of it may take `until` a time, at which the next one begins as a rule. `following` is
    the slot that is planned once the poll is recorded.
    """

    at: datetime
    until: datetime
    token: str
    following: Planned


@dataclass(frozen=True, slots=True)
class Fetched:
    """A fetch by the clock here, and the gateway's `date`; `answered`: it gave a catalog."""

    started: datetime
    finished: datetime
    date: datetime | None
    answered: bool

    @property
    def began(self) -> datetime:
        """When it began, where the clock was set back meanwhile as well."""
        return min(self.started, self.finished)


@dataclass(frozen=True, slots=True)
class Timing:
    """A poll in time: `problem` is why it fails, where the clock is not to be believed.

    `state` is the source's as of then, and `ahead` what is recorded for the time after and does not
    count any more. `asked`: when it began by the clock, where it is filed later than that.
    `overdue_at`: from when on the source is overdue, if this poll is answered. `slots_missed`: how
    many slots had no poll since the last one.
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
    overdue_at: datetime
    slots_missed: int = 0

    def poll(self, begun: PollState, slot: Slot | None) -> Poll:
        """The poll, dated."""
        return Poll(
            self.state,
            self.started,
            self.finished,
            slot=slot.at if slot else None,
            token=slot.token if slot else None,
            following=slot.following if slot else None,
            missed=self.missed,
            asked_at=self.asked,
            doubtful=self.problem is not None,
            # What is ahead of now goes first, and coverage ends otherwise then.
            ends=begun.ends if self.ahead is None else None,
            waits=begun.waits,
            overdue_at=self.overdue_at,
            slots_missed=self.slots_missed,
        )


def goes_back(begun: PollState, fetched: Fetched) -> bool:
    """Whether a poll that brought a catalog began before what is recorded already."""
    latest = begun.latest
    return fetched.answered and latest is not None and fetched.began < latest


def timing(source: Source, begun: PollState, fetched: Fetched, ahead: Ahead | None) -> Timing:
    """Work out when a poll was.

    Args:
        ahead: what is recorded after the poll began, where it goes back.
    """
    state, latest = begun.source, begun.latest
    date = fetched.date if source.check_date else None
    check = clock.check(source, state, fetched.started, fetched.finished, date)
    began, finished = fetched.began, fetched.finished
    started, problem, asked = began, check.problem, None
    if problem is not None:
        ahead = None
    elif ahead is not None and latest is not None and not check.confirmed:
        if ahead.observed > MOST_GIVEN_UP:
            problem, ahead = clock.too_far_back(finished, latest), None
        elif latest - began <= MOST_GIVEN_UP:
            # It may have been ahead, or be behind: of the time between nothing is said.
            asked, started, finished = began, latest, max(finished, latest)
    if problem is not None:
        started = finished = clock.safe_time(finished, date, latest)
    elif latest is not None and ahead is None:
        started, finished = max(started, latest), max(finished, latest)
    if ahead is not None:
        state = _as_of(state, ahead)
    known = missed_slots.schedules_in_force(
        state.cadence, source, fetched.finished if asked else finished
    )
    missed = ahead is None and missed_slots.was_missed(known, state.good_started_at, started)
    # Before the first poll no schedule was in force that one could have missed.
    last_poll = state.last_poll_at if state.cadence is not None and ahead is None else None
    return Timing(
        state=state,
        started=started,
        finished=finished,
        asked=asked,
        missed=missed,
        problem=problem,
        warning=check.warning,
        ahead=ahead,
        cadence=known,
        check=check,
        overdue_at=overdue_at(source, fetched.finished),
        slots_missed=missed_slots.count(known, last_poll, started),
    )


def not_earlier(begun: PollState, finished: datetime) -> datetime | None:
    """When the version before is said to have come, where a clock was ahead for a while by then.

    A version is dated after the one before; None where that goes without saying.
    """
    came = begun.head_came
    ahead = came is not None and timedelta(0) < came - finished <= MOST_GIVEN_UP
    return came if ahead else None


def _as_of(state: SourceState, ahead: Ahead) -> SourceState:
    if state.good_started_at is None or state.good_started_at <= ahead.now:
        return state
    seen = ahead.seen_until or ahead.now
    return replace(state, good_started_at=seen, good_at=seen)
