"""`pricetrail quarantine`: the catalogs that were set aside."""

import click

from pricetrail.catalog.events import Event
from pricetrail.context import App, pass_app
from pricetrail.delivery import deliver_due
from pricetrail.help import Group
from pricetrail.jobs.polls import reviewing
from pricetrail.options import json_option, source_option
from pricetrail.prices import event_words
from pricetrail.queries import quarantine
from pricetrail.queries.quarantine import Decided
from pricetrail.render import Column, body, line, note, print_json, table, when
from pricetrail.storage.polls.quarantine import SetAside
from pricetrail.text.sums import counted, listed

# So many catalogs are in a table.
_MOST = 200
# So many changes of one event are shown.
_SHOWN = 4


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail quarantine list
  pricetrail quarantine show 4     what approving it would announce
  pricetrail quarantine approve 4
  pricetrail quarantine reject 4
""",
)
def command() -> None:
    """Catalogs set aside because they looked wrong.

    Too much was gone or repriced, or they were empty. The last good prices stay in force until
    one is approved, or three polls over half an hour agree on it (never on an empty one).
    """


@command.command("list")
@source_option
@click.option("--held", is_flag=True, help="Only those that nobody has decided on.")
@json_option
@pass_app
def list_(app: App, source: str | None, held: bool, as_json: bool) -> None:
    """Show what was set aside, oldest first."""
    with app.database().read() as transaction:
        most = None if as_json else _MOST
        answer = quarantine.ask(transaction, source or None, held=held or None, limit=most)
    if as_json:
        print_json(answer.as_json())
    elif answer.entries:
        columns = (
            "id",
            Column("source", drop=3, names=True),
            "at",
            "state",
            Column("models", drop=1),
            Column("polls", drop=2),
            "reason",
        )
        table(columns, list(map(_row, answer.entries)))
        if answer.total > len(answer.entries):
            note(f"… and {answer.total - len(answer.entries):,} older: --json shows all")
    else:
        line("nothing was set aside")


@command.command("show")
@click.argument("number", type=int)
@click.option("--raw", is_flag=True, help="The body that was set aside, byte for byte.")
@json_option
@pass_app
def show(app: App, number: int, raw: bool, as_json: bool) -> None:
    """Show what approving NUMBER would announce."""
    database = app.database()
    if raw:
        with database.read() as transaction:
            body(quarantine.ask_body(transaction, number))
        return
    with database.read() as transaction:
        answer = reviewing.preview(transaction, app.all_sources(), number, database.now())
    if as_json:
        print_json(answer.as_json())
        return
    entry = answer.entry
    line(f"quarantine {number} of {entry.source}, {when(entry.first_at)}: {entry.reason}")
    line(f"state: {entry.state}, brought by {_polls(entry.polls)}\n")
    table(
        ("event", Column("model", names=True), "what"),
        [(event.type, event.model or "–", _what(event)) for event in answer.events],
        title="Approving it would announce:",
    )


@command.command("approve")
@click.argument("number", type=int)
@json_option
@pass_app
def approve(app: App, number: int, as_json: bool) -> None:
    """Accept NUMBER: its version is made and its changes are announced."""
    hooks, known = app.delivery_settings.webhooks, app.strict_sources()
    new = reviewing.approve(app.database(), hooks, known, number)
    made = Decided(_entry(app, number), new.version.number, new.counts)
    if not as_json:
        counts = listed(new.counts, zeros=False)
        line(f"version {made.version} accepted: {counts or 'no change of a model'}")
    _deliver(app, made, as_json=as_json)


@command.command("reject")
@click.argument("number", type=int)
@json_option
@pass_app
def reject(app: App, number: int, as_json: bool) -> None:
    """Refuse NUMBER: that catalog stays set aside in silence for as long as it comes."""
    hooks, known = app.delivery_settings.webhooks, app.strict_sources()
    reviewing.reject(app.database(), hooks, known, number)
    if not as_json:
        line(f"quarantine {number} rejected")
    _deliver(app, Decided(_entry(app, number), None, {}), as_json=as_json)


def _entry(app: App, number: int) -> SetAside:
    with app.database().read() as transaction:
        return quarantine.ask_one(transaction, number)


def _deliver(app: App, made: Decided, *, as_json: bool) -> None:
    tally, _ = deliver_due(app)
    if as_json:
        print_json({**made.as_json(), **tally.as_json()})


def _row(entry: SetAside) -> tuple[object, ...]:
    at = entry.first_at
    return (entry.id, entry.source, at, entry.state, entry.models, entry.polls, entry.reason)


def _polls(number: int) -> str:
    return counted(number, "poll", "polls in a row")


def _what(event: Event) -> str:
    words = event_words(event)
    more = len(words) - _SHOWN
    return "; ".join(words[:_SHOWN]) + (f"; and {more} more" if more > 0 else "")
