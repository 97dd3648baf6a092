"""Chunks: every value once, in order, in lists that are not too long."""

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.storage.chunks import chunks


@given(st.lists(st.integers()), st.integers(1, 9))
def test_every_value_comes_once_and_in_order(values: list[int], size: int) -> None:
    found = list(chunks(values, size))
    assert [value for some in found for value in some] == values
    assert all(len(some) == size for some in found[:-1])
    assert all(0 < len(some) <= size for some in found)


@pytest.mark.parametrize("values", [array("q", range(5)), (n for n in range(5)), range(5)])
def test_whatever_can_be_gone_through_comes_as_lists(values: object) -> None:
    assert list(chunks(values, 2)) == [[0, 1], [2, 3], [4]]  # type: ignore[arg-type]  # no sequence
