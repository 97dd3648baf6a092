"""Tallies: rounds add up, and what was not accepted is counted whatever becomes of it."""

import pytest

from pricetrail.jobs.deliveries.tally import Tally


@pytest.mark.parametrize("numbers", [(0, 0, 0), (3, 0, 1), (1, 4, 2)])
def test_rounds_add_up_number_by_number(numbers: tuple[int, int, int]) -> None:
    total = Tally(*numbers) + Tally(1, 10, 100)
    assert list(total.counts().values()) == [numbers[0] + 1, numbers[1] + 10, numbers[2] + 100]
    assert total.failed == numbers[1] + numbers[2] + 110


def test_json_names_each_number() -> None:
    assert Tally(5, 3, 1).as_json() == {"deliveries": {"delivered": 5, "retrying": 3, "dead": 1}}
