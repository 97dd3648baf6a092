"""`pricetrail init`: a commented configuration, and the database."""

import os

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.files.atomic import PRIVATE, TargetExistsError, creating
from pricetrail.help import Command
from pricetrail.options import json_option
from pricetrail.render import line, print_json
from pricetrail.settings.database import DEFAULT_DATABASE
from pricetrail.settings.files import path_of
from pricetrail.settings.own_files import database_files
from pricetrail.settings.where import KEY_VARIABLE
from pricetrail.storage.sqlite_files import beside
from pricetrail.targets import apart_from
from pricetrail.template import TEMPLATE


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail init                                writes ./pricetrail.toml
  pricetrail --config /etc/prices.toml init      writes it there
""",
)
@json_option
@pass_app
def command(app: App, as_json: bool) -> None:
    """Write a commented pricetrail.toml and create the database.

    An existing file is never overwritten. Secrets stay outside: the file names where they are.
    """
    path = path_of(app.config, os.environ)
    target = apart_from(path, database_files(beside(DEFAULT_DATABASE, path.parent)))
    try:
        with creating(target, PRIVATE) as file:
            file.write(TEMPLATE.encode())
    except TargetExistsError:
        raise InvalidInputError(
            f"{path} already exists: edit it, or name another with --config"
        ) from None
    if not as_json:
        line(f"wrote {path}")
    database = app.database(create=True)
    if as_json:
        print_json({"config": str(path), "database": database.safe_url})
        return
    line(f"the database is {database.safe_url}")
    key = "" if os.environ.get(KEY_VARIABLE) else f"set {KEY_VARIABLE}, then "
    line(f"next: {key}run `pricetrail poll`")
