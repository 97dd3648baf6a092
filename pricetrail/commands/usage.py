"""`pricetrail usage`: what is used of each model, so that messages say what a change costs."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.times import rfc3339
from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option, usage_options

if TYPE_CHECKING:
    from datetime import datetime

    from pricetrail.audit.aggregate import Gathered
    from pricetrail.audit.usage.files import UsageTable
    from pricetrail.storage.database import Database


@click.group(
    epilog="""\b
Examples:
  pricetrail usage import usage-2026-10.csv usage-2026-11.csv
  pricetrail usage show
"""
)
def command() -> None:
    """What you use of each model, to say what a change costs you.

    With it, messages tell what a change costs a month.
    """


@command.command("import")
@click.argument(
    "files",
    metavar="FILE...",
    nargs=-1,
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
)
@usage_options
@json_option
@source_option
@pass_app
def import_(
    app: App,
    files: tuple[Path, ...],
    style: str,
    rates: tuple[str, ...],
    as_json: bool,
    source: str | None,
) -> None:
    """Take in usage rows, in the formats of `pricetrail audit`, as quantities per day.

    The same file (the same bytes, whatever its name) a second time changes nothing.
    """
    from pricetrail.audit.usage import currencies
    from pricetrail.audit.usage.files import UsageTable
    from pricetrail.render import note, print_json
    from pricetrail.render import table as show_table
    from pricetrail.text.sanitize import sanitize

    worth = currencies.rates(rates)
    database = _database(app, [UsageTable(path, style, worth) for path in files])
    tables = [UsageTable(path, style, worth) for path in files]
    taken = [_import(database, table, source, silent=as_json) for table in tables]
    if as_json:
        print_json({"files": [one.shown() for one in taken]})
    else:
        show_table(
            ("file", "rows", "models", "passed over", ""),
            [(one.file, one.rows, one.models, one.refused, one.remark) for one in taken],
        )
    for one in taken:
        for reason in one.reasons:
            note(f"passed over {sanitize(one.file)}, {sanitize(reason, 300)}")
        if one.refused > len(one.reasons):
            note(f"and {one.refused - len(one.reasons):,} more in {sanitize(one.file)}")
        if one.ignored:
            ignored = ", ".join(map(sanitize, one.ignored))
            note(f"taken for remarks in {sanitize(one.file)}: {ignored}")


def _database(app: App, tables: "Iterable[UsageTable]") -> "Database":
    """The database; made only where every file can be read: a refusal leaves none behind."""
    from pricetrail.audit.aggregate import gather
    from pricetrail.catalog.errors import NotFoundError

    try:
        return app.database()
    except NotFoundError:
        for table in tables:
            gather(table.read(), None)
    return app.database(create=True)


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of a file; `before`: when the same bytes were taken in already."""

    file: str
    rows: int
    models: int
    refused: int
    reasons: tuple[str, ...]
    ignored: tuple[str, ...]
    before: "datetime | None"

    @property
    def remark(self) -> str:
        return f"there already, since {rfc3339(self.before)}" if self.before else "new"

    def shown(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "rows": self.rows,
            "models": self.models,
            "refused": self.refused,
            "imported_before": None if self.before is None else rfc3339(self.before),
        }


def _import(
    database: "Database", table: "UsageTable", source: str | None, *, silent: bool
) -> _Taken:
    from pricetrail.audit.aggregate import content_hash
    from pricetrail.storage.usage import UsageFile, add, known_file

    path = table.path
    digest = content_hash(path)
    with database.read() as connection:
        before = known_file(connection, digest)
    if before is None:
        found = _gathered(database, table, source, silent=silent)
        file = UsageFile(digest, path.name, found.rows)
        with database.write() as connection:
            # Somebody else may have taken it in meanwhile.
            before = known_file(connection, digest)
            if add(connection, file, found.quantities, database.now()):
                models = len({model for model, _, _ in found.quantities})
                reasons, ignored = tuple(found.reasons), tuple(sorted(table.ignored))
                return _Taken(path.name, found.rows, models, found.refused, reasons, ignored, None)
    return _Taken(path.name, 0, 0, 0, (), (), before)


def _gathered(
    database: "Database", table: "UsageTable", source: str | None, *, silent: bool
) -> "Gathered":
    from pricetrail.audit.aggregate import gather
    from pricetrail.audit.pricer import Pricer
    from pricetrail.render import progress
    from pricetrail.storage import sources

    with database.read() as connection:
        known = source is not None or bool(sources.names(connection))
        state = sources.choose(connection, source) if known else None
    # Usage may come first: then quantities go under the schema's usual prices.
    pricer = Pricer(database, state) if state is not None else None
    with progress(f"reading {table.path.name}", table.size) as bar:
        return gather(table.read(bar.advance if not silent else None), pricer)


@command.command()
@click.argument("model", required=False)
@json_option
@pass_app
def show(app: App, model: str | None, as_json: bool) -> None:
    """What was used in the last 30 days up to the latest day imported, of MODEL or of all."""
    from pricetrail.catalog.amounts import plain
    from pricetrail.catalog.units import label, unit
    from pricetrail.render import print_json, table

    days, quantities = _month(app, model)
    if as_json:
        models = [
            {
                "model": name,
                "quantities": [
                    {"path": path, "unit": unit(path), "quantity": plain(used[path])}
                    for path in sorted(used)
                ],
            }
            for name, used in sorted(quantities.items())
        ]
        print_json({"from": days[0], "until": days[1], "models": models})
        return
    rows = [
        (name, label(path), f"{used[path]:,f}", unit(path).removeprefix("USD/"))
        for name, used in sorted(quantities.items())
        for path in sorted(used)
    ]
    table(("model", "charged as", f"{days[0]} to {days[1]}", "unit"), rows)


def _month(app: App, model: str | None) -> tuple[tuple[str, str], dict[str, Any]]:
    from datetime import timedelta

    from pricetrail.catalog.errors import NotFoundError
    from pricetrail.storage import usage

    with app.database().read() as connection:
        last, found = usage.last_day(connection), usage.monthly_quantities(connection)
    if last is None or found is None:
        raise NotFoundError("no usage was imported yet: run `pricetrail usage import FILE`")
    first = last - timedelta(days=usage.MONTH_DAYS - 1)
    chosen = {name: used for name, used in found.items() if model in (None, name)}
    if not chosen:
        raise NotFoundError(f"no usage of {model!r} from {first} to {last}")
    return (first.isoformat(), last.isoformat()), chosen
