"""`pricetrail sources`: the sources and how they are."""

from typing import Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option


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
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import print_json, table
    from pricetrail.storage import sources

    with app.database().read() as connection:
        known = [sources.state(connection, name) for name in sources.names(connection)]
    entries: list[dict[str, Any]] = [
        {
            "name": one.name,
            "version": one.head_version,
            "last_good": rfc3339(one.good_at) if one.good_at else None,
            "last_poll": rfc3339(one.last_poll_at) if one.last_poll_at else None,
            "failures": one.failures,
            "quarantined": one.holding,
            "paused": one.paused,
            "next_slot": rfc3339(one.next_slot_at) if one.next_slot_at else None,
        }
        for one in known
        if one is not None
    ]
    if as_json:
        print_json({"sources": entries})
        return
    columns = ("name", "version", "last_good", "last_poll", "failures", "state")
    rows = [[*(_shown(one[name]) for name in columns[:5]), _state(one)] for one in entries]
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
    from pricetrail.render import line
    from pricetrail.storage import sources

    with app.database().write() as connection:
        state = sources.choose(connection, name)
        sources.set_paused(connection, state.id, paused)
    line(f"{name} is {'paused' if paused else 'polled again'}")


def _state(one: dict[str, Any]) -> str:
    if one["paused"]:
        return "paused"
    if one["quarantined"]:
        return "a catalog is in quarantine"
    return "failing" if one["failures"] else "good"


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
