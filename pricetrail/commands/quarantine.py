"""`pricetrail quarantine`: the catalogs that were set aside."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option, source_option

if TYPE_CHECKING:
    from pricetrail.catalog.events import Event
    from pricetrail.storage.polls.quarantine import SetAside


@click.group(
    epilog="""\b
Examples:
  pricetrail quarantine list
  pricetrail quarantine show 4           what approving it would announce
  pricetrail quarantine approve 4
"""
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
    from pricetrail.render import line, print_json, table
    from pricetrail.storage import sources
    from pricetrail.storage.polls import quarantine

    with app.database().read() as connection:
        chosen = sources.choose(connection, source).id if source else None
        found = quarantine.listed(connection, chosen)
    entries = [_entry(one) for one in found if not held or one.state == quarantine.HELD]
    if as_json:
        print_json({"quarantine": entries})
    elif not entries:
        line("nothing was set aside")
    else:
        columns = ("id", "source", "at", "state", "models", "polls", "reason")
        table(columns, [[entry[name] for name in columns] for entry in entries])


@command.command("show")
@click.argument("number", type=int)
@click.option("--raw", is_flag=True, help="The body that was set aside, byte for byte.")
@json_option
@pass_app
def show(app: App, number: int, raw: bool, as_json: bool) -> None:
    """Show what approving NUMBER would announce."""
    from pricetrail.jobs.polls.reviewing import review
    from pricetrail.render import body, line, print_json, table
    from pricetrail.storage.polls import quarantine

    database = app.database()
    if raw:
        with database.read() as connection:
            quarantine.find(connection, number)
            body(quarantine.body_of(connection, number))
        return
    with database.read() as connection:
        found = review(connection, {}, app.known_sources(), number, database.now())
    entry = _entry(found.entry)
    if as_json:
        print_json(entry | {"events": [event.as_json() for event in found.step.events]})
        return
    line(f"quarantine {number} of {entry['source']}, {entry['at']}: {entry['reason']}")
    line(f"state: {entry['state']}, brought by {_polls(entry['polls'])}\n")
    table(
        ("event", "model", "what"),
        [(event.type, event.model or "–", _what(event)) for event in found.step.events],
        title="Approving it would announce:",
    )


@command.command("approve")
@click.argument("number", type=int)
@pass_app
def approve(app: App, number: int) -> None:
    """Accept NUMBER: its version is made and its changes are announced."""
    from pricetrail.delivery import deliver_due
    from pricetrail.jobs.polls.reviewing import approve as accept
    from pricetrail.render import line

    settings = app.settings
    found = accept(app.database(), settings.webhooks, settings.sources, number)
    counts = ", ".join(f"{count} {name}" for name, count in found.step.counts.items() if count)
    line(f"version {found.step.version.number} accepted: {counts or 'no change of a model'}")
    deliver_due(app)


@command.command("reject")
@click.argument("number", type=int)
@pass_app
def reject(app: App, number: int) -> None:
    """Refuse NUMBER: that catalog stays set aside in silence for as long as it comes."""
    from pricetrail.delivery import deliver_due
    from pricetrail.jobs.polls.reviewing import reject as refuse
    from pricetrail.render import line

    settings = app.settings
    refuse(app.database(), settings.webhooks, settings.sources, number)
    line(f"quarantine {number} rejected")
    deliver_due(app)


def _entry(one: "SetAside") -> dict[str, Any]:
    from pricetrail.catalog.times import rfc3339

    return {
        "id": one.id,
        "source": one.source,
        "at": rfc3339(one.first_at),
        "last_at": rfc3339(one.last_at),
        "reason": one.reason,
        "state": one.state,
        "models": one.models,
        "polls": one.polls,
        "counts": one.counts,
        "decided_at": rfc3339(one.decided_at) if one.decided_at else None,
    }


def _polls(number: int) -> str:
    return "one poll" if number == 1 else f"{number} polls in a row"


def _what(event: "Event") -> str:
    changes = [change.as_json() for change in event.changes]
    if not changes:
        return "–"
    parts = [f"{change['path']} {change['old']} → {change['new']}" for change in changes[:4]]
    more = len(changes) - len(parts)
    return "; ".join(parts) + (f"; and {more} more" if more else "")
