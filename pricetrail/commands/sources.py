"""`pricetrail sources`: the sources and how they are."""

from datetime import datetime

import click

from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.options import json_option
from pricetrail.queries import sources as query
from pricetrail.queries.conditions import condition, overdue
from pricetrail.queries.sources import SourceHealth
from pricetrail.render import Column, line, print_json, table
from pricetrail.storage import sources


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail sources list
  pricetrail sources pause pipellm   `run` leaves it alone until `resume`
  pricetrail sources resume pipellm
""",
)
def command() -> None:
    """The sources that are known, and their health."""


@command.command("list")
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """Show every source."""
    database = app.database()
    now = database.now()
    with database.read() as transaction:
        answer = query.ask(transaction)
        late = overdue(transaction, now)
    if as_json:
        print_json(answer.as_json())
        return
    columns = (
        Column("name", names=True),
        Column("version", drop=1),
        Column("last_good", recent=True),
        Column("last_poll", drop=3, recent=True),
        Column("failures", drop=2),
        "state",
    )
    table(columns, [_row(source, late, now) for source in answer.sources])


@command.command("pause")
@click.argument("name")
@pass_app
def pause(app: App, name: str) -> None:
    """Let `run` leave a source alone."""
    _set_paused(app, name, paused=True)


@command.command("resume")
@click.argument("name")
@pass_app
def resume(app: App, name: str) -> None:
    """Let `run` poll a source again."""
    _set_paused(app, name, paused=False)


def _set_paused(app: App, name: str, *, paused: bool) -> None:
    with app.database().write() as transaction:
        state = sources.choose(transaction, name)
        sources.set_paused(transaction, state.id, paused)
    line(f"{name} {'paused' if paused else 'resumed'}")


def _row(source: SourceHealth, late: frozenset[str], now: datetime) -> tuple[object, ...]:
    times = source.last_good, source.last_poll
    words = condition(source, late, now).words
    return (source.name, source.version, *times, source.failures, words)
