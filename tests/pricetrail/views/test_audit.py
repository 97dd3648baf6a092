"""An audit on the terminal."""

from dataclasses import replace
from decimal import Decimal

import pytest

from pricetrail.audit.invoices.comparisons import Comparison, InvoiceComparison, InvoiceExplanation
from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.reconciliation.causes import AFTER, BEFORE, Cause
from pricetrail.audit.report import AuditReport, IntervalTotal, ModelTotal
from pricetrail.audit.results import PriceChange
from pricetrail.audit.totals import RowSample
from pricetrail.views.audit import show_audit, show_audit_notes
from tests.audit.made import interval, priced_row, unpriced_row
from tests.support.histories import at

FIRST, SECOND = PriceChange(1, None, at("10:00")), PriceChange(2, at("10:00"), at("11:00"))
REPORT = AuditReport(
    source="pipellm",
    total=Decimal("1234.5678"),
    rows=1_003,
    models=(
        ModelTotal(
            "gpt-5",
            1_001,
            Decimal("1234.5678"),
            (
                IntervalTotal(FIRST, SECOND, 1_000, Decimal(1234)),
                IntervalTotal(SECOND, None, 1, Decimal("0.5678")),
            ),
        ),
    ),
    unpriced=RowSample(0, ()),
    uncertain=RowSample(0, ()),
    rates={},
    ignored_columns=(),
    out=None,
)
EXPLAINED = "at the price {} the change of 2026-03-01T11:00:00Z for all {} use, it would be"


def shown(report: AuditReport, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_audit(report)
    return capsys.readouterr().out.splitlines()


def notes(report: AuditReport, capsys: pytest.CaptureFixture[str]) -> list[str]:
    show_audit_notes(report)
    return capsys.readouterr().err.splitlines()


def test_totals_are_per_model_and_interval(capsys: pytest.CaptureFixture[str]) -> None:
    lines = shown(REPORT, capsys)
    assert [line.split() for line in lines[1:]] == [
        ["gpt-5", "1,001", "$1,234.57"],
        ["2026-03-01T10:00:00Z", "2026-03-01T11:00:00Z", "1,000", "$1,234.00"],
        ["2026-03-01T11:00:00Z", "now", "1", "$0.5678"],
        ["total", "1,003", "$1,234.57"],
    ]


def test_the_first_doubts_are_named_and_the_rest_counted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    uncertain = priced_row(interval(), line=7, certainty="gap")
    report = replace(
        REPORT,
        unpriced=RowSample(3, (unpriced_row(4, None), unpriced_row(5, "x\x1b[1m"))),
        uncertain=RowSample(1, (uncertain,)),
    )
    assert shown(report, capsys)[5:] == [
        "",
        "3 rows not priced, and not in the sums:",
        "  line 4: no model None was ever seen",
        "  line 5 x\ufffd[1m: no model 'x\\x1b[1m' was ever seen",
        "  and 1 more: -o FILE or --json lists all of them",
        "",
        "1 row at an uncertain cost:",
        "  line 7 a 2026-03-01T10:30:00Z gap: 503 from the gateway",
    ]


def explanation(kind: str, total: int, *, explains: bool) -> InvoiceExplanation:
    return InvoiceExplanation(Cause(kind, 2), kind, Decimal(total), explains, SECOND)


def comparison(
    invoiced: str | None, audited: str | None, *explanations: InvoiceExplanation, unpriced: int = 0
) -> InvoiceComparison:
    charge = None if invoiced is None else Charge(Decimal(invoiced), Decimal("0.01"))
    cost = None if audited is None else Decimal(audited)
    return InvoiceComparison("m", charge, cost, unpriced, unpriced, explanations)


@pytest.mark.parametrize(
    ("compared", "row", "reasons"),
    [
        (comparison("1", "1.004"), "$1.00 $1.00 agrees", []),
        (
            comparison("2", "1", explanation(BEFORE, 2, explains=True)),
            "$2.00 $1.00 +$1.00",
            [f"  m: {EXPLAINED.format('before', 'later')} $2.00: this is what the invoice says"],
        ),
        (
            comparison("0.5", "1", explanation(AFTER, 3, explains=False)),
            "$0.50 $1.00 -$0.50",
            [f"  m: {EXPLAINED.format('after', 'earlier')} $3.00"],
        ),
        (comparison("1", None), "$1.00 – +$1.00", ["  m: on the invoice, and not in the usage"]),
        (comparison(None, "1"), "– $1.00 -$1.00", ["  m: used, and not on the invoice"]),
        (
            comparison(None, None, unpriced=2),
            "– – –",
            [
                "  m: used, and not on the invoice",
                "  m: 2 rows could not be priced",
                "  m: 2 rows at an uncertain price",
            ],
        ),
    ],
)
def test_the_invoice_is_beside_the_audit_with_what_explains_it(
    compared: InvoiceComparison,
    row: str,
    reasons: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    lines = shown(
        replace(REPORT, comparison=Comparison((compared,), Charge(Decimal(0), Decimal(0)))), capsys
    )[7:]
    assert lines[0].split() == ["m", *row.split()]
    assert lines[1:] == reasons


def test_notes_say_what_was_left_out_and_written(capsys: pytest.CaptureFixture[str]) -> None:
    assert notes(REPORT, capsys) == []
    report = replace(
        REPORT,
        unpriced=RowSample(2, ()),
        ignored_columns=("note", "team\u202e"),
        out="lines.csv",
    )
    assert notes(report, capsys) == [
        "ignored columns: note, team\ufffd",
        "2 of 1,003 rows could not be priced: not in the total of 1234.5678 USD",
        "1,003 lines written to lines.csv",
    ]
