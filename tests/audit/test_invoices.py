"""Invoices as people have them."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.invoices import Charge, read
from pricetrail.audit.usage.currencies import Rates
from pricetrail.catalog.errors import PricetrailError

CENT = Decimal("0.01")


def written(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


def refusal(path: Path, rates: Rates | None = None) -> str:
    with pytest.raises(PricetrailError) as caught:
        read(path, rates)
    return str(caught.value)


def test_csv_and_json_lines_say_model_and_amount() -> None:
    expected = {"a": Charge(Decimal("1.50"), CENT), "b": Charge(Decimal("2.125"), CENT / 10)}
    csv = "\ufeffModel,Amount USD,Period\na,1.50,March\nb,2.125,March\n"
    lines = '{"model":"a","cost":1.50}\n\n{"model":"b","cost":"2.125","period":"March"}\n'
    assert read(written("invoice.csv", csv)) == expected
    assert read(written("invoice.jsonl", lines)) == expected


def test_lines_of_one_model_add_up_with_their_roundings() -> None:
    path = written("invoice.csv", "model,amount\na,1.50\na,-0.25\n")
    assert read(path) == {"a": Charge(Decimal("1.25"), 2 * CENT)}


def test_whole_dollars_are_not_taken_for_rounded() -> None:
    assert read(written("invoice.csv", "model,amount\na,12\n"))["a"].unit == CENT


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("invoice.csv", "model,amount\na,$12\n", "invoice.csv:2: it should say model and amount"),
        ("invoice.csv", "model,amount\na,\n", "invoice.csv:2: it should say model and amount"),
        ("invoice.csv", "model,amount\na,2,50\n", "invoice.csv:2: it has 3 cells"),
        ("invoice.csv", "model,price\na,1\n", "invoice.csv:2: it should say model and amount"),
        ("invoice.csv", "model,amount\n", "has no line"),
        ("invoice.jsonl", '{"model": "a", "amount": 1\n', "invoice.jsonl:1: not valid JSON"),
        ("invoice.jsonl", "[1]\n", "invoice.jsonl:1: no JSON object"),
        ("invoice.jsonl", '{"model": "a", "amount": true}\n', "it should say model and amount"),
    ],
)
def test_a_line_that_says_neither_is_refused(name: str, text: str, said: str) -> None:
    assert said in refusal(written(name, text))


EUROS = [
    ("invoice.csv", "model,amount,currency\na,0.30,EUR\n"),
    ("invoice.csv", "model;amount;amount_currency\na;0.30;eur\n"),
    ("invoice.csv", "model,cost_eur\na,0.30\n"),
    ("invoice.csv", "model,Amount (EUR)\na,0.30\n"),
    ("invoice.csv", "model,amount\na,€0.30\n"),
    ("invoice.csv", "model,amount\na,0.30 €\n"),
    ("invoice.csv", "model,amount\na,0.30 EUR\n"),
    ("invoice.csv", "model,amount,currency\na,0.30,€\n"),
    ("invoice.jsonl", '{"model":"a","amount":"0.30","currency":"EUR"}\n'),
]


@pytest.mark.parametrize(("name", "text"), EUROS)
def test_another_currency_is_refused_without_a_rate_and_converted_with_it(
    name: str, text: str
) -> None:
    path = written(name, text)
    assert "--rate EUR=1.08" in refusal(path)
    rate = Decimal("1.08")
    assert read(path, {"EUR": rate}) == {"a": Charge(Decimal("0.324"), CENT * rate)}


@given(
    st.decimals("0.01", 1000, places=2),
    st.decimals("0.0001", 200, places=4),
    st.sampled_from(["GBP", "JPY", "CHF"]),
)
def test_a_rate_converts_exactly(amount: Decimal, rate: Decimal, currency: str) -> None:
    path = written("invoice.csv", f"model,amount,currency\na,{amount},{currency}\na,1.00,USD\n")
    assert read(path, {currency: rate})["a"].amount == amount * rate + 1


def test_each_currency_of_a_file_needs_its_rate() -> None:
    path = written("invoice.csv", "model,amount,currency\na,0.10,EUR\na,0.10,GBP\n")
    assert "invoice.csv:3: its money is in GBP" in refusal(path, {"EUR": Decimal(2)})


def test_dollars_need_no_rate_and_their_own_column_goes_first() -> None:
    expected = {"a": Charge(Decimal("0.30"), CENT)}
    assert read(written("invoice.csv", "model,amount,currency\na,0.30,usd\n")) == expected
    both = "model,amount,amount_usd,currency\na,0.27,0.30,EUR\n"
    assert read(written("invoice.csv", both)) == expected


def test_an_amount_in_two_currencies_is_refused() -> None:
    path = written("invoice.csv", "model,amount,currency\na,€0.30,USD\n")
    assert "EUR and in USD" in refusal(path)
