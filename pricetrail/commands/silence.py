"""`pricetrail silence`: mute models until a time, with a reason."""

from datetime import datetime, timedelta

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.help import Group
from pricetrail.options import DURATION, TIME_AHEAD, json_option
from pricetrail.queries import silences as query
from pricetrail.render import line, note, print_json, table, when
from pricetrail.storage.history.models import ids_matching
from pricetrail.storage.outbox import silences
from pricetrail.storage.outbox.silences import Silence


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail silence add 'experimental-*' --for 7d --reason "changes daily"
  pricetrail silence list
  pricetrail silence remove 3
""",
)
def command() -> None:
    """Mute models by glob until a time, with a reason.

    Their changes are recorded as ever, and announced to nobody.
    """


@command.command("add")
@click.argument("glob")
@click.option(
    "--until",
    type=TIME_AHEAD,
    metavar="TIME",
    help="Until when: 2026-12-24, '2026-12-24 18:00' (UTC), tomorrow, 3d (from now).",
)
@click.option("--for", "span", type=DURATION, help="For how long from now on: 7d, 2h30m.")
@click.option("--reason", required=True, help="Why; shown to whoever wonders.")
@json_option
@pass_app
def add(
    app: App,
    glob: str,
    until: datetime | None,
    span: timedelta | None,
    reason: str,
    as_json: bool,
) -> None:
    """Mute the models that GLOB matches."""
    if (until is None) == (span is None):
        raise InvalidInputError("say either --until TIME or --for DURATION")
    now = app.unchecked_database().now()
    end = until if until is not None else now + (span or timedelta(0))
    if end <= now:
        raise InvalidInputError("a silence ends in the future: give a later --until")
    with app.database(create=True).write() as transaction:
        number = silences.add(transaction, glob, end, reason, now)
        if not ids_matching(transaction, None, glob, 1):
            note(f"no model is known that {glob!r} matches: it mutes those that may come")
    if as_json:
        print_json(query.AddedSilence(number, glob, end, reason).as_json())
    else:
        line(f"silence {number}: {glob} until {when(end)}")


@command.command("list")
@click.option("--all", "everything", is_flag=True, help="Those that ended, too.")
@json_option
@pass_app
def list_(app: App, everything: bool, as_json: bool) -> None:
    """Show the silences in force."""
    database = app.database()
    now = None if everything else database.now()
    with database.read() as transaction:
        answer = query.ask(transaction, now)
    if as_json:
        print_json(answer.as_json())
        return
    if not answer.silences:
        line("no silence is in force" if not everything else "no silence yet")
        return
    columns = ("id", "models", "until", "reason")
    table(columns, list(map(_row, answer.silences)))


@command.command("remove")
@click.argument("number", type=int)
@json_option
@pass_app
def remove(app: App, number: int, as_json: bool) -> None:
    """End silence NUMBER now."""
    database = app.database()
    with database.write() as transaction:
        silences.remove(transaction, number, database.now())
        answer = query.ask_one(transaction, number)
    if as_json:
        print_json(answer.as_json())
    else:
        line(f"silence {number} removed: {answer.silence.glob}")


def _row(silence: Silence) -> tuple[object, ...]:
    return (silence.id, silence.glob, silence.until, silence.reason)
