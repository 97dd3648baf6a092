"""`pricetrail deliveries`: the outbox, dead letters, and sending again."""

from datetime import datetime

import click

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.delivery import deliver_due, note_paused
from pricetrail.help import Group
from pricetrail.jobs.deliveries import resending
from pricetrail.jobs.deliveries.resending import Resent
from pricetrail.options import TIME, json_option
from pricetrail.queries import deliveries as query
from pricetrail.queries import webhooks
from pricetrail.render import Column, line, print_json, short_id, table, when
from pricetrail.storage.outbox.deliveries import Delivery
from pricetrail.text.sums import listed


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail deliveries list --state dead
  pricetrail deliveries show dlv_0c5e        the beginning of an id will do
  pricetrail deliveries retry --webhook billing
  pricetrail deliveries replay --webhook billing --since 2026-11-20
""",
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
    query.require_states(states)
    _require_webhook(app, webhook)
    answer = query.ask(app.database(), states, webhook, limit)
    if as_json:
        print_json(answer.in_pieces())
    elif rows := [(*_cells(each), len(each.event_ids)) for each in answer.deliveries]:
        table(_COLUMNS, rows)
    else:
        line("no deliveries")


@command.command("show")
@click.argument("delivery_id", metavar="ID")
@json_option
@pass_app
def show(app: App, delivery_id: str, as_json: bool) -> None:
    """Show one delivery and each of its attempts."""
    with app.database().read() as transaction:
        answer = query.ask_one(transaction, delivery_id)
    if as_json:
        print_json(answer.as_json())
        return
    for name, text in _particulars(answer.delivery):
        line(f"{name}: {text}")
    attempts = [(each.at, each.status, each.error) for each in answer.attempts_made]
    table(("at", "status", "error"), attempts, title="\nAttempts")


@command.command("retry")
@click.argument("delivery_ids", metavar="[ID]...", nargs=-1)
@click.option("--webhook", help="Everything dead or waiting of this webhook.")
@json_option
@pass_app
def retry(app: App, delivery_ids: tuple[str, ...], webhook: str | None, as_json: bool) -> None:
    """Make deliveries due now, dead ones too, with the ids that they had."""
    if bool(delivery_ids) == bool(webhook):
        raise InvalidInputError("name deliveries by their ids, or a webhook with --webhook")
    _require_webhook(app, webhook)
    database = app.database()
    with database.write() as transaction:
        if webhook is None:
            number = resending.retry(transaction, delivery_ids, database.now())
        else:
            number = resending.retry_webhook(transaction, webhook, database.now())
    _deliver(app, number, as_json=as_json)


@command.command("replay")
@click.option(
    "--since",
    type=TIME,
    metavar="TIME",
    required=True,
    help="From when on: 2026-11-20, yesterday, 3d (ago).",
)
@click.option("--until", type=TIME, metavar="TIME", help="Up to when, in the same forms.")
@click.option("--webhook", required=True, help="To which webhook.")
@json_option
@pass_app
def replay(app: App, since: datetime, until: datetime | None, webhook: str, as_json: bool) -> None:
    """Send again what was owed in a range of time, in order, with the same ids."""
    _require_webhook(app, webhook)
    database = app.database()
    with database.write() as transaction:
        number = resending.replay(transaction, webhook, since, until, database.now())
    _deliver(app, number, as_json=as_json)


def _require_webhook(app: App, name: str | None) -> None:
    """Refuse a name that no webhook has: it would read as if nothing were owed.

    Raises:
        NotFoundError: it names those there are.
    """
    if name is not None:
        with app.database().read() as transaction:
            webhooks.require_known(transaction, name, app.known_webhooks())


def _deliver(app: App, number: int, *, as_json: bool) -> None:
    tally, _ = deliver_due(app)
    if as_json:
        print_json(Resent(number, tally).as_json())
    else:
        line(f"{number} made due; {listed(tally.counts())}")
    note_paused(app)


_COLUMNS = (
    "id",
    "webhook",
    "state",
    Column("attempts", drop=4),
    Column("next try", drop=5, recent=True),
    Column("last status", drop=2),
    Column("last error", drop=3),
    Column("events", drop=1),
)


def _cells(delivery: Delivery) -> tuple[object, ...]:
    return (
        short_id(delivery.id),
        delivery.webhook,
        delivery.state,
        delivery.attempts,
        delivery.due_at,
        delivery.last_status,
        delivery.last_error,
    )


def _particulars(delivery: Delivery) -> list[tuple[str, object]]:
    """Every field of a delivery as a line of its own."""
    return [
        ("id", delivery.id),
        ("webhook", delivery.webhook),
        ("event_ids", ", ".join(delivery.event_ids)),
        ("state", delivery.state),
        ("attempts", delivery.attempts),
        ("next_at", _time(delivery.due_at)),
        ("last_status", "–" if delivery.last_status is None else delivery.last_status),
        ("last_error", "–" if delivery.last_error is None else delivery.last_error),
        ("created_at", when(delivery.created_at)),
        ("delivered_at", _time(delivery.delivered_at)),
    ]


def _time(at: datetime | None) -> str:
    return "–" if at is None else when(at)
