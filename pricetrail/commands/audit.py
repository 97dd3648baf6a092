"""`pricetrail audit`: what usage cost, at the prices then in force."""

import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager, closing, nullcontext, redirect_stdout
from datetime import datetime
from pathlib import Path
from typing import TypedDict, Unpack

import click

from pricetrail import targets
from pricetrail.audit.audits import AuditRequest, audit
from pricetrail.audit.documents import RowSpools
from pricetrail.audit.engines.bills import ENGINES, EngineBill
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.report import AuditReport
from pricetrail.audit.spans import Span
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import STDOUT
from pricetrail.help import Command
from pricetrail.options import (
    TIME,
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


class _Given(TypedDict):
    """What the command is given besides, under the names of its options."""

    invoice: Path | None
    since: datetime | None
    until: datetime | None
    group_by: str | None
    written_as: str | None
    output: Path | None
    force: bool


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
  pricetrail audit usage.csv --group-by team,day --totals
  pricetrail audit usage.csv --as focus -o focus.csv
  pricetrail audit 'bills/*.parquet' --engine duckdb   as many as there are
""",
)
@click.argument(
    "usage",
    metavar="USAGE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
@usage_options
@click.option(
    "--invoice",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What was charged, as CSV or JSON lines with model and amount, or the report of costs of "
    "OpenAI or Anthropic: explain the difference.",
)
@click.option("--from", "since", type=TIME, metavar="TIME", help="Only rows at or after this time.")
@click.option("--until", type=TIME, metavar="TIME", help="Only rows before this time.")
@click.option(
    "--group-by",
    metavar="WAYS",
    help="Sums by team, key, day, model, user and project, or some of them: team,day.",
)
@click.option("--totals", is_flag=True, help="Only sums: no line for each row, with --json either.")
@click.option(
    "--as",
    "written_as",
    type=click.Choice(("focus",)),
    help="focus: rows of FOCUS 1.3 in CSV, for -o or standard output.",
)
@click.option(
    "--engine",
    type=click.Choice(ENGINES),
    help="Have tables, or globs of them, read and added up by an engine: the same totals, faster.",
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
    usage: tuple[Path, ...],
    reading: ReadingOptions,
    as_json: bool,
    source: str | None,
    totals: bool,
    engine: str | None,
    **given: Unpack[_Given],
) -> None:
    """Recompute a bill: what each row of USAGE cost at its time.

    USAGE is CSV, JSON (both also .gz, .xz, .zst) or Parquet: with time, model and quantities, or
    as OpenAI, Anthropic, OpenRouter, LiteLLM, Langfuse and ccusage export it. Rows that cannot
    be priced are listed and never counted as zero; rows whose cost is not certain are counted and
    listed with what they may have cost instead. Either ends with exit code 0, unless no row at
    all could be priced (3). Costs in the file are compared with ours, and what explains a
    difference is named.
    """
    if engine is not None:
        _require_totals(as_json=as_json, totals=totals, **given)
        bill = EngineBill(engine, usage, reading, _span(**given), given["group_by"])
        pricer = Pricer.of(app.database(), source, app.aliases())
        with closing(RowSpools(lines=False)) as spools:
            with progress(f"auditing by {engine}", bill.size) as bar:
                report = bill.audit(pricer, spools if as_json else None, bar.advance)
            _show(report, spools if as_json else None, None, bill.readings)
        return
    if len(usage) > 1:
        raise InvalidInputError(f"audit takes one file; several with --engine {ENGINES[0]}")
    request = _request(app, usage[0], reading, **given)
    require_one_answer(request.out, as_json=as_json)
    if totals and request.out is not None:
        raise InvalidInputError("--totals leaves the lines out, and -o writes them: leave one out")
    size = request.usage.size
    pricer = Pricer.of(app.database(), source, app.aliases())
    with closing(RowSpools(lines=request.out is None and not totals)) as spools:
        with progress(f"auditing {usage[0].name}", size) as bar:
            report = audit(pricer, request, spools if as_json else None, bar.advance)
        _show(report, spools if as_json else None, request.out, [request.usage.reading])


def _show(
    report: AuditReport, spools: RowSpools | None, out: Path | None, readings: Sequence[Reading]
) -> None:
    """Show what an audit says, as JSON where there are `spools`, and beside it what was read."""
    if spools is not None:
        print_pieces(spools.pieces(report.as_json()))
    else:
        with _beside_lines(out):
            show_audit(report)
    for reading in readings:
        show_reading(reading, str(reading.path) if len(readings) > 1 else None)
    show_audit_notes(report)
    if not report.priced:
        names = ", ".join(str(reading.path) for reading in readings)
        raise NothingPricedError(f"no row of {names} could be priced: {_why(report)}")


def _require_totals(*, as_json: bool, totals: bool, **given: Unpack[_Given]) -> None:
    """Refuse what an engine gives no lines for.

    Raises:
        InvalidInputError: something was asked for that only the streaming audit has.
    """
    asked = {
        "--invoice": given["invoice"] is not None,
        "--as": given["written_as"] is not None,
        "-o": given["output"] is not None,
        "--json without --totals": as_json and not totals,
    }
    refused = [name for name, is_asked in asked.items() if is_asked]
    if refused:
        raise InvalidInputError(f"--engine gives sums alone: leave it out for {refused[0]}")


def _why(report: AuditReport) -> str:
    """The most frequent reasons, with how many rows each left without a price."""
    if not report.rows:
        return "it has none with any use"
    return "; ".join(
        f"{counted(number, 'row')}: {sanitize(why, 300)}" for why, number in report.reasons
    )


def _request(
    app: App, usage: Path, reading: ReadingOptions, **given: Unpack[_Given]
) -> AuditRequest:
    """What a person asked for, checked."""
    as_focus = given["written_as"] == "focus"
    target = STDOUT if as_focus and given["output"] is None else given["output"]
    if target is not None:
        inputs = {"the usage file": usage, "the invoice": given["invoice"]}
        target = targets.output(app, target, inputs, force=given["force"])
    return AuditRequest.read(
        usage,
        reading,
        given["invoice"],
        target,
        force=given["force"],
        as_focus=as_focus,
        span=_span(**given),
        group_by=given["group_by"],
    )


def _span(**given: Unpack[_Given]) -> Span:
    return Span(given["since"], given["until"])


def _beside_lines(output: Path | None) -> AbstractContextManager[object]:
    """Where the totals go: to stderr while the lines are on standard output."""
    return redirect_stdout(sys.stderr) if output == STDOUT else nullcontext()
