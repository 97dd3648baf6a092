"""Amounts: equal numbers are one price, and what is no price is never computed with."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.catalog.amounts import (
    number_amount,
    parse_amount,
    percent,
    plain,
    same_price,
    without_noise,
)

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
    assert [plain(Decimal(zero)) for zero in ("0", "0.000", "0e5", "-0.0")] == ["0"] * 4


@pytest.mark.parametrize(
    ("widest", "beyond"),
    [
        ("1e-40", "1e-41"),
        ("1.5e-39", "1.5e-40"),
        ("9.9e20", "1e21"),
        # Digits: 60, and 61 that fit between the bounds.
        ("1" * 20 + "." + "7" * 40, "1" * 21 + "." + "7" * 40),
        # Characters: 80, and 81.
        ("2." + "0" * 78, "2." + "0" * 79),
    ],
)
def test_a_price_keeps_each_digit_up_to_the_bounds_and_is_none_beyond(
    widest: str, beyond: str
) -> None:
    amount = parse_amount(widest)
    assert amount is not None
    assert Fraction(amount) == Fraction(widest)
    assert Fraction(plain(amount)) == Fraction(widest)
    assert parse_amount(Decimal(widest)) == amount
    assert parse_amount(beyond) is None
    assert parse_amount(Decimal(beyond)) is None


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
        ("1", "1.00005", "0.01"),
        ("1", "0.99995", "-0.01"),
        # More digits than Python's decimals have by default: in a tie that is none, and before it.
        ("1", "1.0000499999999999999999999999999999999999", "0.00"),
        ("1", "0.9999500000000000000000000000000000000001", "-0.00"),
        ("1e-10", "1e20", "99999999999999999999999999999900.00"),
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


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("0.0000002", "0.00000020000000000000002", True),
        ("0.00000020000000000000002", "0.0000002", True),
        ("0.1", "0.10", True),
        # No float: fewer digits than one has noise in.
        ("1.0000000000001", "1.0000000000002", False),
        # Twelve digits round apart what is a digit of the fourteenth place apart, and no more.
        ("1.000000000005", "1.00000000000501", True),
        ("1.00000000000501", "1.000000000005", True),
        ("1.000000000005", "1.00000000000521", False),
        ("9.99999999999499", "9.99999999999501", True),
        ("0.123456789012", "0.123456789012001", True),
        ("0.123456789012", "0.123456789013001", False),
        # However small both are.
        ("0.000000123456789012345", "0.000000123456789512345", False),
        ("0.000000123456789012345", "0.000000123456789012355", True),
    ],
)
def test_two_amounts_are_one_price_up_to_the_noise_of_a_float(
    old: str, new: str, same: bool
) -> None:
    assert same_price(Decimal(old), Decimal(new)) is same


@pytest.mark.parametrize(
    ("amount", "told", "number"),
    [
        ("1.2345678901234", "1.2345678901234", "1.2345678901234"),
        ("1.23456789012345", "1.23456789012", "1.23456789012345"),
        ("1.234567890123456", "1.23456789012", "1.23456789012"),
        # Zeros before and after are no digits.
        ("0.00000001230000000000", "0.0000000123", "0.0000000123"),
        ("0.000000123456789012345", "0.000000123456789012", "0.000000123456789012345"),
    ],
)
def test_digits_of_noise_are_cut_where_there_are_so_many(
    amount: str, told: str, number: str
) -> None:
    assert without_noise(Decimal(amount)) == Decimal(told)
    assert number_amount(Decimal(amount)) == Decimal(number)
