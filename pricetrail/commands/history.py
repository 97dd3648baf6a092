"""`pricetrail history`: every change of a model."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.events import Event
    from pricetrail.storage.database import Database


@click.command(
    epilog="""\b
Examples:
  pricetrail history gpt-5
  pricetrail history gpt-5 --field text.prompt
  pricetrail history gpt-5 --json
"""
)
@click.argument("model")
@click.option("--field", metavar="PATH", help="Only changes of this price or group: text.prompt.")
@source_option
@json_option
@pass_app
def command(app: App, model: str, field: str | None, source: str | None, as_json: bool) -> None:
    """Show every change of MODEL, oldest first, each with the window in which it happened."""
    from pricetrail.catalog.pointers import from_person
    from pricetrail.render import line, print_json
    from pricetrail.storage import sources
    from pricetrail.storage.history import versions

    database = app.database()
    with database.read() as connection:
        state = sources.choose(connection, source)
        row = versions.model_id(connection, state.id, model)
    entries = _entries(database, state.id, row)
    if field is not None:
        path = from_person(field)
        entries = _known(_only(entries, path), lambda: _require_field(database, row, model, path))
    if as_json:
        shown = (
            entry | {"changes": [change.as_json() for change in entry["changes"]]}
            for entry in entries
        )
        print_json({"source": state.name, "model": model, "events": shown})
        return
    known = list(entries)
    _show(known)
    if not any(entry["changes"] for entry in known):
        line("\nno change since" if field is None else f"\n{field} never changed")


def _entries(database: "Database", source_id: int, model: int) -> Iterator[dict[str, Any]]:
    """Its states, by what the log says of each, oldest first."""
    from pricetrail.storage.history import events, versions
    from pricetrail.storage.history.streams import event_numbers, events_of

    with database.read() as connection:
        begun = deque(versions.baselines(connection, model))
    wanted = events.EventFilter(source_id=source_id, model_id=model)
    for _, event in events_of(database, event_numbers(database, wanted)):
        while begun and begun[0] < event.version:
            yield _baseline(database, source_id, begun.popleft())
        yield _entry(event)
    for version in begun:
        yield _baseline(database, source_id, version)


def _entry(event: "Event") -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "version": event.version,
        "observed": event.stamp()["observed"],
        "direction": event.direction,
        "changes": [*event.changes],
    }


def _baseline(database: "Database", source_id: int, version: int) -> dict[str, Any]:
    """A state that no event told of: it was there already when the history began."""
    from pricetrail.catalog.times import rfc3339
    from pricetrail.storage.history.versions import require_version

    with database.read() as connection:
        seen = require_version(connection, source_id, version)
    window = {"not_before": None, "not_after": rfc3339(seen.not_after)}
    rest: dict[str, Any] = {"observed": window, "direction": None, "changes": []}
    return {"id": None, "type": "baseline", "version": version, **rest}


def _only(entries: Iterable[dict[str, Any]], path: str) -> Iterator[dict[str, Any]]:
    """The entries that are about a price or the group below it; comings and goings stay."""
    for entry in entries:
        within = [
            change
            for change in entry["changes"]
            if change.path == path or change.path.startswith(path + "/")
        ]
        if within or not entry["changes"]:
            yield entry | {"changes": within}


def _known(
    entries: Iterator[dict[str, Any]], check: Callable[[], None]
) -> Iterator[dict[str, Any]]:
    """The same entries; `check` is asked first where none of them has a change."""
    before: list[dict[str, Any]] = []
    for entry in entries:
        before.append(entry)
        if entry["changes"]:
            return chain(before, entries)
    check()
    return iter(before)


def _require_field(database: "Database", row: int, model: str, path: str) -> None:
    """Raises NotFoundError where no document of the model ever had the field."""
    from difflib import get_close_matches

    from pricetrail.catalog.documents import leaves
    from pricetrail.catalog.errors import NotFoundError
    from pricetrail.catalog.pointers import dotted
    from pricetrail.catalog.strict_json import loads
    from pricetrail.storage.history import versions

    with database.read() as connection:
        states = versions.states(connection, row)
    known = sorted({leaf for state in states for leaf in leaves(loads(state.document))})
    if any(leaf == path or leaf.startswith(path + "/") for leaf in known):
        return
    names = [dotted(leaf) if leaf.startswith("/pricing/") else leaf for leaf in known]
    near = get_close_matches(dotted(path), names, n=3, cutoff=0.5) or names[:8]
    raise NotFoundError(f"{model} never had a field {dotted(path)!r}; it has: {', '.join(near)}")


def _show(entries: list[dict[str, Any]]) -> None:
    from pricetrail.prices import change_words
    from pricetrail.render import table

    rows = []
    for entry in entries:
        words = [change_words(change) for change in entry["changes"]] or [""]
        window = entry["observed"]
        rows.append(
            (entry["version"], window["not_before"], window["not_after"], entry["type"], words[0])
        )
        rows += [("", "", "", "", word) for word in words[1:]]
    table(("version", "after", "seen by", "event", "what"), rows)
