"""An audit on the terminal: totals per model and price interval, doubts, the invoice's side."""

from collections.abc import Iterator, Sequence

from pricetrail.audit.groups import Group
from pricetrail.audit.report import AuditReport, IntervalTotal
from pricetrail.audit.results import PricedRow, UnpricedRow
from pricetrail.audit.totals import RowSample
from pricetrail.catalog.amounts import plain
from pricetrail.render import Column, line, note, table
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted, dollars
from pricetrail.views.bills import show_bill_notes, show_invoice, show_reconciliation

_ALL_OF_THEM = "-o FILE or --json lists all of them"


def show_audit(report: AuditReport) -> None:
    """Show totals per model and price interval, what there is to doubt, and what was charged."""
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
    if report.groups is not None:
        _show_groups(report.groups)
    _show_unpriced(report.unpriced)
    _show_uncertain(report.uncertain)
    _show_repeated(report.repeated)
    if report.reconciliation is not None:
        show_reconciliation(report.reconciliation)
    if report.comparison is not None:
        show_invoice(report.comparison)


def _interval_row(interval: IntervalTotal) -> tuple[object, ...]:
    until = "now" if interval.until is None else interval.until.not_after
    return ("", interval.since.not_after, until, f"{interval.rows:,}", dollars(interval.cost))


def _show_groups(groups: Sequence[Group]) -> None:
    line()
    ways = tuple(groups[0].by) if groups else ()
    rows = [
        (
            *(each.by[way] for way in ways),
            f"{each.rows:,}",
            dollars(each.total),
            None if each.reported is None else dollars(each.reported),
        )
        for each in groups
    ]
    if any(each.reported is not None for each in groups):
        table((*(Column(way, names=True) for way in ways), "rows", "cost", "reported"), rows)
    elif groups:
        cells = [row[:-1] for row in rows]
        table((*(Column(way, names=True) for way in ways), "rows", "cost"), cells)


def show_audit_notes(report: AuditReport) -> None:
    """Say beside the answer, text or JSON, what was left out and what was written."""
    if report.ignored_columns:
        note(f"ignored columns: {', '.join(map(sanitize, report.ignored_columns))}")
    if report.unpriced.number:
        note(
            f"{report.unpriced.number:,} of {counted(report.rows, 'row')} could not be priced: "
            f"not in the total of {plain(report.total)} USD"
        )
    if report.left_out:
        note(f"{counted(report.left_out, 'row')} outside of the time asked for: left out")
    show_bill_notes(report)
    if report.out is not None:
        note(f"{counted(report.written, 'line')} written to {report.out}")


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


def _show_repeated(rows: RowSample[PricedRow]) -> None:
    if not rows.number:
        return
    line()
    line(f"{counted(rows.number, 'row')} of a request that is in the file already:")
    for priced in rows.first:
        row = priced.row
        named = f"{sanitize(row.model)} {sanitize(row.request or '', 60)}"
        line(f"  line {row.line} {named}: as line {priced.repeats}, {dollars(priced.bill.cost)}")
    show_rest(rows.number - len(rows.first), "--json lists all of them")
