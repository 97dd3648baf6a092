"""`pricetrail sources`: the sources and how they are."""

from datetime import datetime

import click

from pricetrail.catalog.times import rfc3339
from pricetrail.context import App, pass_app
from pricetrail.options import json_option
from pricetrail.queries import sources as query
from pricetrail.queries.conditions import condition, overdue
from pricetrail.queries.sources import SourceHealth
from pricetrail.render import line, print_json, table
from pricetrail.storage import sources


@click.group(
    epilog="""\b
Examples:
  pricetrail sources list
  pricetrail sources pause pipellm       `run` leaves it alone until `resume`
"""
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
        answer = query.ask(transaction, app.known_labels())
        late = overdue(transaction, now)
    if as_json:
        print_json(answer.as_json())
        return
    columns = ["name", "version", "last_good", "last_poll", "failures", "state"]
    rows = [_row(source, late, now) for source in answer.sources]
    if any(source.labels for source in answer.sources):
        columns.append("labels")
        rows = [(*row, _labels(one)) for row, one in zip(rows, answer.sources, strict=True)]
    table(columns, rows)


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


def _labels(source: SourceHealth) -> str | None:
    return ", ".join(f"{name}={value}" for name, value in source.labels.items()) or None


def _row(source: SourceHealth, late: frozenset[str], now: datetime) -> tuple[object, ...]:
    times = (rfc3339(at) if at else None for at in (source.last_good, source.last_poll))
    words = condition(source, late, now).words
    return (source.name, source.version, *times, source.failures, words)
