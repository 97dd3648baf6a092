"""What decides which prices hold for a use: told apart no more and no less than prices do."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from pricetrail.catalog.conditions import Condition, Window, begin_of
from pricetrail.catalog.situations import USUAL, Divisions, Situation
from tests.catalog.test_conditions import days, some_conditions

DAY = datetime(2026, 3, 1, tzinfo=UTC)
NIGHT = Window(16 * 60 + 30, 30)

some_situations = st.builds(
    Situation,
    st.sampled_from(["", "batch", "priority", "unheard-of"]),
    st.none() | st.integers(0, 1439),
    st.integers(0, 10**9),
    st.just(0) | days,
)
SPAN = (datetime(2026, 3, 1), datetime(2026, 3, 3))  # noqa: DTZ001 - zoned by `moments`
moments = st.datetimes(*SPAN, timezones=st.just(UTC))


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-03-01T{clock}").replace(tzinfo=UTC)


@given(st.lists(some_conditions, max_size=6), some_situations)
def test_situations_that_stand_for_each_other_meet_the_same_conditions(
    conditions: list[Condition], situation: Situation
) -> None:
    own = Divisions(conditions).own(situation)

    assert [each for each in conditions if situation.meets(each)] == [
        each for each in conditions if own.meets(each)
    ]
    assert Divisions(conditions).own(own) == own


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        (Condition(), True),
        (Condition("batch"), True),
        (Condition("flex"), False),
        (Condition(threshold=200_000), True),
        (Condition(threshold=200_001), False),
        (Condition(window=NIGHT), True),
        (Condition(window=Window(30, 16 * 60 + 30)), False),
        (Condition(since=20260901), True),
        (Condition(since=20260902), False),
        (Condition("batch", NIGHT, 200_000, 20260901), True),
        (Condition("batch", NIGHT, 200_000, 20260902), False),
    ],
)
def test_a_price_holds_where_all_of_its_condition_is_met(condition: Condition, holds: bool) -> None:
    assert Situation("batch", 23 * 60, 200_000, 20260901).meets(condition) is holds
    assert not USUAL.meets(Condition(window=NIGHT))


@pytest.mark.parametrize(
    ("situation", "own"),
    [
        (
            Situation("batch", 23 * 60, 300_000, 20261001),
            Situation("batch", 990, 200_000, 20260901),
        ),
        (Situation("batch", 30, 200_000, 20260901), Situation("batch", None, 200_000, 20260901)),
        (Situation("flex", 12 * 60, 199_999, 20260831), USUAL),
        (Situation("flex", None, 0, 0), USUAL),
    ],
)
def test_a_situation_keeps_what_makes_a_difference(situation: Situation, own: Situation) -> None:
    conditions = [Condition("batch", NIGHT), Condition(threshold=200_000, since=20260901)]
    assert Divisions(conditions).own(situation) == own


def test_times_without_a_price_for_a_time_of_day_come_first() -> None:
    divisions = Divisions([Condition(window=NIGHT), Condition(since=20260302)])
    assert divisions.times(at("16:00:00"), at("16:00:00") + timedelta(days=1, hours=1)) == (
        (0, None),
        (20260302, None),
        (0, 990),
        (20260302, 990),
    )


@given(st.lists(st.builds(Window, st.integers(0, 1439), st.integers(0, 1439))), moments)
def test_an_instant_is_in_the_times_of_day_that_its_minute_is_in(
    windows: list[Window], moment: datetime
) -> None:
    (minute,) = Divisions(Condition(window=window) for window in windows).minutes(moment, None)

    found = [window for window in windows if minute is not None and window.covers(minute)]
    assert found == [window for window in windows if window.holds(moment)]


@given(
    st.lists(st.builds(Window, st.integers(0, 1439), st.integers(0, 1439)), max_size=3),
    moments,
    st.integers(1, 3 * 24 * 3600),
)
def test_a_stretch_is_in_all_times_of_day_that_some_instant_of_it_is_in(
    windows: list[Window], start: datetime, seconds: int
) -> None:
    end = start + timedelta(seconds=seconds)
    minutes = Divisions(Condition(window=window) for window in windows).minutes(start, end)

    every = {start, end - timedelta(microseconds=1)}
    step = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while step < min(end, start + timedelta(days=1)):
        every.add(step)
        step += timedelta(minutes=1)
    met = {frozenset(w for w in windows if w.holds(instant)) for instant in every}
    assert met == {
        frozenset(w for w in windows if minute is not None and w.covers(minute))
        for minute in minutes
    }
    assert None not in minutes[1:]


@given(
    st.lists(st.sampled_from([20260228, 20260230, 20260301, 20260302, 20260303]), max_size=3),
    st.lists(st.builds(Window, st.integers(0, 1439), st.integers(0, 1439)), max_size=2),
    moments,
    st.integers(0, 2 * 24 * 3600),
)
@example([20260230, 20260301], [], datetime(2026, 2, 28, tzinfo=UTC), 2 * 24 * 3600)
def test_a_stretch_is_of_all_days_and_times_that_some_instant_of_it_is_of(
    some_days: list[int], windows: list[Window], start: datetime, seconds: int
) -> None:
    divisions = Divisions(
        [
            *(Condition(window=window) for window in windows),
            *(Condition(since=d) for d in some_days),
        ]
    )
    end = start + timedelta(seconds=seconds)

    every = [start, max(start, end - timedelta(microseconds=1))]
    step = start.replace(second=0, microsecond=0) + timedelta(minutes=1)
    while step < end:
        every.append(step)
        step += timedelta(minutes=1)
    met = {when for instant in every for when in divisions.times(instant, None)}
    found = divisions.times(start, end)
    assert set(found) == met
    assert len(found) == len(met)
    assert all(
        day == max((d for d in some_days if begin_of(d) <= start), default=0)
        for day, _ in divisions.times(start, None)
    )


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("16:29:59.9", "16:30:00", (None,)),
        ("16:29:59.9", "16:30:00.1", (None, 990)),
        ("16:29:59.9", "16:30:00.000001", (None, 990)),
        ("16:30:00", "23:00:00", (990,)),
        ("16:30:00", "16:30:00", (990,)),
        ("00:00:00", "00:30:00", (990,)),
        ("00:00:00", "00:31:00", (None, 990)),
    ],
)
def test_a_time_of_day_begins_and_ends_to_the_minute(
    start: str, end: str, expected: tuple[int | None, ...]
) -> None:
    assert Divisions([Condition(window=NIGHT)]).minutes(at(start), at(end)) == expected


@pytest.mark.parametrize(
    ("shortest", "longest", "passed"),
    [
        (0, 128_000, (0,)),
        (128_000, 128_000, (0,)),
        (128_001, 128_001, (128_000,)),
        (0, 128_001, (0, 128_000)),
        (150_000, 900_000, (128_000, 200_000)),
        (0, 900_000, (0, 128_000, 200_000)),
    ],
)
def test_a_threshold_is_passed_above_it(
    shortest: int, longest: int, passed: tuple[int, ...]
) -> None:
    divisions = Divisions(Condition(threshold=each) for each in (200_000, 128_000))

    assert divisions.passed(Decimal(shortest), Decimal(longest)) == passed


def test_without_conditions_there_is_only_the_usual() -> None:
    divisions = Divisions([])

    assert divisions.own(Situation("batch", 7, 900)) == USUAL
    assert divisions.minutes(DAY, None) == (None,)
    assert divisions.passed(Decimal(0), Decimal(10**9)) == (0,)
