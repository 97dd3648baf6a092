"""Dates of retirement: what is one, how far away it is, and when it is said again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricetrail.catalog.sunset_dates import (
    REMINDERS,
    date_of,
    days_left,
    due_reminder,
    next_reminder,
    sunset_of,
)
from pricetrail.catalog.times import utc

DAY = timedelta(days=1)
FIRST = datetime(2000, 1, 1, tzinfo=UTC)
TIMES = st.integers(0, 90 * 365 * 86_400).map(lambda n: FIRST + timedelta(seconds=n))


NO_DATES: tuple[object, ...] = (
    *("1969-12-31T23:59:59Z", "soon", "", "2026-13-01", "2026-12-01T10:00", "0001-01-01"),
    *(1764547200, None, True, {}, ["2026-12-01"]),
)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-12-01", "2026-12-01T00:00:00Z"),
        ("2026-12-01T15:00:00+02:00", "2026-12-01T13:00:00Z"),
        ("2026-12-01T15:00:00.1234567Z", "2026-12-01T15:00:00.123Z"),
        ("1970-01-01", "1970-01-01T00:00:00Z"),
        ("9999-12-31", "9999-12-31T00:00:00Z"),
        *((value, None) for value in NO_DATES),
    ],
)
def test_a_date_or_an_rfc_3339_time_is_one_and_nothing_else(
    value: object, expected: str | None
) -> None:
    found = None if expected is None else utc(expected)
    assert date_of(value) == found
    assert sunset_of({"sunset_at": value}) == found
    assert sunset_of({"id": "m"}) is None


@pytest.mark.usefixtures("in_tokyo")
def test_days_are_those_of_the_calendar_in_utc() -> None:
    sunset = utc("2026-12-01T06:00:00Z")
    for at, left in (("11-01T23:59:59", 30), ("11-30T00:00:00", 1), ("12-01T23:00:00", 0)):
        assert days_left(sunset, utc(f"2026-{at}Z")) == left
    assert days_left(sunset, utc("2026-12-04")) == -3
    assert days_left(utc("2026-12-01T20:00:00Z"), utc("2026-12-01T00:00:00Z")) == 0


@given(TIMES, st.integers(0, 40 * 86_400))
@example(FIRST, 7 * 86_400)
def test_a_reminder_is_due_from_its_time_until_a_more_urgent_one_is(
    sunset: datetime, before: int
) -> None:
    now = sunset - timedelta(seconds=before)
    due, following = due_reminder(sunset, now), next_reminder(sunset, now)
    passed = [days for days in REMINDERS if sunset - days * DAY <= now]
    assert due == (min(passed) if passed and before else None)
    left = [days for days in REMINDERS if days not in passed]
    assert following == (sunset - max(left) * DAY if left else None)
    if following is not None:
        assert due_reminder(sunset, following) == max(left)
