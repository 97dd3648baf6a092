"""What was charged beside what is due, on the terminal."""

from decimal import Decimal

import pytest

from pricetrail.audit.invoices.comparisons import Comparison, DayComparison, InvoiceComparison
from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.reconciliation.causes import UNEXPLAINED
from pricetrail.audit.reconciliation.sums import Reconciliation
from pricetrail.views.bills import show_invoice, show_reconciliation

CACHED = "cached tokens at the full price"


def shown(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_what_explains_the_difference_is_told_with_how_much(
    capsys: pytest.CaptureFixture[str],
) -> None:
    sums = Reconciliation()
    for model, day, reported, due, why in (
        ("claude-x", "2026-03-02", "7", "2", CACHED),
        ("claude-x", "2026-03-05", "7", "2", CACHED),
        ("gpt-5", "2026-03-05", "4.34", "2", UNEXPLAINED),
    ):
        sums.add(model, day, Decimal(reported), Decimal(due), why)
    show_reconciliation(sums)
    lines = [line.split() for line in shown(capsys)]
    assert lines[1:5] == [
        ["costs", "in", "the", "file", "rows", "reported", "due", "difference"],
        ["claude-x", "2", "$14.00", "$4.00", "+$10.00"],
        ["gpt-5", "1", "$4.34", "$2.00", "+$2.34"],
        ["total", "3", "$18.34", "$6.00", "+$12.34"],
    ]
    assert lines[7] == ["+$10.00", *CACHED.split(), "claude-x", "2", "2026-03-02", "to", "03-05"]
    assert lines[8] == ["+$2.34", UNEXPLAINED, "gpt-5", "1", "2026-03-05"]
    assert lines[11] == ["2026-03-02", "$7.00", "$2.00", "+$5.00", *CACHED.split()]


def test_costs_that_are_due_say_so(capsys: pytest.CaptureFixture[str]) -> None:
    sums = Reconciliation()
    sums.add("a", "2026-03-02", Decimal(2), Decimal(2), None)
    show_reconciliation(sums)
    assert shown(capsys)[-1] == "  they are what is due"


def test_names_days_and_what_nothing_explains_are_told_of_an_invoice(
    capsys: pytest.CaptureFixture[str],
) -> None:
    days = (
        DayComparison("2026-03-01", Decimal(2), Decimal(1), UNEXPLAINED),
        DayComparison("2026-03-02", Decimal(1), Decimal(1), None),
    )
    charge = Charge(Decimal(3), Decimal("0.01"))
    one = InvoiceComparison(
        "m", charge, Decimal(2), explained_by=UNEXPLAINED, days=days, named=("M-2026-01-01",)
    )
    show_invoice(Comparison((one,), charge))
    assert shown(capsys)[2:] == [
        "m           $3.00    $2.00      +$1.00",
        "  m: on the invoice as M-2026-01-01",
        "  m: unexplained: none of the known causes gives what the invoice says",
        "  m: 2026-03-01: +$1.00: unexplained",
    ]
