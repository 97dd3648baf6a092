"""`pricetrail history`: every change of a model."""

from collections.abc import Sequence

import click

from pricetrail.catalog.pointers import from_person
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import json_option, source_option
from pricetrail.prices import change_words
from pricetrail.queries import history
from pricetrail.queries.history import Entry
from pricetrail.render import Column, line, print_json, table
from pricetrail.text.kinds import KINDS
from pricetrail.text.price_order import prompt_first
from pricetrail.text.retirements import retirement


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail history gpt-5
  pricetrail history gpt-5 --field text.prompt
  pricetrail history gpt-5 --json
""",
)
@click.argument("model")
@click.option("--field", metavar="PATH", help="Only changes of this price or group: text.prompt.")
@source_option
@json_option
@pass_app
def command(app: App, model: str, field: str | None, source: str | None, as_json: bool) -> None:
    """Show every change of MODEL, oldest first.

    Each is shown with the window of time in which it happened.
    """
    path = from_person(field) if field is not None else None
    answer = history.ask(app.database(), source, model, path)
    if as_json:
        print_json(answer.in_pieces())
        return
    entries = list(answer.entries)
    _show(entries)
    if not any(entry.changes for entry in entries):
        line("\nno change since" if field is None else f"\n{field} never changed")


def _show(entries: Sequence[Entry]) -> None:
    rows: list[tuple[object, ...]] = []
    for entry in entries:
        first, *rest = _words(entry)
        rows.append((entry.version, entry.not_before, entry.not_after, entry.type, first))
        rows += [("", "", "", "", words) for words in rest]
    table(("version", Column("after", drop=2), "seen by", Column("event", drop=1), "what"), rows)


def _words(entry: Entry) -> Sequence[object]:
    """What happened, a line each."""
    if entry.sunset is not None:
        return [retirement(entry.sunset)]
    if entry.read_anew is not None and not entry.changes:
        return [f"read anew by {entry.read_anew}"]
    changes = [change_words(change) for change in prompt_first(entry.changes)]
    return changes or [KINDS.get(entry.type, entry.type)]
