"""Wall times and instants, where a zone's offset changes and where it does not."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.jobs.wallclock import first_change, instant, offset_at, wall

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
FORWARD, BACK = (datetime(2026, month, day, 1, tzinfo=UTC) for month, day in ((3, 29), (10, 25)))


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        ("2026-07-01 09:00", "2026-07-01 07:00"),
        ("2026-12-01 09:00", "2026-12-01 08:00"),
        ("2026-03-29 02:30", "2026-03-29 01:00"),  # jumped over: the first instant after it
        ("2026-03-29 03:00", "2026-03-29 01:00"),
        ("2026-10-25 02:30", "2026-10-25 00:30"),  # shown twice: the first of them
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it(shown: str, expected: str) -> None:
    assert instant(datetime.fromisoformat(shown), BERLIN) == datetime.fromisoformat(f"{expected}Z")


@given(st.datetimes(datetime(2000, 1, 1), datetime(2035, 1, 1)))  # noqa: DTZ001 - wall times
def test_an_instant_shows_its_wall_time_unless_that_is_jumped_over(shown: datetime) -> None:
    shown = shown.replace(microsecond=0)
    for zone in (BERLIN, NEW_YORK):
        back = wall(instant(shown, zone), zone)
        assert timedelta(0) <= back - shown <= timedelta(hours=1)


def test_the_offset_is_that_of_the_season() -> None:
    assert offset_at(FORWARD - timedelta(seconds=1), BERLIN) == timedelta(hours=1)
    assert offset_at(FORWARD, BERLIN) == timedelta(hours=2)
    assert offset_at(FORWARD, UTC) == timedelta(0)


@pytest.mark.parametrize("change", [FORWARD, BACK])
@pytest.mark.parametrize("days", [0, 1, 40])
def test_a_change_of_offset_is_found_to_the_second(change: datetime, days: int) -> None:
    start = change - timedelta(days=days, seconds=7)
    assert first_change(start, change + timedelta(days=days), BERLIN) == change


def test_where_nothing_changes_nothing_is_found() -> None:
    assert first_change(FORWARD, BACK - timedelta(seconds=1), BERLIN) is None
    assert first_change(FORWARD - timedelta(days=400), BACK, UTC) is None
