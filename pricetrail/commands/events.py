"""`pricetrail events`: the event log."""

from collections.abc import Sequence
from datetime import datetime

import click

from pricetrail.catalog.events import Event
from pricetrail.context import App, pass_app
from pricetrail.help import Command
from pricetrail.options import TIME, json_option, noting_the_future, quiet_option, source_option
from pricetrail.prices import event_words
from pricetrail.queries import events
from pricetrail.render import Column, line, note, print_json, short_id, table


@click.command(
    cls=Command,
    epilog="""\b
Examples:
  pricetrail events --since 3d                      the last three days
  pricetrail events --since 2026-11-01 --until yesterday
  pricetrail events --type model.repriced --model 'gpt-*'
  pricetrail events --limit 20 --json
  pricetrail explain evt_5c8e1a2b    what webhooks made of one of them
""",
)
@click.option(
    "--since",
    type=TIME,
    metavar="TIME",
    callback=noting_the_future,
    help="Seen at or after this time: 2026-11-20, yesterday, 3d (ago).",
)
@click.option(
    "--until", type=TIME, metavar="TIME", help="Seen before this time, in the same forms."
)
@click.option("--type", "types", multiple=True, help="Only this type; may be given again.")
@click.option(
    "--model",
    metavar="GLOB",
    help="Only models that match, such as 'gpt-*'; \\* is the sign itself.",
)
@click.option("--limit", type=click.IntRange(1), help="The newest so many.")
@source_option
@json_option
@quiet_option
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
    events.require_types(types)
    answer = events.ask(
        app.database(), source, since=since, until=until, types=types, model=model, limit=limit
    )
    if as_json:
        print_json(answer.in_pieces())
    elif listed := list(answer.events):
        _show(listed)
    else:
        narrowed = since or until or types or model
        line("no such events" if narrowed else "nothing has changed since the first poll")
        if model is not None:
            _remark(app, source, model)


def _remark(app: App, source: str | None, glob: str) -> None:
    """Say where a glob matches no model at all: it may be mistyped."""
    database = app.database()
    chosen = events.source_id(database, source)
    with database.read() as transaction:
        known = events.models_matching(transaction, chosen, glob)
    if not known:
        note(f"no model that was ever seen matches {glob!r}")


def _show(listed: Sequence[Event]) -> None:
    rows: list[tuple[object, ...]] = []
    for event in listed:
        words = event_words(event)
        first = (event.at, short_id(event.id), event.source, event.type)
        rows.append((*first, event.model or "", words[0]))
        rows += [("", "", "", "", "", word) for word in words[1:]]
    several = len({event.source for event in listed}) > 1
    columns = (
        "seen by",
        # By its id an event can be explained; of one source alone the name tells nothing.
        Column("id", drop=2 if several else 3),
        Column("source", drop=3 if several else 2, names=True),
        Column("event", drop=1),
        Column("model", names=True),
        "what",
    )
    table(columns, rows)
