"""Events per day as small bars."""

from datetime import date

from pricetrail.queries.activity import DayCounts
from pricetrail.web.charts.bars import HEIGHT, bars
from tests.web.charts.trails import parsed

DAYS = [
    DayCounts(date(2026, 3, 1), added=1, repriced=11),
    DayCounts(date(2026, 3, 2)),
    DayCounts(date(2026, 3, 3), repriced=24),
    DayCounts(date(2026, 3, 4), removed=1),
]


def test_a_bar_is_as_high_as_its_day_and_says_what_happened() -> None:
    root = parsed(bars(DAYS))
    assert [one.get("height") for one in root] == ["12", "1", str(HEIGHT), "2"]
    assert [one.findtext("title") for one in root] == [
        "1 Mar 2026: 11 repriced, 1 added",
        "2 Mar 2026: nothing changed",
        "3 Mar 2026: 24 repriced",
        "4 Mar 2026: 1 removed",
    ]
    assert [one.get("class") for one in root] == [None, "none", None, None]
    assert all(int(one.get("y", "")) + int(one.get("height", "")) == HEIGHT for one in root)


def test_all_of_them_are_told_in_words() -> None:
    assert parsed(bars(DAYS)).get("aria-label") == (
        "37 events in 4 days (35 repriced, 1 added, 1 removed), most on 3 Mar 2026: 24"
    )
    assert parsed(bars(DAYS[1:2])).get("aria-label") == "1 day without an event"
    assert parsed(bars([])).get("viewBox") == "0 0 1 24"
