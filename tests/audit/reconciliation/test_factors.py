"""One factor on everything."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.reconciliation.factors import FactorFit, bits

MICRO = Decimal("0.0000005")


def fit(*amounts: tuple[str, str], slack: Decimal = MICRO) -> FactorFit:
    found = FactorFit()
    for asked, due in amounts:
        found.add(Decimal(asked), Decimal(due), slack)
    return found


@pytest.mark.parametrize("factor", ["0.5", "0.9", "1.05", "1.055", "2", "1.25"])
def test_one_amount_tells_a_simple_factor(factor: str) -> None:
    due = Decimal("0.731925")
    assert fit((str(due * Decimal(factor)), str(due))).factor == Decimal(factor)


def test_one_amount_tells_no_odd_factor_and_several_do() -> None:
    pairs = [(f"{due * Decimal('1.0837'):f}", f"{due:f}") for due in map(Decimal, (1, 3, 7))]
    assert fit(pairs[0]).factor is None
    assert fit(*pairs).factor == Decimal("1.0837")


@given(st.lists(st.decimals("0.01", 9, places=6), min_size=3, max_size=9, unique=True))
def test_the_factor_that_made_amounts_is_found(due: list[Decimal]) -> None:
    factor = Decimal("1.15")
    found = fit(*((str(amount * factor), str(amount)) for amount in due))
    assert found.factor == factor


@pytest.mark.parametrize(
    "amounts",
    [
        (),
        (("1", "1"),),
        (("1.05", "1"), ("1.06", "1")),
        (("1", "0"), ("1.05", "1")),
        (("-1", "1"),),
    ],
)
def test_where_none_fits_there_is_none(amounts: tuple[tuple[str, str], ...]) -> None:
    assert fit(*amounts).factor is None


def test_amounts_in_cents_tell_little() -> None:
    cents = Decimal("0.005")
    assert fit(("0.21", "0.2"), slack=cents).factor is None
    assert fit(("0.21", "0.2"), slack=cents).possible == Decimal("1.05")
    assert fit(("210.00", "200"), slack=cents).factor == Decimal("1.05")


def test_what_is_free_on_both_sides_says_nothing() -> None:
    assert fit(("0", "0"), ("1.05", "1")).factor == Decimal("1.05")


def test_a_larger_difference_tells_more() -> None:
    assert bits(Decimal("0.01"), MICRO) > bits(Decimal("0.001"), MICRO) > 9
    assert bits(Decimal(0), MICRO) == 0
    assert bits(Decimal(1), Decimal(0)) == bits(Decimal(2), Decimal(0))
