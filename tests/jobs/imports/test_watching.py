"""What an input says of the time between its observations."""

from datetime import timedelta

import pytest

from pricetrail.jobs.imports.watching import Watch
from pricetrail.storage.polls.outcomes import GOOD, IMPORTED
from tests.jobs.polls.test_timing import LAST, STATE
from tests.support.histories import at

HOUR = timedelta(hours=1)


def test_without_a_density_nothing_is_known_between_two_observations() -> None:
    watch = Watch(since=LAST)
    assert watch.until(at("15:00")) is None
    assert watch.last_seen(STATE, at("15:00")) == LAST
    poll = watch.poll(STATE, at("15:00"), covered=False)
    assert (poll.covers, poll.logged, poll.longest_pause) == (IMPORTED, False, None)


def test_by_its_density_the_head_was_there_one_period_before() -> None:
    watch = Watch(HOUR, since=LAST)
    assert watch.until(at("15:00")) == at("14:00")
    assert watch.last_seen(STATE, at("15:00")) == at("14:00")
    # Never before what is known already.
    assert watch.last_seen(STATE, at("10:30")) == LAST
    poll = watch.poll(STATE, at("15:00"), covered=False)
    assert (poll.covers, poll.logged, poll.longest_pause) == (GOOD, False, HOUR)


def test_once_it_stopped_looking_only_the_last_sighting_counts() -> None:
    watch = Watch(HOUR, since=None)
    assert watch.until(at("15:00")) is None
    assert watch.last_seen(STATE, at("15:00")) == LAST


@pytest.mark.parametrize("every", [None, HOUR])
def test_what_brings_its_own_coverage_covers_nothing_else(every: timedelta | None) -> None:
    poll = Watch(every).poll(STATE, at("15:00"), covered=True)
    assert (poll.covers, poll.longest_pause) == (None, None)
