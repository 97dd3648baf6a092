"""`pricetrail deliveries`: the outbox, dead letters, and sending again."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import TIME, json_option

if TYPE_CHECKING:
    from pricetrail.storage.outbox.deliveries import Delivery


@click.group(
    epilog="""\b
Examples:
  pricetrail deliveries list --state dead
  pricetrail deliveries show dlv_0c5e…
  pricetrail deliveries retry --webhook billing
  pricetrail deliveries replay --webhook billing --since 2026-11-20
"""
)
def command() -> None:
    """What is owed to webhooks, what they took, and what is dead."""


@command.command("list")
@click.option("--state", "states", multiple=True, help="Only these: pending, dead, …")
@click.option("--webhook", help="Only this webhook's.")
@click.option("--limit", type=click.IntRange(1), help="The newest so many.")
@json_option
@pass_app
def list_(
    app: App, states: tuple[str, ...], webhook: str | None, limit: int | None, as_json: bool
) -> None:
    """Show deliveries, oldest first."""
    from pricetrail.render import line, print_json, table
    from pricetrail.storage.history import streams

    _check_states(states)
    entries = map(entry, streams.deliveries(app.database(), states, webhook, limit))
    if as_json:
        print_json({"deliveries": entries})
        return
    columns = ("id", "webhook", "state", "attempts", "next_at", "last_status", "last_error")
    rows = [[*(_shown(one[name]) for name in columns), len(one["event_ids"])] for one in entries]
    if rows:
        table((*columns, "events"), rows)
    else:
        line("no deliveries")


@command.command("show")
@click.argument("delivery_id", metavar="ID")
@json_option
@pass_app
def show(app: App, delivery_id: str, as_json: bool) -> None:
    """Show one delivery and each of its attempts."""
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import line, print_json, table
    from pricetrail.storage.outbox import deliveries

    with app.database().read() as connection:
        found = deliveries.require(connection, delivery_id)
        attempts = [
            {"at": rfc3339(row.at), "status": row.status, "error": row.error}
            for row in deliveries.attempts(connection, found)
        ]
    if as_json:
        print_json(entry(found) | {"attempts_made": attempts})
        return
    for name, value in entry(found).items():
        line(f"{name}: {', '.join(value) if isinstance(value, list) else _shown(value)}")
    table(
        ("at", "status", "error"),
        [[_shown(value) for value in attempt.values()] for attempt in attempts],
        title="\nAttempts",
    )


@command.command("retry")
@click.argument("delivery_ids", metavar="[ID]...", nargs=-1)
@click.option("--webhook", help="Everything dead or waiting of this webhook.")
@json_option
@pass_app
def retry(app: App, delivery_ids: tuple[str, ...], webhook: str | None, as_json: bool) -> None:
    """Make deliveries due now, dead ones too, with the ids that they had."""
    from pricetrail.storage.outbox import deliveries

    if bool(delivery_ids) == bool(webhook):
        raise InvalidInputError("name deliveries by their ids, or a webhook with --webhook")
    database = app.database()
    with database.write() as connection:
        found = [deliveries.require(connection, one) for one in delivery_ids]
        if webhook is not None:
            states = (deliveries.PENDING, deliveries.DEAD)
            found = deliveries.deliveries(connection, states=states, webhook=webhook)
        number = deliveries.requeue(connection, [one.number for one in found], database.now())
    _deliver(app, number, as_json=as_json)


@command.command("replay")
@click.option("--since", type=TIME, required=True, help="From when on, such as 2026-11-20.")
@click.option("--until", type=TIME, help="Up to when.")
@click.option("--webhook", required=True, help="To which webhook.")
@json_option
@pass_app
def replay(app: App, since: datetime, until: datetime | None, webhook: str, as_json: bool) -> None:
    """Send again what was owed in a range of time, in order, with the same ids."""
    from pricetrail.storage.outbox import deliveries

    database = app.database()
    with database.write() as connection:
        found = [
            one
            for one in deliveries.deliveries(connection, webhook=webhook)
            if one.created_at >= since and (until is None or one.created_at < until)
        ]
        number = deliveries.requeue(connection, [one.number for one in found], database.now())
    _deliver(app, number, as_json=as_json)


def _deliver(app: App, number: int, *, as_json: bool) -> None:
    from pricetrail.commands.poll import counted
    from pricetrail.delivery import deliver_due
    from pricetrail.render import line, print_json

    tally, _ = deliver_due(app)
    if as_json:
        print_json({"due": number, "deliveries": counted(tally)})
    else:
        told = ", ".join(f"{count} {name}" for name, count in counted(tally).items())
        line(f"{number} made due; {told}")


def entry(one: "Delivery") -> dict[str, Any]:
    """A delivery as `--json` shows it."""
    from pricetrail.catalog.times import rfc3339

    return {
        "id": one.id,
        "webhook": one.webhook,
        "event_ids": one.event_ids,
        "state": one.state,
        "attempts": one.attempts,
        "next_at": rfc3339(one.next_at) if one.state in ("pending", "leased") else None,
        "last_status": one.last_status,
        "last_error": one.last_error,
        "created_at": rfc3339(one.created_at),
        "delivered_at": rfc3339(one.delivered_at) if one.delivered_at else None,
    }


def _check_states(states: tuple[str, ...]) -> None:
    known = ("pending", "leased", "delivered", "dead", "cancelled")
    for state in states:
        if state not in known:
            raise InvalidInputError(f"no state {state!r}; there are: {', '.join(known)}")


def _shown(value: object) -> str:
    return "–" if value is None else str(value)
