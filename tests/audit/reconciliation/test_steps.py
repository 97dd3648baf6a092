"""What is rounding, and what is a difference."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.reconciliation.steps import Steps


def steps(*amounts: str) -> Steps:
    found = Steps()
    for amount in amounts:
        found.add(Decimal(amount))
    return found


@pytest.mark.parametrize(
    ("file", "asked", "due", "same"),
    [
        # To cents: half of one is rounding.
        (("0.12", "3.40"), "0.12", "0.1249", True),
        (("0.12", "3.40"), "0.12", "0.126", False),
        (("3", "12"), "3", "3.004", True),
        # A file of millionths: a short number is not rounded to what it shows.
        (("0.123456", "0.5"), "0.5", "0.5000004", True),
        (("0.123456", "0.5"), "0.5", "0.49", False),
        # To six digits, however large or small.
        (("1234.56", "0.0000123456"), "1234.56", "1234.564", True),
        (("1234.56", "0.0000123456"), "0.0000123456", "0.0000123556", False),
        # The noise of a binary float.
        (("0.1",), "0.30000000000000004", "0.3", True),
        (("0.1",), "0.30000000000000004", "0.3001", False),
        (("0.001",), "0", "0.0004", True),
    ],
)
def test_amounts_are_compared_as_the_file_writes_them(
    file: tuple[str, ...], asked: str, due: str, *, same: bool
) -> None:
    assert steps(*file).same(Decimal(asked), Decimal(due)) is same


@given(st.decimals("0.000001", 1000, places=9), st.integers(2, 6))
def test_what_is_rounded_is_the_same(exact: Decimal, places: int) -> None:
    rounded = exact.quantize(Decimal(1).scaleb(-places))
    assert steps("0." + "1" * places).same(rounded, exact)


def test_credits_are_amounts_as_well() -> None:
    assert steps("-0.12").same(Decimal("-0.12"), Decimal("-0.1249"))
