"""`pricetrail db migrate-to`: everything into another database."""

import os
from pathlib import Path

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.moving import Moved, move
from pricetrail.options import json_option
from pricetrail.render import line, print_json, progress
from pricetrail.settings.references import MissingError, resolved
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUrlError
from pricetrail.targets import allowed
from pricetrail.text.sums import counted


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail db migrate-to env:NEW_DATABASE_URL
  pricetrail db migrate-to postgresql+psycopg://pricetrail@db.example/prices
  pricetrail db migrate-to sqlite:///prices.db
""",
)
@click.argument("url")
@json_option
@pass_app
def migrate_to(app: App, url: str, as_json: bool) -> None:
    """Move everything to the new, empty database at URL, SQLite or Postgres, and check it.

    Stop pricetrail first. The old database stays as it is. The new one stays empty until every
    row was compared and every history verified on both sides. URL may be env:NAME or file:PATH:
    a password in it is seen by nobody then.
    """
    origin, target = app.database(), _target(app, url)
    try:
        moved = move(origin, target, progress)
    finally:
        target.close()
    if as_json:
        print_json(moved.as_json())
    else:
        _show(moved)


def _target(app: App, given: str) -> Database:
    try:
        target = Database(str(resolved(given, Path(), os.environ)))
    except MissingError as error:
        raise InvalidInputError(f"URL: {error.text}") from None
    except DatabaseUrlError as error:
        raise InvalidInputError(f"URL {error.problem}") from None
    if target.sqlite_path is not None:
        allowed(app, Path(target.sqlite_path))
    return target


def _show(moved: Moved) -> None:
    line(f"{moved.origin} → {moved.target}")
    tables = counted(len(moved.tables), "table")
    line(f"moved: {counted(moved.rows, 'row')} in {tables}, each compared with the old one")
    for source in moved.sources:
        versions = counted(source.version, "version")
        line(f"verified on both sides: {source.source}, {versions}, head {source.head}")
    line(
        "next: set database_url to the new address, and start pricetrail; keep the old database "
        "until you are sure, and let nothing poll into it"
    )
