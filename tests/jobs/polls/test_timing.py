"""When a poll was: by values alone, whatever the clocks say."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.merkle import GENESIS
from pricetrail.jobs.polls.timing import Fetched, Slot, Timing, goes_back, not_earlier, timing
from pricetrail.jobs.source import Source
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.polls.rewinding import Ahead
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.slots import Planned
from pricetrail.storage.sources import SourceState
from tests.support.histories import at

SOURCE = Source(name="s", url="http://localhost/", api_key="-", schedule="every 15m")
MINUTE = timedelta(minutes=1)
LAST = at("10:00")
STATE = SourceState(
    id=1,
    name="s",
    key_fingerprint=None,
    head_version=1,
    head_hash=GENESIS,
    body_hash=None,
    etag=None,
    baseline_version=1,
    polls=1,
    good_polls=1,
    last_poll_at=LAST,
    good_started_at=LAST,
    good_at=LAST,
    failures=0,
    failing_since=None,
    failing_told=False,
    last_error=None,
    holding=False,
    paused=False,
    next_slot_at=None,
    lease_until=None,
    cadence=None,
    clock_offset_ms=None,
    clock_polls=0,
    failing_told_at=None,
    failing_reminders=0,
    missed_polls=0,
)
BEGUN = PollState(STATE, [Stretch("good", 1, LAST, LAST, 1, id=7)], waits=False, head_came=LAST)


def fetched(
    began: datetime, date: datetime | None = None, *, answered: bool = True, took: int = 2
) -> Fetched:
    return Fetched(began, began + timedelta(seconds=took), date, answered)


NEXT = Planned(at("10:30"), at("10:30"), at("10:15"))


def timed(poll: Fetched, ahead: Ahead | None = None) -> Timing:
    assert (ahead is not None) == goes_back(BEGUN, poll)
    return timing(SOURCE, BEGUN, poll, ahead)


def test_a_poll_is_dated_by_the_clock_here() -> None:
    times = timed(fetched(at("10:15")))
    assert (times.started, times.finished) == (at("10:15"), at("10:15") + timedelta(seconds=2))
    assert (times.missed, times.problem, times.ahead) == (False, None, None)
    poll = times.poll(BEGUN, Slot(at("10:15"), at("10:30"), "mine", NEXT))
    assert (poll.slot, poll.token, poll.ends) == (at("10:15"), "mine", BEGUN.ends)
    assert poll.following == NEXT


def test_slots_that_went_by_are_missed() -> None:
    assert timed(fetched(at("11:00"))).missed


def test_a_clock_far_from_the_gateways_fails_the_poll_at_a_time_that_puts_nothing_off() -> None:
    times = timed(fetched(at("2056-01-01"), date=at("10:15")))
    assert "ahead" in (times.problem or "")
    assert times.started == times.finished == at("10:15")
    assert times.poll(BEGUN, None).doubtful


@pytest.mark.parametrize("hours", [1, 20, 24 * 400])
def test_a_clock_set_back_that_the_gateway_confirms_dates_the_poll_now(hours: int) -> None:
    now = LAST - timedelta(hours=hours)
    ahead = Ahead(now, timedelta(hours=hours), now - MINUTE)
    times = timed(fetched(now, date=now), ahead)
    assert (times.started, times.problem, times.ahead) == (now, None, ahead)
    assert times.state.good_started_at == now - MINUTE
    # What is ahead goes first: where coverage ends then is read again.
    assert times.poll(BEGUN, None).ends is None


def test_without_a_date_it_is_filed_under_the_last_time_up_to_a_day() -> None:
    now = LAST - timedelta(hours=3)
    times = timed(fetched(now), Ahead(now, timedelta(hours=3), now))
    assert (times.asked, times.started) == (now, LAST)
    longer = LAST - timedelta(days=2)
    times = timed(fetched(longer), Ahead(longer, timedelta(0), longer))
    assert (times.asked, times.started) == (None, longer)


def test_without_a_date_more_than_a_day_of_observations_is_not_given_up() -> None:
    now = LAST - timedelta(days=3)
    times = timed(fetched(now), Ahead(now, timedelta(days=2), now))
    assert "before the last poll" in (times.problem or "")
    assert (times.started, times.ahead) == (LAST, None)


def test_what_did_not_answer_goes_nowhere_back() -> None:
    assert not goes_back(BEGUN, fetched(LAST - MINUTE, answered=False))
    assert goes_back(BEGUN, fetched(LAST - MINUTE))
    assert goes_back(BEGUN, fetched(LAST + MINUTE, took=-120))
    assert not goes_back(PollState(replace(STATE, last_poll_at=None), [], False), fetched(LAST))


@pytest.mark.parametrize(("hours", "ahead"), [(1, True), (24, True), (25, False), (0, False)])
def test_a_version_is_not_dated_before_the_last_one_up_to_a_day(hours: int, ahead: bool) -> None:
    finished = LAST - timedelta(hours=hours)
    assert not_earlier(BEGUN, finished) == (LAST if ahead else None)
