"""What was charged beside what is due, on the terminal: a file's own costs, and invoices."""

from collections.abc import Iterator

from pricetrail.audit.invoices.comparisons import (
    Comparison,
    InvoiceComparison,
    InvoiceExplanation,
)
from pricetrail.audit.reconciliation.causes import UNEXPLAINED
from pricetrail.audit.reconciliation.sums import Explained, Reconciliation
from pricetrail.audit.report import AuditReport
from pricetrail.catalog.amounts import plain
from pricetrail.render import Column, line, note, table, when
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted, dollars, signed

_FEW = 10


def show_reconciliation(sums: Reconciliation) -> None:
    """Show per model and per day what the file says and what is due, and what explains the rest."""
    line()
    rows = [(name, each) for name, each in sums.models.items() if each.difference]
    rows.sort(key=lambda one: (-abs(one[1].difference), one[0]))
    table(
        (Column("costs in the file", names=True), "rows", "reported", "due", "difference"),
        [
            (name, f"{a.rows:,}", dollars(a.reported), dollars(a.due), signed(a.difference))
            for name, a in [*rows[:_FEW], ("total", sums.total)]
        ],
    )
    if len(rows) > _FEW:
        line(f"  and {len(rows) - _FEW:,} more models: --json lists all of them")
    explained = sums.explained
    if not explained:
        line("  they are what is due")
        return
    line()
    table(
        ("difference", "explained by", Column("model", names=True), "rows", Column("days", drop=1)),
        [
            (signed(each.amount), each.explained_by, each.model, f"{each.rows:,}", _days(each))
            for each in explained[:_FEW]
        ],
    )
    if len(explained) > _FEW:
        line(f"  and {len(explained) - _FEW:,} more: --json lists all of them")
    _show_days(sums)


def _days(each: Explained) -> str:
    """`2026-03-02 to 03-05`, one day as it is."""
    if each.first == each.last:
        return each.first
    is_same_year = each.first[:4] == each.last[:4]
    return f"{each.first} to {each.last[5:] if is_same_year else each.last}"


def _show_days(sums: Reconciliation) -> None:
    days = [(day, asked) for day, asked in sorted(sums.days.items()) if asked.reasons()]
    if len(days) < 2:
        return
    line()
    table(
        ("day", "reported", "due", "difference", "why"),
        [
            (
                day,
                dollars(asked.reported),
                dollars(asked.due),
                signed(asked.difference),
                ", ".join(str(reason["explained_by"]) for reason in asked.reasons()),
            )
            for day, asked in days[:_FEW]
        ],
    )
    if len(days) > _FEW:
        line(f"  and {len(days) - _FEW:,} more days: --json lists all of them")


def show_bill_notes(report: AuditReport) -> None:
    """Say beside the answer what of the bills could not be compared, or does not add up."""
    sums, comparison = report.reconciliation, report.comparison
    if sums is not None and sums.unpriced.rows:
        asked = plain(sums.unpriced.reported)
        rows = counted(sums.unpriced.rows, "row")
        note(f"{asked} USD are reported for {rows} without a price: not compared")
    if comparison is None:
        return
    if comparison.cents:
        note("the invoice's amounts are cents, as Anthropic's report of costs has them")
    if comparison.stated is not None and not comparison.adds_up:
        note(
            f"the invoice's own total is {plain(comparison.stated.amount)} USD, and its lines add "
            f"up to {plain(comparison.sum.amount)} USD"
        )


def show_invoice(comparison: Comparison) -> None:
    """Show each model's side of the invoice and of the audit, and what explains a difference."""
    line()
    rows = [
        (
            each.model,
            None if each.invoiced is None else dollars(each.invoiced.amount),
            None if each.audited is None else dollars(each.audited),
            _difference(each),
        )
        for each in comparison.models
    ]
    table((Column("invoice", names=True), "invoiced", "audited", "difference"), rows)
    for each in comparison.models:
        for text in _reasons(each):
            line(f"  {sanitize(each.model)}: {text}")


def _difference(comparison: InvoiceComparison) -> str | None:
    if comparison.invoiced is None and comparison.audited is None:
        return None
    return "agrees" if comparison.agrees else signed(comparison.difference)


def _reasons(comparison: InvoiceComparison) -> Iterator[str]:
    """What there is to say of a model of which the two sides do not agree."""
    if comparison.named:
        yield f"on the invoice as {', '.join(sanitize(name) for name in comparison.named)}"
    if comparison.agrees:
        return
    # What explains it first, however many changes there were.
    ordered = sorted(comparison.explanations, key=lambda one: not one.explains)[:_FEW]
    yield from (_explanation(one) for one in comparison.explanations if one in ordered)
    if comparison.explained_by == UNEXPLAINED:
        yield "unexplained: none of the known causes gives what the invoice says"
    differing = [day for day in comparison.days if day.explained_by is not None]
    for day in differing[:_FEW] if len(comparison.days) > 1 else ():
        apart = signed(day.invoiced - day.audited)
        yield f"{day.day}: {apart}: {day.explained_by}"
    if comparison.invoiced is None:
        yield "used, and not on the invoice"
    elif comparison.audited is None and not comparison.unpriced:
        yield "on the invoice, and not in the usage"
    if comparison.unpriced:
        yield f"{counted(comparison.unpriced, 'row')} could not be priced"
    if comparison.uncertain:
        yield f"{counted(comparison.uncertain, 'row')} at an uncertain price"


def _explanation(explanation: InvoiceExplanation) -> str:
    verdict = ": this is what the invoice says" if explanation.explains else ""
    if explanation.change is None:
        return f"with {explanation.words}, it would be {dollars(explanation.total)}{verdict}"
    changed = when(explanation.change.not_after)
    uses = "later" if explanation.charged == "before" else "earlier"
    return (
        f"at the price {explanation.charged} the change of {changed} for all {uses} use, it "
        f"would be {dollars(explanation.total)}{verdict}"
    )
