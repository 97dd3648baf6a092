"""`pricetrail sources apply`: the database's sources as a file lists them."""

import os
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.jobs.keeping import carry_out
from pricetrail.options import json_option
from pricetrail.render import line, note, print_json
from pricetrail.settings import source_files
from pricetrail.settings.applying import Plan, Planner
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.keys import SOURCES
from pricetrail.settings.source_files import Listed
from pricetrail.settings.tables import raw_of, tables_of
from pricetrail.storage import kept_sources, schema
from pricetrail.storage.database import Database
from pricetrail.text.sums import counted

# So many of a kind are shown; the others are counted.
_MOST_SHOWN = 20
_MOST_MISSING = 3


@click.command(
    "apply",
    cls=Command,
    epilog="""\b
Examples:
  pricetrail sources apply shops.csv --dry-run   only the plan
  pricetrail sources apply shops.csv
  pricetrail sources apply fleet.toml --prune --yes
""",
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--prune", is_flag=True, help="Drop what FILE does not list; the history of those stays."
)
@click.option("--dry-run", is_flag=True, help="Show the plan, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_app
def apply(app: App, file: Path, prune: bool, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Make the database's sources those that FILE lists, all or none.

    FILE is TOML with tables [sources.NAME], as in the configuration, or CSV: a column `name`, one
    for each key that is used, such as url, api_key or schedule, and labels as `labels.team`; a
    list is written as ["/a", "/b"]. The plan is shown first, and it asks on a terminal; elsewhere
    it wants --yes. What is wrong with any of them is told with its line, and nothing is done. A
    second time there is nothing to do. A secret in plain text is encrypted by the first key of
    PRICETRAIL_SECRET_KEYS.
    """
    raw = raw_of(app.config, os.environ)
    found = source_files.read(file, raw.folder)
    database = _database(app, dry_run=dry_run)
    try:
        plan = _plan(app, database, found.sources, prune=prune)
    except SettingsError as error:
        raise SettingsError(*found.located([*found.problems, *error.problems])) from None
    if found.problems:
        raise SettingsError(*found.located(list(found.problems)))
    if not as_json:
        _show(plan, file)
    note_missing(plan)
    if database is not None and not dry_run and not plan.is_empty:
        if not yes:
            _ask(plan)
        carry_out(database, plan.changes)
    if as_json:
        print_json(plan.as_json(applied=not dry_run))


def _database(app: App, *, dry_run: bool) -> Database | None:
    """The database; None where there is none, and none is to be made."""
    if dry_run and schema.is_missing(app.unchecked_database()):
        return None
    return app.database(create=not dry_run)


def _plan(
    app: App, database: Database | None, sources: Iterable[Listed], *, prune: bool = False
) -> Plan:
    kept: dict[str, str] = {}
    if database is not None:
        with database.read() as transaction:
            kept = kept_sources.settings(transaction)
    return planner_of(app).plan(sources, kept, prune=prune)


def planner_of(app: App) -> Planner:
    """What works out a plan beside the configuration.

    Raises:
        SettingsError: that cannot be read.
    """
    raw = raw_of(app.config, os.environ)
    in_file = frozenset(name for name, _ in tables_of(raw, SOURCES))
    return Planner(raw.folder, os.environ, in_file, raw.origin)


def note_missing(plan: Plan) -> None:
    """Say which secrets are not to be had here: they have to be, where polls are made."""
    if plan.missing:
        some = ", ".join(plan.missing[:_MOST_MISSING])
        more = len(plan.missing) - _MOST_MISSING
        rest = f" and {more:,} more" if more > 0 else ""
        note(f"not to be had on this machine, but needed where it polls: {some}{rest}")


def _show(plan: Plan, file: Path) -> None:
    if plan.is_empty:
        line(f"nothing to do: {counted(plan.unchanged, 'source')} as {file} says")
        return
    _lines("+", (one.name for one in plan.added), len(plan.added))
    changed = (f"{one.change.name}: {', '.join(one.keys)}" for one in plan.changed)
    _lines("~", changed, len(plan.changed))
    _lines("-", (f"{name} (its history stays)" for name in plan.dropped), len(plan.dropped))
    line(_summary(plan))


def _lines(sign: str, texts: Iterable[str], number: int) -> None:
    for index, text in enumerate(texts):
        if index == _MOST_SHOWN:
            line(f"{sign} … and {number - index:,} more")
            return
        line(f"{sign} {text}")


def _summary(plan: Plan) -> str:
    counts = {
        "to add": len(plan.added),
        "to change": len(plan.changed),
        "to remove": len(plan.dropped),
        "unchanged": plan.unchanged,
    }
    return ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)


def _ask(plan: Plan) -> None:
    """Ask a person whether it is to be done.

    Raises:
        InvalidInputError: there is nobody to ask.
        FailedError: they would rather not.
    """
    if not sys.stdin.isatty():
        raise InvalidInputError(f"say --yes to do so ({_summary(plan)}): there is nobody to ask")
    if not click.confirm("Do so?", err=True):
        raise FailedError("nothing was changed")
