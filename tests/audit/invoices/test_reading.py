"""Invoices as people have them."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pricetrail.audit.invoices.reading import Charge, Invoice, read
from pricetrail.audit.usage.currencies import Rates
from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.strict_json import dumps

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
    assert read(written("invoice.csv", csv)).charges == expected
    assert read(written("invoice.jsonl", lines)).charges == expected


def test_lines_of_one_model_add_up_with_their_roundings() -> None:
    path = written("invoice.csv", "model,amount\na,1.50\na,-0.25\n")
    assert read(path).charges == {"a": Charge(Decimal("1.25"), 2 * CENT)}


def test_whole_dollars_are_not_taken_for_rounded() -> None:
    assert read(written("invoice.csv", "model,amount\na,12\n")).charges["a"].unit == CENT


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        (
            "invoice.csv",
            "model,amount\na,twelve\n",
            "invoice.csv:2: it should say model and amount",
        ),
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
    assert read(path, {"EUR": rate}).charges == {"a": Charge(Decimal("0.324"), CENT * rate)}


@given(
    st.decimals("0.01", 1000, places=2),
    st.decimals("0.0001", 200, places=4),
    st.sampled_from(["GBP", "JPY", "CHF"]),
)
def test_a_rate_converts_exactly(amount: Decimal, rate: Decimal, currency: str) -> None:
    path = written("invoice.csv", f"model,amount,currency\na,{amount},{currency}\na,1.00,USD\n")
    assert read(path, {currency: rate}).charges["a"].amount == amount * rate + 1


def test_each_currency_of_a_file_needs_its_rate() -> None:
    path = written("invoice.csv", "model,amount,currency\na,0.10,EUR\na,0.10,GBP\n")
    assert "invoice.csv:3: its money is in GBP" in refusal(path, {"EUR": Decimal(2)})


def test_dollars_need_no_rate_and_their_own_column_goes_first() -> None:
    expected = {"a": Charge(Decimal("0.30"), CENT)}
    assert read(written("invoice.csv", "model,amount,currency\na,0.30,usd\n")).charges == expected
    both = "model,amount,amount_usd,currency\na,0.27,0.30,EUR\n"
    assert read(written("invoice.csv", both)).charges == expected


def test_an_amount_in_two_currencies_is_refused() -> None:
    path = written("invoice.csv", "model,amount,currency\na,€0.30,USD\n")
    assert "EUR and in USD" in refusal(path)


AMOUNTS = [
    ("$1,234.50", "1234.50"),
    ("US$ 1234.50", "1234.50"),
    ("-$3.00", "-3.00"),
    ("($3.00)", "-3.00"),
    ("1234,50", "1234.50"),
]


@pytest.mark.parametrize(("cell", "amount"), AMOUNTS)
def test_signs_and_marks_of_sheets_are_read(cell: str, amount: str) -> None:
    path = written("invoice.csv", f"sep=;\nModel;Amount\na;{cell}\n")
    assert read(path).charges == {"a": Charge(Decimal(amount), CENT)}


def test_an_amount_that_could_be_two_is_refused_unless_the_column_tells() -> None:
    path = written("invoice.csv", "model;amount\na;1,234\n")
    assert "invoice.csv:2: its amount '1,234' is 1234 with a mark between thousands" in refusal(
        path
    )
    path = written("invoice.csv", "model;amount\na;1,234\nb;0,5\nc;1.234\n")
    assert [str(one.amount) for one in read(path).charges.values()] == ["1.234", "0.5", "1234"]
    path = written("invoice.csv", "model;amount\na;1,5\nb;1.5\n")
    assert "invoice.csv:2 and" in refusal(path)


@pytest.mark.parametrize("name", ["Total", "Gesamt:", ""])
def test_a_total_is_no_charge_and_is_held_against_the_sum(name: str) -> None:
    invoice = read(written("invoice.csv", f"model,amount\na,1.50\nb,2.25\n{name},3.75\n"))
    assert (list(invoice.charges), invoice.adds_up) == (["a", "b"], True)
    assert invoice.total == Charge(Decimal("3.75"), CENT)


def test_a_total_that_is_not_the_sum_is_known() -> None:
    invoice = read(written("invoice.csv", "model,amount\na,1.50\nTotal,1.60\n"))
    assert (invoice.adds_up, invoice.sum.amount) == (False, Decimal("1.50"))
    assert read(written("invoice.csv", "model,amount\na,1.50\n")).adds_up


OPENAI_CSV = (
    "start_time,end_time,amount_value,amount_currency,line_item,project_id,organization_id,"
    "organization_name\n"
    '1772323200,1772409600,1.25,usd,"gpt-5, input",p,o,Us\n'
    '1772323200,1772409600,0.5,usd,"gpt-5, output",p,o,Us\n'
    '1772409600,1772496000,0.30000000000000004,usd,"gpt-5, cached input",p,o,Us\n'
)


def openai_page(*, has_more: bool = False) -> str:
    """A page of OpenAI's report of costs."""
    days: list[tuple[int, list[tuple[str, str]]]] = [
        (1772323200, [("1.25", "gpt-5, input"), ("0.5", "gpt-5, output")]),
        (1772409600, [("0.30000000000000004", "gpt-5, cached input")]),
    ]
    buckets = [
        {
            "object": "bucket",
            "start_time": start,
            "end_time": start + 86_400,
            "results": [
                {
                    "object": "organization.costs.result",
                    "amount": {"value": Decimal(value), "currency": "usd"},
                    "line_item": item,
                }
                for value, item in lines
            ],
        }
        for start, lines in days
    ]
    return dumps({"object": "page", "data": buckets, "has_more": has_more})


OPENAI_API = openai_page()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("costs.csv", OPENAI_CSV),
        ("costs.json", OPENAI_API),
        ("costs", OPENAI_API),
        ("costs.jsonl", OPENAI_API),
    ],
)
def test_costs_of_openai_are_read_by_model_and_day(name: str, text: str) -> None:
    invoice = read(written(name, text))
    assert invoice.charges.keys() == {"gpt-5"}
    assert {day: charge.amount for (_, day), charge in invoice.days.items()} == {
        "2026-03-01": Decimal("1.75"),
        "2026-03-02": Decimal("0.3"),
    }


def test_costs_of_anthropic_are_cents() -> None:
    usual = {"currency": "USD", "cost_type": "tokens", "service_tier": "standard"}
    name = "Claude Opus 4.6"
    results = [
        {"amount": "12345", **usual, "model": "claude-opus-4-6", "description": f"{name} Usage"},
        {"amount": "50.5", **usual, "model": None, "description": f"{name} Usage - Output Tokens"},
        {"amount": "100", **usual, "cost_type": "web_search", "description": "Web Search Usage"},
    ]
    bucket = {"starting_at": "2026-03-01T00:00:00Z", "ending_at": "2026-03-02T00:00:00Z"}
    text = dumps({"data": [bucket | {"results": results}], "has_more": False, "next_page": None})
    invoice = read(written("costs.json", text))
    assert invoice.cents
    assert {name: charge.amount for name, charge in invoice.charges.items()} == {
        "claude-opus-4-6": Decimal("123.45"),
        "Claude Opus 4.6": Decimal("0.505"),
        "Web Search Usage": Decimal(1),
    }
    assert invoice.charges["claude-opus-4-6"].unit == Decimal("0.0001")


def test_a_page_that_is_not_the_last_is_refused() -> None:
    first = openai_page(has_more=True)
    assert "says has_more" in refusal(written("costs.json", first))
    both = written("costs.jsonl", f"{first}\n{OPENAI_API}\n")
    assert read(both).charges["gpt-5"].amount > 4


@pytest.mark.parametrize(
    "dates", ["1 March,2026-03-01", ",", "2026-03-01,2026-03-31", "2026-03-01T10:00:00Z,"]
)
def test_lines_of_no_one_day_have_no_days(dates: str) -> None:
    text = f"model,amount,start_time,end_time\na,1,2026-03-02,\na,1,{dates}\n"
    invoice = read(written("invoice.csv", text))
    assert invoice.charges["a"].amount == 2
    assert invoice.days == {}


def test_an_invoice_alone_adds_up() -> None:
    assert Invoice().adds_up
