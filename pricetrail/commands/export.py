"""`pricetrail export`: the history as tables, and as observations to import again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import astuple
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.merkle import shown
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import Target, is_open_ended, replacing
from pricetrail.files.compression import SUFFIXES, text_onto
from pricetrail.files.tables import (
    Row,
    as_documents,
    columns,
    write_csv,
    write_jsonl,
    write_parquet,
)
from pricetrail.options import source_option
from pricetrail.targets import allowed

if TYPE_CHECKING:
    from pricetrail.catalog.events import Event
    from pricetrail.storage.database import Database
    from pricetrail.storage.history.exports import Observed
    from pricetrail.storage.sources import SourceState

_FORMATS = ("csv", "jsonl", "parquet")
_PRICES = columns(
    "source model path unit amount flagged from_version:integer from_not_before:time "
    "from_not_after:time until_version:integer until_not_before:time until_not_after:time"
)
_SNAPSHOTS = columns(
    "source version:integer hash previous_hash not_before:time not_after:time last_seen:time "
    "polls:integer models:integer added:integer removed:integer repriced:integer updated:integer"
)
_EVENTS = columns(
    "id source version:integer type model timestamp:time not_before direction "
    "path unit old new percent"
)


@click.command(
    epilog="""\b
Examples:
  pricetrail export -o prices.csv                     for a spreadsheet
  pricetrail export events --format jsonl             as webhooks get them
  pricetrail export prices -o prices.parquet          needs pricetrail[parquet]
  pricetrail export observations -o history.jsonl.xz  what `pricetrail import` takes in
"""
)
@click.argument(
    "what",
    default="prices",
    type=click.Choice(("prices", "events", "snapshots", "observations")),
)
@click.option(
    "--format",
    "form",
    type=click.Choice(_FORMATS),
    help="By default what FILE's name says, else csv (jsonl for observations).",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where to; by default to the screen. Compressed if it ends in .gz, .xz or .zst. An "
    "existing file is replaced once all is written.",
)
@source_option
@pass_app
def command(app: App, what: str, form: str | None, output: Path | None, source: str | None) -> None:
    """Write the price history as intervals, or events, snapshots, observations.

    In CSV what a spreadsheet would take for a formula gets an apostrophe before it, what a
    terminal would obey is replaced, and an event has a row for each changed price; JSONL and
    Parquet keep everything as it is. Amounts
    are exact decimals.
    """
    from pricetrail.render import note
    from pricetrail.storage.sources import choose

    output = None if str(output) == "-" else output
    target = None if output is None else allowed(app, output)
    form = _format(what, form, target)
    database = app.database()
    with database.read() as connection:
        state = choose(connection, source)
    number = _EXPORTS[what](database, state, form, target)
    if target is not None:
        note(f"{number} {what} written to {target}")


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
    if named in _FORMATS and form != named:
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


def _prices(database: "Database", state: "SourceState", form: str, target: Target | None) -> int:
    from pricetrail.storage.history.exports import price_intervals

    def rows() -> Iterator[Row]:
        with database.read() as connection:
            for found in price_intervals(connection, state.id):
                amount = None if found.amount is None else plain(found.amount)
                model, path, unit, _, *rest = astuple(found)
                yield (state.name, model, path, unit, amount, *rest)

    return _write(form, target, _PRICES, rows())


def _snapshots(database: "Database", state: "SourceState", form: str, target: Target | None) -> int:
    from pricetrail.storage.history.streams import snapshots
    from pricetrail.storage.history.versions import COUNTS

    rows = (
        (
            state.name,
            row.version,
            shown(row.hash),
            shown(row.previous_hash),
            row.not_before,
            row.not_after,
            row.last_seen,
            row.polls,
            row.models,
            *(row.counts[name] for name in COUNTS),
        )
        for row in snapshots(database, state.id)
    )
    return _write(form, target, _SNAPSHOTS, rows)


def _events(database: "Database", state: "SourceState", form: str, target: Target | None) -> int:
    from pricetrail.storage.history.events import EventFilter
    from pricetrail.storage.history.streams import event_numbers, events_of

    numbers = event_numbers(database, EventFilter(source_id=state.id))
    found = (event for _, event in events_of(database, numbers))
    if form == "jsonl":
        with _text(target) as stream:
            return write_jsonl(stream, (event.as_json() for event in found))
    return _write(form, target, _EVENTS, (row for event in found for row in _event_rows(event)))


def _event_rows(event: "Event") -> Iterator[Row]:
    """One row for each changed leaf; one for an event that has none."""
    from pricetrail.catalog.times import rfc3339

    head = (
        event.id,
        event.source,
        event.version,
        event.type,
        event.model,
        event.at,
        rfc3339(event.not_before) if event.not_before else None,
        event.direction,
    )
    for entry in [change.as_json() for change in event.changes] or [{}]:
        values = (entry.get(key) for key in ("path", "unit", "old", "new", "percent"))
        yield (*head, *map(_as_text, values))


def _as_text(value: Any) -> str | None:
    from pricetrail.catalog.strict_json import dumps

    return value if value is None or isinstance(value, str) else dumps(value)


def _observations(database: "Database", state: "SourceState", _: str, target: Target | None) -> int:
    from pricetrail.catalog.strict_json import dumps, printable
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import note
    from pricetrail.storage.history.exports import observations

    number = rebuilt = 0
    with database.read() as connection, _text(target) as stream:
        for found in observations(connection, state.id):
            number += 1
            # The second line of a version says the same again.
            rebuilt += found.rebuilt and found.stretches is not None
            at = dumps(rfc3339(found.observed_at))
            known = "" if found.stretches is None else f'"coverage":{dumps(_known(found))},'
            # The payload goes out as it was served, so that its hash stays; not to a terminal.
            line = f'{{"observed_at":{at},{known}"payload":{found.payload}}}\n'
            stream.write(printable(line) if stream.isatty() else line)
    if rebuilt:
        note(f"{rebuilt} bodies were pruned: put together again from their models' documents")
    return number


def _known(found: "Observed") -> dict[str, Any]:
    """What is known about a version: earlier versions of `import` pass over this member."""
    from pricetrail.catalog.strict_json import loads
    from pricetrail.catalog.times import rfc3339
    from pricetrail.storage.polls.coverage_moves import as_json

    return {
        "version": found.version,
        "not_before": None if found.not_before is None else rfc3339(found.not_before),
        "stretches": [as_json(stretch) for stretch in found.stretches or ()],
        **({"ignored": loads(found.ignored)} if found.ignored else {}),
    }


_EXPORTS: dict[str, Callable[["Database", "SourceState", str, Target | None], int]] = {
    "prices": _prices,
    "events": _events,
    "snapshots": _snapshots,
    "observations": _observations,
}


def _write(form: str, target: Target | None, head: Any, rows: Iterator[Row]) -> int:
    if form == "parquet" and target is not None:
        with replacing(target) as file:
            return write_parquet(file, head, rows)
    with _text(target) as stream:
        if form == "csv":
            return write_csv(stream, head, rows)
        return write_jsonl(stream, as_documents(head, rows))


@contextmanager
def _text(target: Target | None) -> Iterator[IO[str]]:
    """Where the text goes: UTF-8, line ends as written, compressed as the name says."""
    if target is None:
        # CSV's own line ends, untouched by the platform.
        sys.stdout.reconfigure(newline="")  # type: ignore[union-attr]  # a text file it is
        yield sys.stdout
        # Here, and not at the very end, where nobody hears of a full disk or a closed pipe.
        sys.stdout.flush()
        return
    with replacing(target) as file, text_onto(file, target.suffix) as stream:
        yield stream
