"""`pricetrail events`: the event log."""

from datetime import datetime
from typing import TYPE_CHECKING

import click

from pricetrail.context import App, pass_app
from pricetrail.exits import UsageProblemError
from pricetrail.params import TIME, json_option, source_option

if TYPE_CHECKING:
    from catalog.events import Event
    from storage.database import Transaction
    from storage.events import EventFilter


@click.command(
    epilog="""\b
Examples:
  pricetrail events --since 2026-11-01
  pricetrail events --type model.repriced --model 'gpt-*'
  pricetrail events --limit 20 --json
"""
)
@click.option("--since", type=TIME, help="Seen at or after this time.")
@click.option("--until", type=TIME, help="Seen before this time.")
@click.option("--type", "types", multiple=True, help="Only this type; may be given again.")
@click.option("--model", metavar="GLOB", help="Only models that match, such as 'gpt-*'.")
@click.option("--limit", type=click.IntRange(1), help="The newest so many.")
@source_option
@json_option
@pass_app
def command(
    app: App,
    since: datetime | None,
    until: datetime | None,
    types: tuple[str, ...],
    model: str | None,
    limit: int | None,
    source: str | None,
    as_json: bool,
) -> None:
    """Show what happened, oldest first: of every source, or of one."""
    from pricetrail.render import line, print_json
    from storage.events import EventFilter

    _check_types(types)
    with app.database().read() as connection:
        wanted = EventFilter(_source_id(connection, source), since, until, types)
        found = _read(connection, wanted, model)
    shown = found if limit is None else found[-limit:]
    if as_json:
        print_json({"events": [event.message() for event in shown]})
    elif not shown:
        line("no such events")
    else:
        _show(shown)


def _check_types(types: tuple[str, ...]) -> None:
    from catalog.events import TYPES

    for kind in types:
        if kind not in TYPES:
            raise UsageProblemError(f"no event type {kind!r}; there are: {', '.join(TYPES)}")


def _source_id(connection: "Transaction", source: str | None) -> int | None:
    from storage.sources import choose, names

    if source is None and len(names(connection)) > 1:
        return None
    return choose(connection, source).id


def _read(connection: "Transaction", wanted: "EventFilter", model: str | None) -> "list[Event]":
    from alerts.globs import matches
    from storage.events import read

    found = [
        event
        for _, event in read(connection, wanted)
        if model is None or (event.model is not None and matches(model, event.model))
    ]
    # Sources are recorded side by side: put them in order of time, each in its own order.
    return sorted(found, key=lambda event: event.at)


def _show(events: "list[Event]") -> None:
    from catalog.times import rfc3339
    from pricetrail.prices import change_words
    from pricetrail.render import table

    rows = []
    for event in events:
        words = [change_words(change) for change in event.data.get("changes", ())] or [""]
        rows.append((rfc3339(event.at), event.source, event.type, event.model or "", words[0]))
        rows += [("", "", "", "", word) for word in words[1:]]
    table(("seen by", "source", "event", "model", "what"), rows)
