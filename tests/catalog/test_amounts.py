"""Amounts: equal numbers are one price, and what is no price is never computed with."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.amounts import parse_amount, percent, plain

AMOUNTS = st.decimals(min_value=0, max_value=1000, places=12, allow_nan=False)


@pytest.mark.parametrize(
    "value", ["0.000003", "0.0000030", "3e-6", "3E-06", "0.3e-5", Decimal("0.000003")]
)
def test_equal_numbers_are_the_same_price(value: str | Decimal) -> None:
    amount = parse_amount(value)
    assert amount is not None
    assert (amount, plain(amount)) == (Decimal("0.000003"), "0.000003")


@pytest.mark.parametrize(
    "value",
    [
        *(
            "-1",
            "1_000",
            "１２",
            "",
            " 1",
            "1 ",
            "1,5",
            "1e999999",
            "NaN",
            "Infinity",
            "free",
            ".5",
        ),
        *("1.", "+1", "0x10", "1e", "9" * 61, "1e-60", "1e21"),
        *(None, True, False, [], {}, -1, Decimal("-0.5"), Decimal("NaN"), 0.1),
    ],
)
def test_what_is_no_price_is_none(value: object) -> None:
    assert parse_amount(value) is None


def test_zero_is_a_price() -> None:
    assert [parse_amount(zero) for zero in ("0", "0.000", "0e5", 0, Decimal("-0.0"))] == [
        Decimal(0)
    ] * 5


@given(AMOUNTS)
def test_plain_text_is_the_same_number_without_an_exponent(amount: Decimal) -> None:
    text = plain(amount)
    assert Decimal(text) == amount
    assert "E" not in text
    assert not ("." in text and text.endswith("0"))
    assert parse_amount(text) == amount


@given(AMOUNTS.filter(bool), AMOUNTS)
def test_a_percentage_is_the_exact_ratio_to_two_digits(old: Decimal, new: Decimal) -> None:
    found = percent(old, new)
    assert found is not None
    exact = (Fraction(new) - Fraction(old)) / Fraction(old) * 100
    assert abs(Fraction(found) - exact) <= Fraction(1, 200)
    assert found.as_tuple().exponent == -2


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("0.000003", "0.0000025", "-16.67"),
        ("8", "8.001", "0.01"),
        ("800", "800.04", "0.01"),
        ("800", "799.96", "-0.01"),
        ("1", "0", "-100.00"),
        ("0", "1", None),
        (None, "1", None),
        ("1", None, None),
    ],
)
def test_percentages_round_half_away_from_zero_and_need_a_ratio(
    old: str | None, new: str | None, shown: str | None
) -> None:
    sides = [None if side is None else Decimal(side) for side in (old, new)]
    found = percent(sides[0], sides[1])
    assert (None if found is None else format(found, "f")) == shown
