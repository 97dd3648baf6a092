"""`pricetrail audit`: what usage cost, at the prices then in force."""

from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import NotFoundError
from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option, usage_options

if TYPE_CHECKING:
    from pricetrail.audit.pricer import Pricer
    from pricetrail.audit.totals import Spools, Totals
    from pricetrail.audit.usage.files import UsageTable
    from pricetrail.files.atomic import Target


class NothingPricedError(NotFoundError):
    """An audit has no total: not one of its rows could be priced."""


@click.command(
    epilog="""\b
Examples:
  pricetrail audit usage.csv                          totals per model and per price
  pricetrail audit usage.jsonl.gz --style openai      prompt_tokens include the cached ones
  pricetrail audit usage.parquet --out lines.csv      a line for each row
  pricetrail audit usage.csv --invoice invoice.csv    why the invoice differs
  pricetrail audit usage.csv --invoice bill.csv --rate EUR=1.08
"""
)
@click.argument("usage", metavar="USAGE", type=click.Path(path_type=Path, dir_okay=False))
@usage_options
@click.option(
    "--invoice",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What was charged, as CSV or JSON lines with model and amount: explain the difference.",
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="A line for each row into FILE, CSV or JSON lines by its name (also .gz, .xz, .zst).",
)
@json_option
@source_option
@pass_app
def command(
    app: App,
    usage: Path,
    style: str,
    rates: tuple[str, ...],
    invoice: Path | None,
    out: Path | None,
    as_json: bool,
    source: str | None,
) -> None:
    """Recompute a bill: what each row of USAGE cost at its time.

    USAGE is CSV, JSON lines (both also .gz, .xz, .zst) or Parquet with time, model and
    quantities. Rows that cannot be priced are listed and never counted as zero; rows whose cost
    is not certain are counted and listed with what they may have cost instead. Either ends with
    exit code 0, unless no row at all could be priced (3).
    """
    from pricetrail.audit import documents, invoice_diff, invoices, report
    from pricetrail.audit.pricer import Pricer
    from pricetrail.audit.totals import Totals
    from pricetrail.audit.usage import currencies
    from pricetrail.audit.usage.files import UsageTable
    from pricetrail.storage.sources import choose
    from pricetrail.targets import allowed

    target = None
    if out is not None:
        target = allowed(app, out, {"the usage file": usage, "the invoice": invoice})
        documents.check_name(target)
    worth = currencies.rates(rates)
    charges = invoices.read(invoice, worth) if invoice is not None else None
    table, totals = UsageTable(usage, style, worth), Totals()
    database = app.database()
    with database.read() as connection:
        state = choose(connection, source)
    pricer = Pricer(database, state)
    with _spools(as_json, out) as spools:
        _run(table, pricer, totals, spools, target)
        compared = invoice_diff.compare(charges, totals) if charges is not None else None
        made = report.Report(state.name, totals, pricer, compared, worth)
        if spools is not None:
            beside: dict[str, Any] = {"ignored_columns": sorted(table.ignored)}
            if out is not None:
                beside["out"] = str(out)
            documents.print_long_json(made.document() | beside, spools.arrays())
        else:
            made.show()
        _remarks(table, totals, out)
    if totals.unpriced.number == totals.rows:
        raise NothingPricedError(f"no row of {usage} could be priced: the reasons are listed")


@contextmanager
def _spools(as_json: bool, out: Path | None) -> Iterator["Spools | None"]:
    from pricetrail.audit.documents import Spool
    from pricetrail.audit.totals import Spools

    if not as_json:
        yield None
        return
    with closing(Spools(Spool() if out is None else None)) as spools:
        yield spools


def _run(
    table: "UsageTable",
    pricer: "Pricer",
    totals: "Totals",
    spools: "Spools | None",
    out: "Target | None",
) -> None:
    """Read and price every row, one at a time, into whatever wants them."""
    from pricetrail.audit.documents import write
    from pricetrail.render import progress

    with progress(f"auditing {table.path.name}", table.size) as bar:
        results = totals.watch(map(pricer.price, table.read(bar.advance)))
        if spools is not None:
            results = spools.watch(results)
        if out is not None:
            write(out, results)
        else:
            deque(results, maxlen=0)


def _remarks(table: "UsageTable", totals: "Totals", out: Path | None) -> None:
    from pricetrail.audit.amounts import counted
    from pricetrail.render import note
    from pricetrail.text.sanitize import sanitize

    if table.ignored:
        note(
            f"taken for remarks, and not priced: {', '.join(map(sanitize, sorted(table.ignored)))}"
        )
    if totals.unpriced.number:
        note(
            f"{totals.unpriced.number:,} of {counted(totals.rows)} could not be priced: not in the "
            f"total of {plain(totals.total)} USD"
        )
    if out is not None:
        note(f"{totals.rows:,} lines written to {out}")
