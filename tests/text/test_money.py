"""Prices and sums as people read them."""

import re
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.text.money import bare_price, money, monthly, percent, price, ratio


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("3", "$3.00"),
        ("0", "$0.00"),
        ("0.075", "$0.075"),
        ("2.5", "$2.50"),
        ("1200", "$1,200.00"),
        ("0.0000004", "$0.0000004"),
        ("1E+3", "$1,000.00"),
    ],
)
def test_money_has_two_decimals_at_least(amount: str, shown: str) -> None:
    assert money(Decimal(amount)) == shown


@given(st.decimals(0, 10**9, places=9))
def test_money_rounds_nothing_away(amount: Decimal) -> None:
    assert Decimal(money(amount).lstrip("$").replace(",", "")) == amount


@pytest.mark.parametrize(
    ("amount", "unit", "shown"),
    [
        ("0.0000025", "USD/token", "$2.50 /1M"),
        ("0.000000075", "USD/token", "$0.075 /1M"),
        ("0.04", "USD/image", "$0.04 per image"),
        ("0.4", "USD/second", "$0.40 per second"),
        ("0.010", "USD", "0.01 USD"),
        ("0.250", "ratio", "25%"),
        ("0.1234", "ratio", "12.34%"),
    ],
)
def test_a_price_always_names_its_unit(amount: str, unit: str, shown: str) -> None:
    assert price(Decimal(amount), unit) == shown
    assert shown.startswith(bare_price(Decimal(amount), unit))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-16.67", "−16.7%"),
        ("16.65", "+16.7%"),
        ("100.00", "+100%"),
        ("5.00", "+5%"),
        ("0.04", "+0.04%"),
        ("-0.01", "−0.01%"),
        ("0.00", "+under 0.01%"),
        ("-0.00", "−under 0.01%"),
        ("1" + "0" * 62 + ".00", "+1" + "0" * 62 + "%"),
        ("900.00", "+900%"),
        ("-99.94", "−99.9%"),
        ("-99.97", "−99.97%"),
        ("-100.00", "−99.99%"),
    ],
)
def test_a_percentage_has_one_decimal_where_that_says_enough(text: str, shown: str) -> None:
    assert percent(Decimal(text)) == shown


@pytest.mark.parametrize(
    ("old", "new", "shown"),
    [
        ("0.000003", "0.0000025", "−16.7%"),
        ("1", "8.9", "+790%"),
        ("1", "8.999999999999999999999999999999", "+800%"),
        ("1", "9", "×9"),
        ("0.1", "0.95", "×9.5"),
        ("3", "30", "×10"),
        ("1", "99.94", "×99.9"),
        ("1", "99.96", "×100"),
        ("1", "12.349999999999999999999999999999999", "×12.3"),
        ("0.0000001", "0.0009", "×9,000"),
        ("1e-40", "1e20", "×1" + ",000" * 20),
        ("9000", "1", "−99.99%"),
        ("0", "1", None),
        ("1", "0", None),
    ],
)
def test_from_nine_times_up_a_rise_is_a_factor(old: str, new: str, shown: str | None) -> None:
    assert ratio(Decimal(old), Decimal(new)) == shown


@given(st.decimals(Decimal(-100), Decimal(99999), places=2))
def test_a_price_that_is_still_there_never_falls_by_100_percent(ratio: Decimal) -> None:
    shown = percent(ratio)
    assert shown != "−100%"
    assert re.fullmatch(r"[+−](under )?[0-9]+(\.[0-9]{1,2})?%", shown)


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        ("412.4", "+$412"),
        ("-3.2", "−$3.20"),
        ("0.004", "+under $0.01"),
        ("-0.004", "−under $0.01"),
        ("0", "$0"),
        ("1234567.5", "+$1,234,568"),
        ("9.994", "+$9.99"),
    ],
)
def test_a_monthly_sum_is_rounded_for_the_eye(amount: str, shown: str) -> None:
    assert monthly(Decimal(amount)) == shown
