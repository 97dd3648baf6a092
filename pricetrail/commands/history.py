"""`pricetrail history`: every change of a model."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.params import json_option, source_option

if TYPE_CHECKING:
    from catalog.events import Event
    from storage.database import Transaction
    from storage.sources import SourceState


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
    from catalog.pointers import from_person
    from pricetrail.render import line, print_json
    from storage import sources

    with app.database().read() as connection:
        state = sources.choose(connection, source)
        entries = _entries(connection, state, model)
        if field is not None:
            entries = _only(entries, path := from_person(field))
            if not any(entry["changes"] for entry in entries):
                _require_field(connection, state.id, model, path)
    if as_json:
        print_json({"source": state.name, "model": model, "events": entries})
        return
    _show(entries)
    if not any(entry["changes"] for entry in entries):
        line("\nno change since" if field is None else f"\n{field} never changed")


def _entries(connection: "Transaction", state: "SourceState", model: str) -> list[dict[str, Any]]:
    from storage import events, history

    row = history.model_id(connection, state.id, model)
    wanted = events.EventFilter(source_id=state.id, model_id=row)
    found = [_entry(event) for _, event in events.read(connection, wanted)]
    told = {entry["version"] for entry in found}
    quiet = [
        _baseline(connection, state.id, one.valid_from)
        for one in history.states(connection, row)
        if one.valid_from not in told
    ]
    return sorted([*quiet, *found], key=lambda entry: int(entry["version"]))


def _entry(event: "Event") -> dict[str, Any]:
    return {
        "id": event.id,
        "type": event.type,
        "version": event.version,
        "observed": event.data["observed"],
        "direction": event.data.get("direction"),
        "changes": event.data.get("changes", []),
    }


def _baseline(connection: "Transaction", source_id: int, version: int) -> dict[str, Any]:
    """A state that no event told of: a baseline shows what was there already."""
    from catalog.times import rfc3339
    from storage.history import require_version

    seen = require_version(connection, source_id, version)
    window = {"not_before": None, "not_after": rfc3339(seen.not_after)}
    rest: dict[str, Any] = {"observed": window, "direction": None, "changes": []}
    return {"id": None, "type": "baseline", "version": version, **rest}


def _only(entries: list[dict[str, Any]], path: str) -> list[dict[str, Any]]:
    """The entries that are about a price or the group below it; comings and goings stay."""
    found = []
    for entry in entries:
        within = [
            change
            for change in entry["changes"]
            if change["path"] == path or change["path"].startswith(path + "/")
        ]
        if within or not entry["changes"]:
            found.append(entry | {"changes": within})
    return found


def _require_field(connection: "Transaction", source_id: int, model: str, path: str) -> None:
    """Raises NothingThereError where no document of the model ever had the field."""
    from difflib import get_close_matches

    from catalog.documents import leaves
    from catalog.pointers import dotted
    from catalog.strict_json import loads
    from storage import history
    from storage.errors import NothingThereError

    states = history.states(connection, history.model_id(connection, source_id, model))
    known = sorted({leaf for state in states for leaf in leaves(loads(state.document))})
    if any(leaf == path or leaf.startswith(path + "/") for leaf in known):
        return
    names = [dotted(leaf) if leaf.startswith("/pricing/") else leaf for leaf in known]
    near = get_close_matches(dotted(path), names, n=3, cutoff=0.5) or names[:8]
    raise NothingThereError(
        f"{model} never had a field {dotted(path)!r}; it has: {', '.join(near)}"
    )


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
