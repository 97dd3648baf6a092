"""Wall times and instants, where a zone's offset changes in between."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.jobs.wallclock import first_change, instant, offset_at, wall

BERLIN = ZoneInfo("Europe/Berlin")
SPRING, AUTUMN = datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)


def test_an_offset_is_that_of_its_time() -> None:
    assert offset_at(SPRING - timedelta(seconds=1), BERLIN) == timedelta(hours=1)
    assert offset_at(SPRING, BERLIN) == timedelta(hours=2)


@pytest.mark.parametrize(
    ("shown", "moment"),
    [
        ("2026-01-05T09:00", datetime(2026, 1, 5, 8, tzinfo=UTC)),
        ("2026-07-05T09:00", datetime(2026, 7, 5, 7, tzinfo=UTC)),
        # Shown never: the first instant after the jump. Shown twice: the first of the two.
        ("2026-03-29T02:30", SPRING),
        ("2026-10-25T02:30", datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_a_wall_time_is_the_first_instant_that_shows_it(shown: str, moment: datetime) -> None:
    assert instant(datetime.fromisoformat(shown), BERLIN) == moment


@given(st.integers(0, 1 << 31))
def test_what_a_clock_shows_is_shown_first_at_that_instant_or_an_hour_before(
    second: int,
) -> None:
    moment = datetime.fromtimestamp(second, UTC)
    first = instant(wall(moment, BERLIN), BERLIN)
    assert moment - first in (timedelta(0), timedelta(hours=1))
    assert wall(first, BERLIN) == wall(moment, BERLIN)


def test_a_change_is_found_to_the_second() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    assert first_change(start, AUTUMN, BERLIN) == SPRING
    assert first_change(SPRING, AUTUMN, BERLIN) == AUTUMN
    assert first_change(SPRING, AUTUMN - timedelta(seconds=1), BERLIN) is None
    assert first_change(start, AUTUMN, ZoneInfo("Asia/Tokyo")) is None
