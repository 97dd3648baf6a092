"""Missed slots: by the schedules in force, however early or late in their slots polls come."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.jobs.polls import missed_slots
from pricetrail.jobs.source import Source
from tests.support.histories import at

WHOLE = ["every 15m", "*/15 * * * *", "@hourly", "every 2h", "0 9 * * *", "@weekly"]
LONG_AGO = at("2026-01-01")


def source(schedule: str, timezone: str = "UTC") -> Source:
    return Source(
        name="s", url="http://localhost/", api_key="k", schedule=schedule, timezone=timezone
    )


def known(*schedules: tuple[str, datetime], timezone: str = "UTC") -> str:
    text = None
    for schedule, since in schedules:
        text = missed_slots.schedules_in_force(text, source(schedule, timezone), since)
    assert text is not None
    return text


def missed(schedule: str, since: str, now: str, timezone: str = "UTC") -> bool:
    return missed_slots.was_missed(
        known((schedule, LONG_AGO), timezone=timezone), at(since), at(now)
    )


@pytest.mark.parametrize(
    ("schedule", "since", "now", "expected"),
    [
        # At ten to, every hour: one is not there.
        ("@hourly", "09:50", "10:50", False),
        ("@hourly", "09:50", "11:50", True),
        ("every 15m", "09:14", "09:29", False),
        ("every 15m", "09:14", "09:44", True),
        # At nine, polled at four the next morning.
        ("0 9 * * *", "2026-03-02T04:00:00Z", "2026-03-03T04:00:00Z", False),
        ("0 9 * * *", "2026-03-02T04:00:00Z", "2026-03-04T04:00:00Z", True),
        # Up to a minute early is for the slot ahead, and no more.
        ("@hourly", "2026-03-01T09:59:00Z", "2026-03-01T11:00:00Z", False),
        ("@hourly", "2026-03-01T09:58:59Z", "2026-03-01T11:00:00Z", True),
        ("@hourly", "09:00", "2026-03-01T09:59:30Z", False),
        # Early each time: one that is not there is found as well.
        ("@hourly", "2026-03-01T08:59:30Z", "2026-03-01T09:59:30Z", False),
        ("@hourly", "2026-03-01T09:59:30Z", "2026-03-01T11:59:30Z", True),
        ("@hourly", "2026-03-01T08:58:55Z", "2026-03-01T09:59:05Z", False),
        # Late, or early, once: the slot has its poll.
        ("@hourly", "09:00", "2026-03-01T10:59:59Z", False),
        ("@hourly", "09:00", "11:00", True),
        ("*/5 * * * *", "09:00", "2026-03-01T09:09:59Z", False),
        ("*/5 * * * *", "09:00", "09:10", True),
        ("every 10s", "2026-03-01T09:00:01Z", "2026-03-01T09:00:11Z", False),
        ("every 10s", "2026-03-01T09:00:01Z", "2026-03-01T09:00:21Z", True),
    ],
)
def test_a_slot_without_a_poll_before_the_next_one_is_missed(
    schedule: str, since: str, now: str, expected: bool
) -> None:
    assert missed(schedule, since, now) is expected


@pytest.mark.parametrize(
    ("schedule", "since", "now", "expected"),
    [
        # The day has 23 hours, then 25: each night is one slot all the same.
        ("30 2 * * *", "2026-03-28T01:40:00Z", "2026-03-29T01:10:00Z", False),
        ("30 2 * * *", "2026-03-28T01:40:00Z", "2026-03-30T01:10:00Z", True),
        ("30 2 * * *", "2026-10-24T00:40:00Z", "2026-10-25T01:40:00Z", False),
        ("0 * * * *", "2026-10-25T00:05:00Z", "2026-10-25T01:05:00Z", False),
        ("0 * * * *", "2026-10-25T00:05:00Z", "2026-10-25T02:05:00Z", True),
    ],
)
def test_daylight_saving_makes_no_gap_and_hides_none(
    schedule: str, since: str, now: str, expected: bool
) -> None:
    assert missed(schedule, since, now, "Europe/Berlin") is expected


@given(
    st.sampled_from(WHOLE),
    st.timedeltas(timedelta(0), timedelta(days=400)),
    st.floats(0, 0.999),
    st.integers(2, 6),
)
def test_a_rhythm_is_kept_at_any_place_in_the_slot_and_each_one_missing_is_found(
    schedule: str, start: timedelta, share: float, ahead: int
) -> None:
    """Polls at the same place of each slot: of any two neighbours none is missed, else one is."""
    text = known((schedule, LONG_AGO))
    slots = list(_slots(schedule, LONG_AGO + start, ahead + 2))
    period = slots[1] - slots[0]
    polls = [slot + period * share for slot in slots[:-1]]
    for one, following in pairwise(polls):
        assert not missed_slots.was_missed(text, one, following)
    assert missed_slots.was_missed(text, polls[0], polls[ahead])


def _slots(schedule: str, after: datetime, number: int) -> list[datetime]:
    hours = {"@hourly": 1, "every 2h": 2, "0 9 * * *": 24, "@weekly": 168}
    first = {"0 9 * * *": timedelta(hours=9), "@weekly": timedelta(days=3)}
    period = timedelta(hours=hours.get(schedule, 0.25))
    # 2026-01-04 was a Sunday; every shorter period divides a day.
    start = LONG_AGO + first.get(schedule, timedelta(0))
    start += ((after - start) // period + 1) * period
    return [start + number * period for number in range(number)]


def test_a_schedule_counts_from_when_it_is_known_and_up_to_the_next_one() -> None:
    rarer = known(("every 15m", LONG_AGO), ("0 9 * * *", at("10:40")))
    # Until 10:40 it was every quarter of an hour: three had gone by.
    assert missed_slots.was_missed(rarer, at("10:00"), at("10:50"))
    assert not missed_slots.was_missed(rarer, at("10:30"), at("2026-03-02T09:10:00Z"))
    assert missed_slots.was_missed(rarer, at("10:30"), at("2026-03-03T09:10:00Z"))
    denser = known(("0 9 * * *", LONG_AGO), ("every 15m", at("10:40")))
    assert not missed_slots.was_missed(denser, at("09:05"), at("10:50"))
    assert missed_slots.was_missed(denser, at("09:05"), at("11:20"))
    both = known(("@hourly", LONG_AGO), ("every 2h", at("09:30")), ("@hourly", at("10:30")))
    assert not missed_slots.was_missed(both, at("08:59"), at("10:45"))
    assert missed_slots.was_missed(both, at("08:30"), at("11:10"))


def test_the_schedule_of_now_alone_is_not_written_twice_and_few_are_kept() -> None:
    text = known(("every 15m", LONG_AGO))
    assert missed_slots.schedules_in_force(text, source("every 15m"), at("10:00")) == text
    for number in range(1, 50):
        text = missed_slots.schedules_in_force(text, source(f"every {number}m"), at("10:00"))
    assert len(text) < 1000


def test_what_a_clock_that_was_ahead_noted_is_in_force_since_now() -> None:
    text = known(("every 15m", LONG_AGO), ("@hourly", at("2056-03-01")))
    text = missed_slots.schedules_in_force(text, source("@hourly"), at("10:00"))
    assert not missed_slots.was_missed(text, at("10:00"), at("11:30"))


@pytest.mark.parametrize(
    ("schedule", "since", "now", "number"),
    [
        ("every 15m", "09:00", "09:15", 0),
        ("every 15m", "09:00", "10:00", 3),
        ("every 15m", "09:00", "09:00", 0),
        ("every 15m", "09:00", "08:00", 0),
        # Early at the beginning, at the end, at both.
        ("every 15m", "2026-03-01T08:59:30Z", "10:00", 3),
        ("every 15m", "09:00", "2026-03-01T09:59:30Z", 3),
        ("every 15m", "2026-03-01T08:59:30Z", "2026-03-01T09:59:30Z", 3),
        ("every 15m", "2026-03-01T09:05:00Z", "2026-03-03T09:05:00Z", 191),
        ("0 9 * * 1-5", "2026-03-06T09:01:00Z", "2026-03-10T09:01:00Z", 1),
        ("every 10s", "2026-02-01T09:00:00Z", "2026-03-01T09:00:00Z", missed_slots.MOST_COUNTED),
    ],
)
def test_slots_without_a_poll_are_counted(schedule: str, since: str, now: str, number: int) -> None:
    text = known((schedule, LONG_AGO))
    assert missed_slots.count(text, at(since), at(now)) == number
    assert missed_slots.was_missed(text, at(since), at(now)) is (number > 0)


def test_before_the_first_poll_nothing_is_missed() -> None:
    assert missed_slots.count(known(("every 15m", LONG_AGO)), None, at("10:00")) == 0
