"""`pricetrail usage`: what is used of each model, so that messages say what a change costs."""

from collections.abc import Iterable
from pathlib import Path

import click

from pricetrail.audit.aggregate import aggregate
from pricetrail.audit.monthly_usage import monthly_usage
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.options import ReadingOptions
from pricetrail.audit.usage_import import ImportedFile, UsageImport, import_usage
from pricetrail.catalog.aliases import Aliases
from pricetrail.catalog.errors import NotFoundError
from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.options import json_option, quiet_option, source_option
from pricetrail.render import print_json, progress
from pricetrail.storage.database import Database
from pricetrail.usage_options import usage_options
from pricetrail.views.reading import show_reading
from pricetrail.views.usage import show_imported, show_imported_notes, show_monthly


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail usage import usage-2026-10.csv usage-2026-11.csv
  pricetrail usage show
""",
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
@quiet_option
@pass_app
def import_(
    app: App,
    files: tuple[Path, ...],
    reading: ReadingOptions,
    as_json: bool,
    source: str | None,
) -> None:
    """Take in usage rows, in the formats of `pricetrail audit`, as quantities per day.

    The same file (the same bytes, whatever its name) a second time changes nothing.
    """
    tables = [UsageTable(path, reading) for path in files]
    database = _database(app, tables)
    aliases = app.known_aliases()
    imported = UsageImport(tuple(_import(database, table, source, aliases) for table in tables))
    if as_json:
        print_json(imported.as_json())
    else:
        show_imported(imported.files)
    for table in tables:
        show_reading(table.reading, table.path.name)
    show_imported_notes(imported.files)


def _database(app: App, tables: Iterable[UsageTable]) -> Database:
    """The database; made only where every file can be read: a refusal leaves none behind."""
    try:
        return app.database()
    except NotFoundError:
        for table in tables:
            aggregate(table.read(), None)
    return app.database(create=True)


def _import(
    database: Database, table: UsageTable, source: str | None, aliases: Aliases
) -> ImportedFile:
    with progress(f"reading {table.path.name}", table.size) as bar:
        return import_usage(database, table, source, bar.advance, aliases)


@command.command()
@click.argument("model", required=False)
@json_option
@pass_app
def show(app: App, model: str | None, as_json: bool) -> None:
    """What was used in the last 30 days up to the latest day imported, of MODEL or of all."""
    usage = monthly_usage(app.database(), model)
    if as_json:
        print_json(usage.as_json())
    else:
        show_monthly(usage)
