"""What an audit says, as JSON."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from pricetrail.audit.invoices.comparisons import Comparison
from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.report import AuditReport, model_totals
from pricetrail.audit.results import PriceChange
from pricetrail.audit.totals import Totals
from tests.audit.made import interval, priced_row, unpriced_row
from tests.support.histories import at


def change(version: int) -> PriceChange:
    moment = at("10:00") + timedelta(hours=version)
    return PriceChange(version, None if version == 1 else moment - timedelta(hours=1), moment)


def report() -> AuditReport:
    first, second = interval("0.1"), interval("0.2", first=2)
    first.end = 2
    totals = Totals()
    for row in (priced_row(first), priced_row(second), priced_row(second, certainty="gap")):
        totals.add(row)
    totals.add(unpriced_row())
    return AuditReport(
        source="pipellm",
        total=totals.total,
        rows=totals.rows,
        models=model_totals(totals, change),
        unpriced=totals.unpriced.sample(),
        uncertain=totals.uncertain.sample(),
        rates={},
        ignored_columns=("note", "team"),
        out=None,
    )


def test_totals_are_per_model_and_per_interval() -> None:
    ends = {
        1: {"version": 1, "not_before": None, "not_after": "2026-03-01T11:00:00Z"},
        2: {
            "version": 2,
            "not_before": "2026-03-01T11:00:00Z",
            "not_after": "2026-03-01T12:00:00Z",
        },
    }
    assert report().as_json() == {
        "source": "pipellm",
        "total": "5",
        "currency": "USD",
        "rows": 4,
        "models": [
            {
                "model": "a",
                "rows": 3,
                "cost": "5",
                "intervals": [
                    {"from": ends[1], "until": ends[2], "rows": 1, "cost": "1"},
                    {"from": ends[2], "until": None, "rows": 2, "cost": "4"},
                ],
            }
        ],
        "ignored_columns": ["note", "team"],
    }


def test_rates_the_invoice_and_the_file_are_named_where_there_are_any() -> None:
    more = replace(
        report(),
        rates={"EUR": Decimal("1.080")},
        comparison=Comparison((), Charge(Decimal(0), Decimal(0))),
        out="lines.csv",
    )
    document = more.as_json()
    assert (document["rates"], document["invoice"]) == ({"EUR": "1.08"}, [])
    assert list(document)[-2:] == ["ignored_columns", "out"]


def test_rows_without_a_price_are_not_among_the_priced() -> None:
    found = report()
    assert (found.rows, found.priced, found.unpriced.number) == (4, 3, 1)
