"""Lines that say what the steps say, and no more than pixels can show."""

from datetime import datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.web.charts.traces import (
    Line,
    Place,
    Vertex,
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
