"""Amounts as sheets write them, and those that could be two."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.invoices.amounts import AmountError, decimal_mark, read_amount


@pytest.mark.parametrize(
    ("text", "amount", "mark"),
    [
        ("12", "12", None),
        ("12.50", "12.50", "."),
        ("12,50", "12.50", ","),
        ("0.123", "0.123", "."),
        ("0,123", "0.123", ","),
        (".5", "0.5", "."),
        ("1,234.56", "1234.56", "."),
        ("1.234,56", "1234.56", ","),
        ("1'234.56", "1234.56", "."),
        ("1’234.56", "1234.56", "."),
        ("1 234,56", "1234.56", ","),
        ("1\u202f234,56", "1234.56", ","),
        ("1,234,567", "1234567", "."),
        ("1.234.567", "1234567", ","),
        ("1 234", "1234", None),
        ("-3.00", "-3.00", "."),
        ("−3.00", "-3.00", "."),
        ("3.00-", "-3.00", "."),
        ("(3.00)", "-3.00", "."),
        ("1e-7", "1E-7", None),
        ("12.3456789", "12.3456789", "."),
    ],
)
def test_an_amount_is_read_to_its_last_digit(text: str, amount: str, mark: str | None) -> None:
    found = read_amount(text)
    assert found is not None
    assert str(found) == str(Decimal(amount))
    assert decimal_mark(text) == mark


@pytest.mark.parametrize(
    "text", ["", "a", "1,2,3", "1,23,456", "1.2.3", "1,234,56", "--1", "1.5.", "1_000"]
)
def test_what_is_no_amount_is_none(text: str) -> None:
    assert read_amount(text) is None


def test_what_could_be_two_amounts_is_refused_with_both() -> None:
    with pytest.raises(AmountError, match=r"1234 with a mark .* 1\.234 with a decimal comma"):
        read_amount("1,234")
    assert decimal_mark("1,234") is None


def test_the_rest_of_the_column_decides() -> None:
    assert read_amount("1,234", ".") == 1234
    assert read_amount("1,234", ",") == Decimal("1.234")
    assert read_amount("1.234", ",") == 1234
    assert read_amount("1.234") == Decimal("1.234")


@given(
    st.decimals(0, 10**9, places=2),
    st.sampled_from([(",", "."), (".", ","), ("'", "."), (" ", ",")]),
)
def test_any_amount_in_any_country_is_the_same(amount: Decimal, marks: tuple[str, str]) -> None:
    between, before = marks
    written = f"{amount:,.2f}".replace(",", "_").replace(".", before).replace("_", between)
    assert read_amount(written) == amount
