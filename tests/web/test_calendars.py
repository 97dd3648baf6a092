"""Months of days and days of hours: every day is there, and no gap is too small to be seen."""

from datetime import UTC, date, datetime, timedelta

import pytest

from pricetrail.queries.coverage import Shares
from pricetrail.queries.coverage_parts import DAY, HOUR, Part
from pricetrail.web.calendars import Band, hours, months, next_month, words

NONE = timedelta(0)
FIRST = datetime(2026, 2, 27, tzinfo=UTC)


def part(at: datetime, length: timedelta, **shares: timedelta) -> Part:
    return Part(
        at, at + length, Shares(**{"observed": NONE, "bracketed": NONE, "gap": NONE} | shares)
    )


def test_a_month_has_all_its_days_also_those_that_nothing_is_known_of() -> None:
    known = [part(FIRST, DAY, observed=DAY), part(FIRST + DAY, DAY, gap=DAY)]
    known.append(part(FIRST + 2 * DAY, DAY, observed=DAY - HOUR, gap=HOUR))
    february, march = months(known, FIRST, FIRST + 3 * DAY)
    assert (february.key, february.name, len(february.days)) == ("2026-02", "Feb 2026", 28)
    assert (march.key, len(march.days), march.gaps) == ("2026-03", 31, 1)
    # 1 February 2026 is a Sunday: the last column of its week.
    assert [(day.number, day.x, day.y) for day in february.days[:2]] == [(1, 132, 0), (2, 0, 22)]
    assert february.days[0].title == "1 Feb 2026: no data"
    assert february.days[26].title == "27 Feb 2026: all observed"
    assert february.days[27].bands == (Band("gap", 0, 20),)
    assert february.shares == Shares(DAY, NONE, DAY)
    assert march.days[0].title == "1 Mar 2026: 95.83% observed, 4.17% gap"


@pytest.mark.parametrize(
    ("shares", "bands"),
    [
        ({"observed": DAY - HOUR, "gap": HOUR / 60}, [("gap", 0, 5), ("observed", 5, 15)]),
        ({"bracketed": DAY}, [("bracketed", 0, 20)]),
        (
            {"observed": 22 * HOUR, "bracketed": HOUR, "gap": HOUR},
            [("gap", 0, 5), ("bracketed", 5, 5), ("observed", 10, 10)],
        ),
    ],
)
def test_a_day_is_filled_by_its_shares_and_the_least_of_them_is_seen(
    shares: dict[str, timedelta], bands: list[tuple[str, int, int]]
) -> None:
    [month] = months([part(FIRST, DAY, **shares)], FIRST, FIRST + DAY)
    drawn = month.days[FIRST.day - 1].bands
    assert [(band.shows, band.start, band.length) for band in drawn] == bands


def test_hours_in_a_row_that_show_the_same_are_one_band() -> None:
    shown = ["observed"] * 9 + ["gap"] * 3 + ["bracketed"] + ["observed"] * 2
    each = [part(FIRST + n * HOUR, HOUR, **{name: HOUR}) for n, name in enumerate(shown)]
    [day] = hours([part(FIRST, 15 * HOUR, observed=11 * HOUR)], each)
    assert [(band.start, band.length, band.title) for band in day.bands] == [
        (0, 9, "00:00–09:00 observed"),
        (9, 3, "09:00–12:00 gap"),
        (12, 1, "12:00–13:00 bracketed"),
        (13, 2, "13:00–15:00 observed"),
    ]


def test_months_follow_each_other_over_the_turn_of_a_year() -> None:
    assert next_month(date(2026, 12, 1)) == date(2027, 1, 1)
    assert next_month(date(2028, 1, 1)) == date(2028, 2, 1)
    assert words(Shares(NONE, NONE, NONE)) == ""


def test_a_month_stays_the_same_for_as_long_as_its_days_do() -> None:
    known = [part(FIRST, DAY, observed=DAY), part(FIRST + DAY, DAY, gap=DAY)]
    late = part(FIRST + 2 * DAY, DAY, observed=DAY)
    before = months([*known, late], FIRST, FIRST + 3 * DAY)
    again = months([*known, late], FIRST, FIRST + 3 * DAY, before)
    assert all(one is other for one, other in zip(before, again, strict=True))
    other = part(FIRST + 2 * DAY, DAY, gap=DAY)
    february, march = months([*known, other], FIRST, FIRST + 3 * DAY, before)
    assert february is before[0]
    # One is another in every way: what is drawn of it is kept by it.
    assert march != before[1]
    assert march.gaps == 1
