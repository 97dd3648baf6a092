"""`pricetrail audit`: what usage cost, at the prices then in force."""

import sys
from contextlib import AbstractContextManager, closing, nullcontext, redirect_stdout
from pathlib import Path

import click

from pricetrail import targets
from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.catalog.errors import NotFoundError
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import STDOUT
from pricetrail.help import Command
from pricetrail.options import (
    json_option,
    output_option,
    quiet_option,
    source_option,
)
from pricetrail.render import print_pieces, progress
from pricetrail.targets import require_one_answer
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted
from pricetrail.usage_options import usage_options
from pricetrail.views.audit import show_audit, show_audit_notes
from pricetrail.views.reading import show_reading


class NothingPricedError(NotFoundError):
    """An audit has no total: not one of its rows could be priced."""


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail audit usage.csv                      totals per model and price
  pricetrail audit usage.jsonl.gz --style openai  prompt_tokens has the cached
  pricetrail audit usage.parquet -o lines.csv     a line for each row
  pricetrail audit usage.csv --invoice bill.csv   why the invoice differs
  pricetrail audit export.csv --map tok_in=prompt columns of your own
  pricetrail audit usage.csv --invoice bill.csv --rate EUR=1.08
""",
)
@click.argument("usage", metavar="USAGE", type=click.Path(path_type=Path, dir_okay=False))
@usage_options
@click.option(
    "--invoice",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What was charged, as CSV or JSON lines with model and amount: explain the difference.",
)
@output_option(
    "A line for each row into FILE, CSV or JSON lines by its name (also .gz, .xz, .zst)."
)
@json_option
@source_option
@quiet_option
@pass_app
def command(
    app: App,
    usage: Path,
    reading: ReadingOptions,
    invoice: Path | None,
    output: Path | None,
    force: bool,
    as_json: bool,
    source: str | None,
) -> None:
    """Recompute a bill: what each row of USAGE cost at its time.

    USAGE is CSV, JSON (both also .gz, .xz, .zst) or Parquet: with time, model and quantities, or
    as OpenAI, Anthropic, OpenRouter, LiteLLM, Langfuse and ccusage export it. Rows that cannot
    be priced are listed and never counted as zero; rows whose cost is not certain are counted and
    listed with what they may have cost instead. Either ends with exit code 0, unless no row at
    all could be priced (3).
    """
    require_one_answer(output, as_json=as_json)
    target = None
    if output is not None:
        inputs = {"the usage file": usage, "the invoice": invoice}
        target = targets.output(app, output, inputs, force=force)
    request = AuditRequest.read(usage, reading, invoice, target, force=force)
    size = request.usage.size
    pricer = Pricer.of(app.database(), source, app.aliases())
    with closing(RowSpools(lines=output is None)) as spools:
        with progress(f"auditing {usage.name}", size) as bar:
            report = audit(pricer, request, spools if as_json else None, bar.advance)
        if as_json:
            print_pieces(spools.pieces(report.as_json()))
        else:
            with _beside_lines(output):
                show_audit(report)
    show_reading(request.usage.reading)
    show_audit_notes(report)
    if not report.priced:
        raise NothingPricedError(f"no row of {usage} could be priced: {_why(report)}")


def _why(report: AuditReport) -> str:
    """The most frequent reasons, with how many rows each left without a price."""
    if not report.rows:
        return "it has none with any use"
    return "; ".join(
        f"{counted(number, 'row')}: {sanitize(why, 300)}" for why, number in report.reasons
    )


def _beside_lines(output: Path | None) -> AbstractContextManager[object]:
    """Where the totals go: to stderr while the lines are on standard output."""
    return redirect_stdout(sys.stderr) if output == STDOUT else nullcontext()
