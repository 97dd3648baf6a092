"""Natural boundaries, and no more of them than there is room for."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.web.charts.time_axis import TimeAxis
from tests.support.histories import at


def names(begin: str, end: str, most: int = 9) -> list[str]:
    return [tick.label for tick in TimeAxis(at(begin), at(end)).ticks(most)]


def test_hours_carry_their_day() -> None:
    assert names("2026-03-01T21:30:00Z", "2026-03-02T03:10:00Z") == [
        *("1 Mar 22:00", "23:00", "2 Mar"),
        *("01:00", "02:00", "03:00"),
    ]


def test_minutes_are_named_like_hours() -> None:
    assert names("2026-03-01T23:57:30Z", "2026-03-02T00:01:10Z") == [
        *("1 Mar 23:58", "23:59", "2 Mar", "00:01"),
    ]
    assert names("2026-03-01T21:31:00Z", "2026-03-01T22:40:00Z", 5) == [
        *("1 Mar 21:45", "22:00", "22:15", "22:30"),
    ]


def test_only_times_of_a_day_are_of_a_zone() -> None:
    axis = TimeAxis(at("2026-03-01"), at("2026-03-04"))
    assert axis.has_clock(6)
    assert not axis.has_clock(5)


def test_days_weeks_months_and_years_begin_where_people_begin_them() -> None:
    february = ["28 Feb", "1 Mar", "2 Mar", "3 Mar"]
    assert names("2026-02-27T05:00:00Z", "2026-03-03", 5) == february
    # Mondays.
    assert names("2026-03-03", "2026-04-09") == ["9 Mar", "16 Mar", "23 Mar", "30 Mar", "6 Apr"]
    assert names("2025-10-19", "2026-03-22") == ["Nov 2025", "Dec", "Jan 2026", "Feb", "Mar"]
    assert names("2025-02-19", "2026-08-22") == [
        *("Apr 2025", "Jul", "Oct"),
        *("Jan 2026", "Apr", "Jul"),
    ]
    assert names("2016-01-01", "2025-12-31", 10) == [str(year) for year in range(2016, 2026)]
    assert names("2016-01-01", "2025-12-31", 5) == ["2016", "2018", "2020", "2022", "2024"]


def test_where_quarters_are_too_few_every_second_month_is_named() -> None:
    assert names("2026-02-19", "2026-08-22", 5) == ["Mar 2026", "May", "Jul"]


def test_a_range_with_one_months_end_goes_by_fortnights() -> None:
    assert names("2026-03-02", "2026-04-20", 4) == ["9 Mar", "23 Mar", "6 Apr", "20 Apr"]


@given(st.integers(1, 60 * 24 * 365 * 30), st.integers(0, 10**7), st.integers(3, 10))
def test_there_are_some_but_not_too_many(minutes: int, offset: int, most: int) -> None:
    begin = at("2000-01-01") + timedelta(minutes=offset)
    axis = TimeAxis(begin, begin + timedelta(minutes=minutes))
    ticks = axis.ticks(most)
    assert len(ticks) <= most + 1
    assert all(axis.begin <= tick.at <= axis.end for tick in ticks)
    assert [tick.at for tick in ticks] == sorted(tick.at for tick in ticks)
    assert all(tick.at.second == 0 for tick in ticks)


def test_times_lie_between_the_ends() -> None:
    axis = TimeAxis(at("10:00"), at("12:00"))
    assert axis.share(at("10:30")) == pytest.approx(0.25)
    assert axis.share(at("09:00")) == 0
    assert axis.share(at("13:00")) == 1
