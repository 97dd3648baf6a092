"""When a price holds: read from a path and written back, ranked, said in words."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog import conditions
from pricetrail.catalog.conditions import Condition, Window, split_condition

services = st.sampled_from(["", "batch", "priority", "flex", "scale-1"])
minutes = st.integers(0, 1439)
windows = st.none() | st.builds(Window, minutes, minutes)
# As numbers, not as days of the calendar: some months have no 31st.
days = st.integers(20260101, 20261231).filter(
    lambda day: 1 <= day // 100 % 100 <= 12 and 1 <= day % 100 <= 31
)
some_conditions = st.builds(Condition, services, windows, st.integers(0, 10**9), st.just(0) | days)


@given(some_conditions)
def test_a_condition_is_read_back_from_its_place(condition: Condition) -> None:
    path = ("pricing", *(("tiers", *condition.segments) if condition else ()), "text", "prompt")

    assert split_condition(path) == (condition, ("pricing", "text", "prompt"))


@pytest.mark.parametrize(
    ("segments", "words", "heading"),
    [
        (("over_272k",), "above 272k", "prompt above 272k tokens"),
        (("over_131072",), "above 131072", "prompt above 131072 tokens"),
        (("batch",), "batch", "batch"),
        (("utc_1630_0030",), "16:30 to 00:30 UTC", "16:30 to 00:30 UTC"),
        (("priority", "over_200k"), "priority, above 200k", "priority, prompt above 200k tokens"),
        (
            ("flex", "utc_0100_0200", "over_32k"),
            "flex, 01:00 to 02:00 UTC, above 32k",
            "flex, 01:00 to 02:00 UTC, prompt above 32k tokens",
        ),
        (("from_20260901",), "from 2026-09-01 on", "from 2026-09-01 on"),
        (
            ("from_20260901", "batch", "over_32k"),
            "from 2026-09-01 on, batch, above 32k",
            "from 2026-09-01 on, batch, prompt above 32k tokens",
        ),
    ],
)
def test_it_is_said_in_words(segments: tuple[str, ...], words: str, heading: str) -> None:
    found = conditions.read((*segments, "text", "prompt"))

    assert found is not None
    assert (found[0].words, found[0].heading) == (words, heading)
    assert found[0].segments == segments


@pytest.mark.parametrize(
    "path",
    [
        ("tiers", "text", "prompt"),
        ("tiers", "over_k", "text"),
        ("tiers", "utc_2500_0000", "text"),
        ("tiers", "utc_1660_0000", "text"),
        ("tiers", "0", "price"),
        ("tiers", "from_20261301", "text"),
        ("tiers", "from_20260900", "text"),
        ("tiers", "from_2026", "text"),
        ("tiers", "from_20260901"),
        ("tiers", "over_200k"),
        ("text", "prompt"),
    ],
)
def test_what_names_no_condition_stays_a_path(path: tuple[str, ...]) -> None:
    assert split_condition(("pricing", *path)) == (Condition(), ("pricing", *path))


@pytest.mark.parametrize(
    ("hours", "inside", "outside"),
    [
        ((1630, 30), ("16:30", "23:59", "00:29"), ("00:30", "16:29", "12:00")),
        ((100, 200), ("01:00", "01:59"), ("00:59", "02:00")),
        ((0, 2400), ("00:00", "12:00", "23:59"), ()),
    ],
)
def test_a_window_holds_from_its_start_on_and_before_its_end(
    hours: tuple[int, int], inside: tuple[str, ...], outside: tuple[str, ...]
) -> None:
    window = conditions.window(*hours)

    def at(clock: str) -> datetime:
        return datetime.fromisoformat(f"2026-03-01T{clock}").replace(tzinfo=UTC)

    assert all(window.holds(at(clock)) for clock in inside)
    assert not any(window.holds(at(clock)) for clock in outside)


@pytest.mark.parametrize("clock", [-1, 60, 199, 2401, 2500])
def test_what_is_no_time_of_day_is_refused(clock: int) -> None:
    with pytest.raises(ValueError, match=f"^{clock} is no time of day as HHMM$"):
        conditions.window(clock, 0)


@pytest.mark.parametrize(
    ("day", "begin"),
    [
        (20260901, "2026-09-01"),
        (20240229, "2024-02-29"),
        (20260229, "2026-03-01"),
        (20260431, "2026-05-01"),
        (99991231, "9999-12-31"),
    ],
)
def test_a_day_begins_at_midnight_and_one_that_a_month_lacks_with_the_next(
    day: int, begin: str
) -> None:
    found = conditions.begin_of(day)

    assert found == datetime.fromisoformat(begin).replace(tzinfo=UTC)
    assert day <= conditions.day_of(found)


def test_more_conditions_win_then_the_service_then_the_time_then_the_highest_threshold() -> None:
    night = conditions.window(1630, 30)
    ranked = [
        Condition(),
        Condition(threshold=32_000),
        Condition(threshold=200_000),
        Condition(window=night),
        Condition("priority"),
        Condition(window=night, threshold=1),
        Condition("priority", None, 1),
        Condition("priority", night),
        Condition("priority", night, 1),
        Condition(since=20260131),
        Condition(threshold=1, since=20260131),
        Condition(since=20260901),
    ]

    assert sorted(ranked, key=lambda condition: condition.rank) == ranked
