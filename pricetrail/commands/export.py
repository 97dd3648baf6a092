"""`pricetrail export`: the history as tables, and as observations to import again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO

import click

from pricetrail import targets
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.strict_json import printable
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import STDOUT, Target, is_open_ended, writing
from pricetrail.files.compression import SUFFIXES, text_onto
from pricetrail.files.tables import write_csv, write_jsonl, write_parquet
from pricetrail.help import Command
from pricetrail.options import TIME, output_option, quiet_option, source_option
from pricetrail.queries import exports, price_files
from pricetrail.queries.exports import TableAnswer
from pricetrail.queries.price_files import PriceFileAnswer
from pricetrail.render import note, when
from pricetrail.storage.database import Database
from pricetrail.targets import require_json
from pricetrail.text.sums import counted

_FORMATS = ("csv", "jsonl", "parquet")
# Names of formats that are none of ours, whatever --format says.
_OTHERS = ("xlsx", "xls", "ods", "tsv", "json", "xml")
_TABLES: dict[str, Callable[[Database, str | None], AbstractContextManager[TableAnswer]]] = {
    "prices": exports.ask_prices,
    "events": exports.ask_events,
    "snapshots": exports.ask_snapshots,
}


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail export -o prices.csv                     for a spreadsheet
  pricetrail export events --format jsonl             as webhooks get them
  pricetrail export prices -o prices.parquet          of pricetrail[parquet]
  pricetrail export observations -o history.jsonl.xz  for `pricetrail import`
  pricetrail export --as litellm --at 2026-03-01 -o prices.json
""",
)
@click.argument(
    "what",
    default="prices",
    type=click.Choice((*_TABLES, "observations")),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="By default what FILE's name says, else csv (jsonl for observations).",
)
@output_option("Where to; by default to the screen. Compressed if it ends in .gz, .xz or .zst.")
@click.option(
    "--as",
    "price_file",
    type=click.Choice(price_files.FORMATS),
    help="Write the catalog as a price file that other tools read.",
)
@click.option(
    "--at",
    type=TIME,
    metavar="TIME",
    help="With --as: as of this time, such as 2026-03-01 or 3d (ago); by default as last seen.",
)
@source_option
@quiet_option
@pass_app
def command(
    app: App,
    what: str,
    form: str | None,
    output: Path | None,
    force: bool,
    price_file: str | None,
    at: datetime | None,
    source: str | None,
) -> None:
    """Write the history out: prices, events, observations and so on.

    Prices are written as intervals. In CSV what a spreadsheet would take for a formula gets an
    apostrophe before it, what a terminal would obey is replaced, and an event has a row for
    each changed price; JSONL and Parquet keep everything as it is. Amounts are exact decimals.

    With --as the prices of one time in the format of another tool's file; what that has no place
    for is counted on stderr.
    """
    output = None if output == STDOUT else output
    target = None if output is None else targets.output(app, output, force=force)
    if price_file is not None:
        _refuse_with_as(what, form)
        if target is not None:
            require_json(target)
        with app.database().read() as transaction:
            answer = price_files.ask(transaction, source, price_file, at)
        _write_price_file(answer, _Output(target, force))
        return
    if at is not None:
        raise InvalidInputError("--at goes with --as: the rest is the history of all times")
    form = _format(what, form, target)
    number = _export(app.database(), what, source, form, _Output(target, force))
    if target is not None:
        note(f"{number} {what} written to {target}")


def _refuse_with_as(what: str, form: str | None) -> None:
    """Refuse what --as leaves no choice of.

    Raises:
        InvalidInputError: something else than prices, or a format besides.
    """
    if what != "prices":
        raise InvalidInputError(f"--as writes prices alone: leave {what} out, or --as")
    if form is not None:
        raise InvalidInputError("--as says the format already: leave --format out")


def _write_price_file(answer: PriceFileAnswer, output: "_Output") -> None:
    """Write the file, and say beside it what it is of and what is not in it."""
    with output.text() as stream:
        stream.write(answer.as_text())
    seen = f"version {answer.version}, first seen {when(answer.first_seen)}"
    models = counted(answer.models, "model")
    where = f", written to {output.target}" if output.target is not None else ""
    note(f"{models} of {answer.source}, {seen}, for {answer.format}{where}")
    for words in answer.left_out_in_words():
        note(f"left out: {words}")


def _format(what: str, asked: str | None, output: Path | None) -> str:
    """The format that was asked for, else the one that the file's name says.

    Raises:
        InvalidInputError: there is no such format, or the two say different things.
    """
    named = _named_format(output) if output is not None else ""
    usual = "jsonl" if what == "observations" else "csv"
    form = asked or named or usual
    if form not in _FORMATS:
        raise InvalidInputError(
            f"{output}: .{form} is none of the formats: name it .csv, .jsonl (or either with .gz) "
            "or .parquet, or say --format"
        )
    if named in (*_FORMATS, *_OTHERS) and form != named:
        raise InvalidInputError(f"{output} says {named}, and --format says {form}: make them agree")
    if what == "observations" and form != "jsonl":
        raise InvalidInputError("observations are whole catalogs: export them with --format jsonl")
    if form == "parquet" and (output is None or output.suffix.lower() in SUFFIXES):
        raise InvalidInputError(
            "Parquet is no text for a screen, and compressed already: name a file, -o FILE.parquet"
        )
    return form


def _named_format(output: Path) -> str:
    """What a file's name says; nothing where it has no suffix, or is no name of a file's."""
    if is_open_ended(output):
        return ""
    inner = Path(output.stem) if output.suffix.lower() in SUFFIXES else output
    return inner.suffix.lower().removeprefix(".")


def _export(database: Database, what: str, source: str | None, form: str, output: "_Output") -> int:
    """Write what was asked for; how many rows there were."""
    if what == "observations":
        return _observations(database, source, output)
    with _TABLES[what](database, source) as answer:
        return _table(answer, form, output)


def _table(answer: TableAnswer, form: str, output: "_Output") -> int:
    if form == "parquet" and output.target is not None:
        with writing(output.target, force=output.force) as file:
            return write_parquet(file, answer.columns, answer.rows)
    with output.text() as stream:
        if form == "csv":
            return write_csv(stream, answer.columns, answer.rows)
        return write_jsonl(stream, answer.documents)


def _observations(database: Database, source: str | None, output: "_Output") -> int:
    number = rebuilt = 0
    with exports.ask_observations(database, source) as observations, output.text() as stream:
        for observation in observations:
            number += 1
            rebuilt += observation.rebuilt
            line = observation.as_line()
            # The payload goes out as it was served, so that its hash stays; not to a terminal.
            stream.write(printable(line) if stream.isatty() else line)
    if rebuilt:
        pruned = counted(rebuilt, "pruned body", "pruned bodies")
        note(f"{pruned} put together again from the models' documents")
    return number


@dataclass(frozen=True, slots=True)
class _Output:
    """Where it goes: to a file, with `force` in place of one that is there, or to the screen."""

    target: Target | None
    force: bool

    @contextmanager
    def text(self) -> Iterator[IO[str]]:
        """A stream of UTF-8, line ends as written, compressed as the file's name says."""
        if self.target is None:
            # CSV's own line ends, untouched by the platform.
            sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # a text file it is
            yield sys.stdout
            # Here, and not at the very end, where nobody hears of a full disk or a closed pipe.
            sys.stdout.flush()
            return
        opened = writing(self.target, force=self.force)
        with opened as file, text_onto(file, self.target.suffix) as stream:
            yield stream
