"""An audit on the terminal: totals per model and price interval, doubts, the invoice's side."""

from collections.abc import Iterator, Sequence

from pricetrail.audit.invoice_diff import BEFORE, Explanation, InvoiceComparison
from pricetrail.audit.report import AuditReport, IntervalTotal
from pricetrail.audit.results import PricedRow, UnpricedRow
from pricetrail.audit.totals import RowSample
from pricetrail.catalog.amounts import plain
from pricetrail.render import Column, line, note, table, when
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted, dollars, signed

_ALL_OF_THEM = "-o FILE or --json lists all of them"


def show_audit(report: AuditReport) -> None:
    """Show totals per model and price interval, what there is to doubt, and the invoice."""
    rows: list[tuple[object, ...]] = []
    for model in report.models:
        rows.append((model.model, "", "", f"{model.rows:,}", dollars(model.cost)))
        rows += map(_interval_row, model.intervals)
    rows.append(("total", "", "", f"{report.priced:,}", dollars(report.total)))
    table(
        (
            Column(f"audit of {report.source}", names=True),
            "price seen from",
            Column("until", drop=1),
            "rows",
            "cost",
        ),
        rows,
    )
    _show_unpriced(report.unpriced)
    _show_uncertain(report.uncertain)
    if report.comparisons is not None:
        _show_invoice(report.comparisons)


def _interval_row(interval: IntervalTotal) -> tuple[object, ...]:
    until = "now" if interval.until is None else interval.until.not_after
    return ("", interval.since.not_after, until, f"{interval.rows:,}", dollars(interval.cost))


def show_audit_notes(report: AuditReport) -> None:
    """Say beside the answer, text or JSON, what was left out and what was written."""
    if report.ignored_columns:
        note(f"ignored columns: {', '.join(map(sanitize, report.ignored_columns))}")
    if report.unpriced.number:
        note(
            f"{report.unpriced.number:,} of {counted(report.rows, 'row')} could not be priced: "
            f"not in the total of {plain(report.total)} USD"
        )
    if report.out is not None:
        note(f"{counted(report.rows, 'line')} written to {report.out}")


def unpriced_lines(rows: Sequence[UnpricedRow]) -> Iterator[str]:
    """Name rows without a price, a line of text each."""
    for row in rows:
        model = f" {sanitize(row.model)}" if row.model else ""
        yield f"  line {row.line}{model}: {sanitize(row.why, 300)}"


def show_rest(number: int, how_to_see: str) -> None:
    """Say how many rows are not shown, if any, and how to see them."""
    if number > 0:
        line(f"  and {number:,} more: {how_to_see}")


def _show_unpriced(rows: RowSample[UnpricedRow]) -> None:
    if not rows.number:
        return
    line()
    line(f"{counted(rows.number, 'row')} not priced, and not in the sums:")
    for text in unpriced_lines(rows.first):
        line(text)
    show_rest(rows.number - len(rows.first), _ALL_OF_THEM)


def _show_uncertain(rows: RowSample[PricedRow]) -> None:
    if not rows.number:
        return
    line()
    line(f"{counted(rows.number, 'row')} at an uncertain cost:")
    for priced in rows.first:
        row, why = priced.row, sanitize(priced.why, 300)
        line(f"  line {row.line} {sanitize(row.model)} {row.time_text} {priced.certainty}: {why}")
    show_rest(rows.number - len(rows.first), _ALL_OF_THEM)


def _show_invoice(comparisons: Sequence[InvoiceComparison]) -> None:
    line()
    rows = [
        (
            each.model,
            None if each.invoiced is None else dollars(each.invoiced.amount),
            None if each.audited is None else dollars(each.audited),
            _difference(each),
        )
        for each in comparisons
    ]
    table((Column("invoice", names=True), "invoiced", "audited", "difference"), rows)
    for each in comparisons:
        for text in _reasons(each):
            line(f"  {sanitize(each.model)}: {text}")


def _difference(comparison: InvoiceComparison) -> str | None:
    if comparison.invoiced is None and comparison.audited is None:
        return None
    return "agrees" if comparison.agrees else signed(comparison.difference)


def _reasons(comparison: InvoiceComparison) -> Iterator[str]:
    """What there is to say of a model of which the two sides do not agree."""
    if comparison.agrees:
        return
    yield from map(_explanation, comparison.explanations)
    if comparison.invoiced is None:
        yield "used, and not on the invoice"
    elif comparison.audited is None and not comparison.unpriced:
        yield "on the invoice, and not in the usage"
    if comparison.unpriced:
        yield f"{counted(comparison.unpriced, 'row')} could not be priced"
    if comparison.uncertain:
        yield f"{counted(comparison.uncertain, 'row')} at an uncertain price"


def _explanation(explanation: Explanation) -> str:
    changed = when(explanation.change.not_after)
    uses = "later" if explanation.charged == BEFORE else "earlier"
    verdict = ": this is what the invoice says" if explanation.explains else ""
    return (
        f"at the price {explanation.charged} the change of {changed} for all {uses} use, it "
        f"would be {dollars(explanation.total)}{verdict}"
    )
