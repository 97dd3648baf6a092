"""Invoices as people have them."""

from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.audit.invoices import Charge, read
from pricetrail.catalog.errors import PricetrailError

CENT = Decimal("0.01")


def written(name: str, text: str) -> Path:
    path = Path(name)
    path.write_text(text, encoding="utf-8")
    return path


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
    with pytest.raises(PricetrailError) as caught:
        read(written(name, text))
    assert said in str(caught.value)
