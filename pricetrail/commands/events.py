"""`pricetrail events`: the event log."""

from array import array
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.events import Event
    from pricetrail.storage.database import Database, Transaction
    from pricetrail.storage.history.events import EventFilter


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
    from pricetrail.storage.history.events import EventFilter

    _check_types(types)
    database = app.database()
    with database.read() as connection:
        wanted = EventFilter(_source_id(connection, source), since, until, types)
    found = _found(database, wanted, model, limit)
    if as_json:
        print_json({"events": (event.as_json() for event in found)})
    elif shown := list(found):
        _show(shown)
    else:
        line("no such events")


def _check_types(types: tuple[str, ...]) -> None:
    from pricetrail.catalog.events import TYPES

    for kind in types:
        if kind not in TYPES:
            raise InvalidInputError(f"no event type {kind!r}; there are: {', '.join(TYPES)}")


def _source_id(connection: "Transaction", source: str | None) -> int | None:
    from pricetrail.storage.sources import choose, names

    if source is None and len(names(connection)) > 1:
        return None
    return choose(connection, source).id


def _found(
    database: "Database", wanted: "EventFilter", model: str | None, limit: int | None
) -> Iterator["Event"]:
    """Events in order of time, whatever their source; with a limit, the newest."""
    from pricetrail.storage.history.streams import event_numbers, events_of

    numbers = event_numbers(database, wanted)
    if limit is not None:
        numbers = _newest(database, numbers, model, limit)
    return (event for _, event in events_of(database, numbers) if _is_of(model, event))


def _newest(
    database: "Database", numbers: "array[int]", model: str | None, limit: int
) -> "array[int]":
    from pricetrail.storage.history.streams import events_of

    if model is None:
        return numbers[-limit:]
    newest_first = events_of(database, numbers[::-1])
    matching = (number for number, event in newest_first if _is_of(model, event))
    return array("q", islice(matching, limit))[::-1]


def _is_of(model: str | None, event: "Event") -> bool:
    from pricetrail.text.globs import matches

    return model is None or (event.model is not None and matches(model, event.model))


def _show(events: "list[Event]") -> None:
    from pricetrail.catalog.times import rfc3339
    from pricetrail.prices import change_words
    from pricetrail.render import table

    rows = []
    for event in events:
        words = [change_words(change) for change in event.changes] or [""]
        rows.append((rfc3339(event.at), event.source, event.type, event.model or "", words[0]))
        rows += [("", "", "", "", word) for word in words[1:]]
    table(("seen by", "source", "event", "model", "what"), rows)
