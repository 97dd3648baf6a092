"""What money is written in, and what it is worth."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.usage import currencies
from pricetrail.audit.usage.errors import UsageFileError


@given(
    st.sampled_from(["EUR", "eur", "€", " Eur "]),
    st.decimals("0.0001", 10_000, places=4),
)
def test_a_rate_is_read_exactly(name: str, worth: Decimal) -> None:
    assert currencies.rates([f"{name}={worth}"]) == {"EUR": worth}


def test_each_currency_has_its_rate_and_may_say_it_twice() -> None:
    found = currencies.rates(["EUR=1.08", "GBP=1.27", "€=1.080"])
    assert found == {"EUR": Decimal("1.08"), "GBP": Decimal("1.27")}


@pytest.mark.parametrize("rate", ["EUR", "EUR=", "=1", "EUR=0", "EUR=-1", "USD=1", "EUR=1,08"])
def test_a_rate_that_means_nothing_is_refused(rate: str) -> None:
    with pytest.raises(UsageFileError, match=r"write EUR=1\.08"):
        currencies.rates([rate])


def test_two_rates_for_one_currency_are_refused() -> None:
    with pytest.raises(UsageFileError, match="EUR has two rates"):
        currencies.rates(["EUR=1", "€=2"])


@pytest.mark.parametrize(
    ("cell", "code"),
    [(None, "USD"), ("", "USD"), ("us$", "USD"), ("€", "EUR"), ("Zł", "PLN"), ("chf", "CHF")],
)
def test_a_currency_is_known_by_its_code_or_its_sign(cell: str | None, code: str) -> None:
    assert currencies.code(cell) == code


@pytest.mark.parametrize(
    ("column", "code"),
    [
        ("cost_eur", "EUR"),
        ("total_cost_gbp", "GBP"),
        ("amount_(chf)", "CHF"),
        ("charges_in_jpy", "JPY"),
        ("cost_usd", "USD"),
        ("eur", "EUR"),
        ("cost_center", None),
        ("amount_due", None),
        ("team", None),
    ],
)
def test_the_name_of_a_column_may_tell_the_currency(column: str, code: str | None) -> None:
    assert currencies.of_column(column) == code


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("12.50", (None, "12.50")),
        ("-3", (None, "-3")),
        ("€12.50", ("EUR", "12.50")),
        ("12.50 zł", ("PLN", "12.50")),
        ("12.50 EUR", ("EUR", "12.50")),
        ("CHF 7", ("CHF", "7")),
        (None, (None, "")),
        (True, (None, "")),
    ],
)
def test_a_cell_may_tell_the_currency(cell: object, expected: tuple[str | None, str]) -> None:
    assert currencies.of_cell(cell) == expected


def test_money_is_worth_its_rate_and_refused_without_one() -> None:
    rates = {"EUR": Decimal("1.08")}
    assert currencies.worth("EUR", rates, "a.csv:2") == Decimal("1.08")
    assert currencies.worth("USD", rates, "a.csv:2") == 1
    with pytest.raises(UsageFileError, match=r"a\.csv:3: its money is in GBP.*--rate GBP=…"):
        currencies.worth("GBP", rates, "a.csv:3")
