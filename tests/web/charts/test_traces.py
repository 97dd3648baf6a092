"""Lines that say what the steps say, and no more than pixels can show."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.queries.steps import Step
from pricetrail.web.charts.traces import (
    Line,
    Place,
    Vertex,
    fewer,
    is_dense,
    lines,
    number,
    path_data,
    thinned,
)
from tests.support.histories import at
from tests.web.charts.trails import points, steps

DAY = at("2026-03-01")


def x(moment: datetime) -> float:
    return (moment - DAY).total_seconds() / 60


def y(amount: Decimal) -> float:
    return 100 - float(amount) * 10


HOURS = Place(x, y, at("20:00"))


def test_a_change_slopes_from_the_last_poll_before_it_to_the_first_after() -> None:
    some = steps([(None, at("01:00"), "3"), (at("02:00"), at("03:00"), "5")])
    assert lines(some, HOURS) == [[(60, 70), (120, 70), (180, 50), (1200, 50)]]


def test_a_price_that_goes_ends_when_it_was_last_seen() -> None:
    some = steps(
        [
            (None, at("01:00"), "3"),
            (at("02:00"), at("03:00"), None),
            (at("05:00"), at("06:00"), "1"),
        ]
    )
    assert lines(some, HOURS) == [[(60, 70), (120, 70)], [(360, 90), (1200, 90)]]


def test_a_line_never_turns_back_whatever_clocks_did() -> None:
    some = steps(
        [
            (None, at("01:00"), "3"),
            (at("04:00"), at("05:00"), "5"),
            (at("03:00"), at("04:30"), "4"),
        ]
    )
    (line,) = lines(some, HOURS)
    assert [vertex.x for vertex in line] == sorted(vertex.x for vertex in line)


@given(st.lists(st.tuples(st.floats(0, 50), st.floats(0, 99)), min_size=1, max_size=300))
def test_a_column_keeps_its_ends_and_its_extremes(some: list[tuple[float, float]]) -> None:
    line: Line = sorted((Vertex(*one) for one in some), key=lambda vertex: vertex.x)
    found = thinned(line)
    assert [vertex for vertex in line if vertex in found][:1] == found[:1]
    for column in {int(vertex.x) for vertex in line}:
        before = [vertex for vertex in line if int(vertex.x) == column]
        after = [vertex for vertex in found if int(vertex.x) == column]
        assert len(after) <= 4 or after == before
        assert (after[0], after[-1]) == (before[0], before[-1])
        assert min(v.y for v in after) == min(v.y for v in before)
        assert max(v.y for v in after) == max(v.y for v in before)
        assert len(before) > 4 or after == before


@given(st.lists(st.tuples(st.integers(0, 99_999), st.integers(0, 50)), min_size=1, max_size=50))
def test_of_too_many_steps_each_stretch_keeps_its_ends_and_its_extremes(
    some: list[tuple[int, int]],
) -> None:
    begin, end = at("2026-01-01"), at("2026-01-01") + timedelta(seconds=100_000)
    whole = [
        Step(None, begin + timedelta(seconds=n * 97), Decimal(n * 7919 % 97), None, n, None)
        for n in range(1000)
    ]
    # Where there was no price, and the same amount again.
    for place, amount in some:
        number = place // 100
        known = Decimal(amount) if amount else None
        whole[number] = whole[number]._replace(amount=known)
    found = fewer(whole, begin, end)
    assert [one for one in whole if one in found] == found
    assert len(found) < len(whole)
    assert fewer(whole[:400], begin, end) == whole[:400]

    def stretches(steps: Sequence[Step]) -> dict[int, list[Step]]:
        told: dict[int, list[Step]] = {}
        for one in steps:
            told.setdefault((one.not_after - begin) // timedelta(seconds=500), []).append(one)
        return told

    before, after = stretches(whole), stretches(found)
    assert before.keys() == after.keys()
    for number, all_ in before.items():
        kept = after[number]
        assert (kept[0], kept[-1]) == (all_[0], all_[-1])
        amounts = [[one.amount for one in told if one.amount is not None] for told in (all_, kept)]
        assert min(amounts[0], default=None) == min(amounts[1], default=None)
        assert max(amounts[0], default=None) == max(amounts[1], default=None)
        assert any(one.absent for one in all_) == any(one.absent for one in kept)


def test_a_path_is_its_points_in_few_letters() -> None:
    line = [Vertex(1.04, 2), Vertex(5, 2), Vertex(5, 7.26), Vertex(9, 8), Vertex(9.01, 8.01)]
    assert path_data([line, [Vertex(20, 1), Vertex(30, 1)]]) == "M1 2H5V7.3L9 8M20 1H30"
    assert points("M1 2H5V7.3L9 8M20 1H30") == [
        [(1, 2), (5, 2), (5, 7.3), (9, 8)],
        [(20, 1), (30, 1)],
    ]


def test_where_every_pixel_turns_whole_units_will_do() -> None:
    dense = [Vertex(n / 2, n % 7 + 0.4) for n in range(900)]
    assert is_dense([dense])
    assert "." not in path_data([dense])
    assert not is_dense([dense[:100]])


def test_numbers_are_short() -> None:
    assert [number(12.0), number(12.34), number(0.04)] == ["12", "12.3", "0"]
