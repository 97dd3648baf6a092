"""What a file says that a row cost."""

from decimal import Decimal
from pathlib import Path

import pytest

from pricetrail.audit.usage import costs
from pricetrail.audit.usage.columns import COST, CURRENCY, MORE_COST
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.rows import UsageRow

RATES = {"EUR": Decimal("1.25")}


def reported(*cells: tuple[str, str, object]) -> Decimal | None:
    return costs.cost(costs.in_order(cells), RATES, "u.csv:2").reported


@pytest.mark.parametrize(
    ("cell", "amount"),
    [
        ("0.0123", "0.0123"),
        (Decimal("0.0123"), "0.0123"),
        (0.0123, "0.0123"),
        (3, "3"),
        ("3e-05", "0.00003"),
        ("$1,234.50", "1234.50"),
        ("US$ 0.5", "0.5"),
        ("-0.5", "-0.5"),
        ("(0.50)", "-0.5"),
        ("0,5", "0.5"),
        ("1.234,56", "1234.56"),
        ("1,234,567", "1234567"),
        ("1.234.567,8", "1234567.8"),
        ("1 234.5", "1234.5"),
        ("€2", "2.5"),
        ("2 EUR", "2.5"),
    ],
)
def test_a_cost_is_read_as_people_write_it(cell: object, amount: str) -> None:
    assert reported((COST, "cost", cell)) == Decimal(amount)


@pytest.mark.parametrize("cell", ["1,234", "n/a", "free", "1.2.3"])
def test_what_can_be_read_in_two_ways_or_none_is_not_guessed(cell: str) -> None:
    found = costs.cost([(COST, "cost", cell)], {}, "u.csv:2")
    assert (found.reported, found.unread) == (None, True)


@pytest.mark.parametrize("cell", [None, "", float("nan")])
def test_an_empty_cell_says_nothing(cell: object) -> None:
    assert costs.cost([(COST, "cost", cell)], {}, "u.csv:2") == (None, False)


def test_of_several_costs_the_total_or_the_one_in_usd_is_believed() -> None:
    cells = [(COST, "amount", "1"), (COST, "spend", "2"), (COST, "total_cost", "3")]
    assert reported(*cells) == 3
    assert reported(*cells, (COST, "cost_usd", "4")) == 4
    assert reported((COST, "total_cost", ""), (COST, "spend", "2")) == 2


def test_what_others_charged_is_added() -> None:
    more = (MORE_COST, "byok_usage_inference", "0.25")
    assert reported((COST, "usage", "0.5"), more) == Decimal("0.75")
    assert reported((COST, "usage", "0"), more) == Decimal("0.25")
    assert reported(more) == Decimal("0.25")


def test_the_currency_is_that_of_the_name_the_cell_or_the_column_beside() -> None:
    assert reported((COST, "cost_eur", "2")) == Decimal("2.5")
    assert reported((COST, "cost", "2"), (CURRENCY, "currency", "eur")) == Decimal("2.5")
    assert reported((COST, "cost", "$2")) == 2


def test_money_without_a_rate_is_refused() -> None:
    with pytest.raises(UsageFileError, match=r"u\.csv:2: its money is in CHF"):
        reported((COST, "cost", "2 CHF"))


def test_a_row_says_its_cost_exactly_and_a_file_how_many_cannot_be_read() -> None:
    text = 'time,model,images,cost,note\n2026-03-05,m,1,"0.00030000000000000003",x\n'
    Path("u.csv").write_text(text + "2026-03-05,m,1,tbd,x\n")
    table = UsageTable(Path("u.csv"), ReadingOptions())
    first, second = table.read()
    assert isinstance(first, UsageRow)
    assert isinstance(second, UsageRow)
    assert (str(first.reported), second.reported) == ("0.00030000000000000003", None)
    assert (table.reading.unread, table.ignored) == (1, {"note"})
