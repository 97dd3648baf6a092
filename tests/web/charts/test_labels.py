"""Labels that do not lie on each other, as near to their lines as they can be."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pricetrail.web.charts.labels import spread

PLACES = st.lists(st.floats(0, 300, allow_nan=False), max_size=6)


def test_what_is_apart_already_stays() -> None:
    assert spread([10.0, 100.0, 50.0], 16, 0, 300) == [10, 100, 50]


def test_neighbours_part_around_their_middle() -> None:
    assert spread([100.0, 104.0], 16, 0, 300) == [94, 110]
    assert spread([104.0, 100.0, 102.0], 16, 0, 300) == [118, 86, 102]


def test_the_edges_hold() -> None:
    assert spread([0.0, 0.0], 16, 0, 300) == [0, 16]
    assert spread([300.0, 299.0], 16, 0, 300) == [300, 284]


@given(PLACES)
def test_none_lies_on_another_and_their_order_stays(wanted: list[float]) -> None:
    found = spread(wanted, 16, 0, 300)
    assert all(-1e-6 <= place <= 300 + 1e-6 for place in found)
    ordered = sorted(found)
    assert all(b - a >= 16 - 1e-6 for a, b in pairwise(ordered))
    for one, place in zip(wanted, found, strict=True):
        for other, its in zip(wanted, found, strict=True):
            assert (one < other) <= (place < its)
