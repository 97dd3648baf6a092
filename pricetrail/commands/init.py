"""`pricetrail init`: a commented configuration, and the database."""

from pathlib import Path

import click

from pricetrail.context import App, pass_app
from pricetrail.exits import UsageProblemError


@click.command(
    epilog="""\b
Examples:
  pricetrail init                                writes ./pricetrail.toml
  pricetrail --config /etc/prices.toml init      writes it there
"""
)
@pass_app
def command(app: App) -> None:
    """Write a commented pricetrail.toml and create the database.

    An existing file is never overwritten. Secrets stay outside: the file names where they are.
    """
    from pricetrail.render import line
    from pricetrail.settings.files import DEFAULT
    from pricetrail.template import TEMPLATE

    path: Path = app.config or DEFAULT
    try:
        with path.open("x", encoding="utf-8") as stream:
            stream.write(TEMPLATE)
    except FileExistsError:
        raise UsageProblemError(
            f"{path} is there already: edit it, or name another with --config"
        ) from None
    except OSError as error:
        raise UsageProblemError(f"cannot write {path}: {error.strerror}") from None
    line(f"wrote {path}")
    database = app.database(create=True)
    line(f"the database is {database.shown}")
    line("next: set PIPELLM_API_KEY, then run `pricetrail poll`")
