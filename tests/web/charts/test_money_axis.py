"""Round amounts beside every chart, and every amount between them."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.web.charts.money_axis import money_axis, round_step

AMOUNTS = st.lists(
    st.decimals(min_value=0, max_value=10**6, places=8, allow_nan=False), min_size=1, max_size=8
)


def axis(*amounts: str, most: int = 5) -> tuple[str, ...]:
    found = money_axis([Decimal(one) for one in amounts], most)
    return tuple(found.label(tick) for tick in found.ticks)


def is_round(amount: Decimal) -> bool:
    return amount.normalize().as_tuple().digits in {(1,), (2,), (5,)}


@given(AMOUNTS, st.integers(2, 8))
def test_ticks_are_round_evenly_apart_and_around_all_amounts(
    amounts: list[Decimal], most: int
) -> None:
    found = money_axis(amounts, most)
    assert all(0 <= found.share(amount) <= 1 for amount in amounts)
    assert len(set(found.ticks)) == len(found.ticks)
    ticks = [tick for tick in found.ticks if tick]
    if found.logarithmic:
        assert len(ticks) <= most + 3
        assert all(is_round(tick) for tick in ticks)
        assert found.low <= min(filter(None, amounts)) <= max(amounts) <= found.high
    elif ticks:
        apart = {after - before for before, after in pairwise(found.ticks)}
        (step,) = apart
        assert is_round(step)
        assert found.ticks[0] % step == 0
        # One more where the axis does not begin at zero.
        assert len(found.ticks) <= most + 2
        assert found.ticks[0] <= min(amounts) <= max(amounts) <= found.ticks[-1]


@given(st.decimals(min_value="1e-9", max_value=10**9, allow_nan=False), st.integers(1, 10))
def test_a_step_is_the_smallest_round_one_that_will_do(span: Decimal, most: int) -> None:
    step = round_step(span, most)
    assert is_round(step)
    assert step * most >= span
    smaller = step / (Decimal("2.5") if step.normalize().as_tuple().digits == (5,) else 2)
    assert smaller * most < span


def test_it_begins_at_zero_where_prices_differ() -> None:
    assert axis("0.037", "0.19") == ("$0.00", "$0.05", "$0.10", "$0.15", "$0.20")
    assert axis("3", "15") == ("$0", "$5", "$10", "$15")
    assert axis("1200", "5000") == ("$0", "$1,000", "$2,000", "$3,000", "$4,000", "$5,000")


def test_a_price_that_moves_little_is_shown_from_near_its_lowest() -> None:
    found = money_axis([Decimal("0.92"), Decimal("1.00")], 5)
    assert found.cut
    assert axis("0.92", "1.00") == ("$0.92", "$0.94", "$0.96", "$0.98", "$1.00")
    assert not money_axis([Decimal(1)], 5).cut


def test_cheap_and_dear_prices_are_shown_by_their_ratios() -> None:
    found = money_axis([Decimal("0.03"), Decimal("3.75")], 5)
    assert found.logarithmic
    ticks = ("$0.02", "$0.05", "$0.10", "$0.20", "$0.50", "$1", "$2", "$5")
    assert axis("0.03", "3.75") == ticks
    shares = [found.share(Decimal(one)) for one in ("0.05", "0.10", "0.50", "1")]
    assert shares[1] - shares[0] == pytest.approx(shares[3] - shares[2])


def test_what_is_free_has_the_ground_to_itself() -> None:
    found = money_axis([Decimal(0), Decimal("0.03"), Decimal("3.75")], 5)
    assert found.logarithmic
    assert found.share(Decimal(0)) == 0
    assert found.share(found.low) > 0.1
    assert found.ticks[0] == 0
    assert axis("0", "0") == ("$0",)
    assert axis() == ("$0",)


def test_far_apart_amounts_have_powers_of_ten_alone() -> None:
    assert axis("0.0001", "900", most=4) == ("$0.0001", "$0.01", "$1", "$100", "$10,000")
