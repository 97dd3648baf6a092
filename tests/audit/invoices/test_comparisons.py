"""The comparison of an invoice as JSON."""

from decimal import Decimal

from pricetrail.audit.invoices.comparisons import (
    Comparison,
    DayComparison,
    InvoiceComparison,
    InvoiceExplanation,
)
from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.results import PriceChange
from tests.support.histories import at

CHARGE = Charge(Decimal("3.50"), Decimal("0.01"))
CHANGE = PriceChange(2, at("10:00"), at("11:00"))


def test_a_model_says_what_differs_and_why() -> None:
    late = InvoiceExplanation(
        Cause(causes.BEFORE, 2), "the old price", Decimal("3.5"), True, CHANGE
    )
    factor = InvoiceExplanation(Cause(causes.FACTOR, Decimal(2)), "a factor", Decimal(4), False)
    one = InvoiceComparison(
        "a", CHARGE, Decimal("3.3"), 1, 2, (late, factor), "the old price", named=("A",)
    )
    assert one.as_json() == {
        "model": "a",
        "invoiced": "3.5",
        "audited": "3.3",
        "difference": "0.2",
        "agrees": False,
        "explained_by": "the old price",
        "unpriced": 1,
        "uncertain": 2,
        "explanations": [
            {"change": CHANGE.as_json(), "charged": "before", "total": "3.5", "explains": True}
        ],
        "other_causes": [{"cause": "a factor", "total": "4", "explains": False}],
        "named": ["A"],
    }


def test_days_that_differ_do_not_agree_though_the_sum_does() -> None:
    days = tuple(
        DayComparison(f"2026-03-0{day}", Decimal(asked), Decimal("1.75"), why)
        for day, asked, why in ((1, "1.50", "a zone"), (2, "2.00", "a zone"))
    )
    one = InvoiceComparison("a", CHARGE, Decimal("3.5"), explained_by="a zone", days=days)
    assert not one.agrees
    assert [day["difference"] for day in one.as_json()["days"]] == ["-0.25", "0.25"]  # type: ignore[attr-defined]  # a list
    assert InvoiceComparison("a", CHARGE, Decimal("3.5")).agrees


def test_a_total_of_its_own_is_told() -> None:
    assert Comparison((), CHARGE).as_json() == {"invoice": []}
    stated = Comparison((), CHARGE, Charge(Decimal(4), Decimal("0.01")), adds_up=False)
    assert stated.as_json()["invoice_total"] == {"stated": "4", "sum": "3.5", "adds_up": False}


def test_one_side_alone_agrees_with_nothing() -> None:
    assert not InvoiceComparison("a", CHARGE, None).agrees
    assert InvoiceComparison("a", None, Decimal(2)).difference == -2
