"""`pricetrail webhooks`: their state, and what they get or would have got."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import click

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.context import App, pass_app
from pricetrail.options import DURATION, json_option

if TYPE_CHECKING:
    from pricetrail.alerts.webhooks import Webhook
    from pricetrail.catalog.events import Event


@click.group(
    epilog="""\b
Examples:
  pricetrail webhooks list
  pricetrail webhooks test prices                  sends one test message
  pricetrail webhooks preview prices               the exact body; sends nothing
  pricetrail webhooks backtest prices --last 90d   what its filters would have let through
"""
)
def command() -> None:
    """The webhooks of the configuration."""


@command.command("list")
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """Show every webhook: format, what it is owed, and whether it is paused."""
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import print_json, table
    from pricetrail.storage.outbox import deliveries, webhooks

    hooks = app.settings.webhooks
    with app.database(create=True).read() as connection:
        states = webhooks.states(connection)
        owed = deliveries.count_by_state(connection)
    entries: list[dict[str, Any]] = []
    for name, hook in hooks.items():
        state = states.get(name) or webhooks.WebhookState(name)
        counts = owed.get(name, {})
        entries.append(
            {
                "name": name,
                "format": hook.format,
                "state": "paused" if state.disabled_at else "on",
                "why": state.why,
                "failing_since": rfc3339(state.failing_since) if state.failing_since else None,
                "next_digest": rfc3339(state.digest_at) if state.digest_at else None,
                "waiting": counts.get("pending", 0) + counts.get("leased", 0),
                "delivered": counts.get("delivered", 0),
                "dead": counts.get("dead", 0),
            }
        )
    if as_json:
        print_json({"webhooks": entries})
        return
    columns = ("name", "format", "state", "waiting", "delivered", "dead", "why")
    table(columns, [[one[name] or "–" for name in columns] for one in entries])


@command.command("resume")
@click.argument("name")
@pass_app
def resume(app: App, name: str) -> None:
    """Let a paused webhook go on; what it is owed goes out, in order."""
    from pricetrail.delivery import deliver_due
    from pricetrail.render import line
    from pricetrail.storage.outbox import webhooks

    hook = _webhook(app, name)
    database = app.database()
    with database.write() as connection:
        was = webhooks.enable(connection, hook.name)
    line(f"{name} goes on" if was else f"{name} was not paused")
    deliver_due(app)


@command.command("test")
@click.argument("name")
@pass_app
def test(app: App, name: str) -> None:
    """Send one test message to webhook NAME, past its filters and the outbox."""
    from datetime import UTC, datetime

    from pricetrail.alerts import channels
    from pricetrail.alerts.outcomes import DELIVERED
    from pricetrail.alerts.posting import post
    from pricetrail.alerts.sample_events import test_event
    from pricetrail.render import line

    hook = _webhook(app, name)
    now = datetime.now(UTC)
    [message] = channels.render(hook, [test_event("pricetrail", now)])
    outcome = post(hook, message, now=now)
    if outcome.verdict != DELIVERED:
        raise FailedError(f"{name} did not take it: {outcome.error}")
    line(f"{name} took the test message (HTTP {outcome.status})")


@command.command("preview")
@click.argument("name")
@click.option("--event", "event_ids", multiple=True, help="Events of the log, by id.")
@click.option("--version", type=int, help="All that one snapshot changed.")
@click.option("--source", help="The source of --version.")
@pass_app
def preview(
    app: App, name: str, event_ids: tuple[str, ...], version: int | None, source: str | None
) -> None:
    """Print the exact body that webhook NAME would get: from the log, or a made-up sample.

    Nothing is sent and nothing is stored. Filters are not applied.
    """
    from pricetrail.alerts import channels
    from pricetrail.render import raw

    hook = _webhook(app, name)
    for message in channels.render(hook, _events(app, event_ids, version, source)):
        raw(message.body.decode())


def _events(
    app: App, event_ids: tuple[str, ...], version: int | None, source: str | None
) -> "list[Event]":
    from pricetrail.alerts.sample_events import sample_events
    from pricetrail.storage import sources
    from pricetrail.storage.history import events

    if not event_ids and version is None:
        return sample_events()
    with app.database().read() as connection:
        if event_ids:
            return [events.require(connection, one) for one in event_ids]
        chosen = sources.choose(connection, source)
        wanted = events.EventFilter(source_id=chosen.id, version=version)
        found = [event for _, event in events.read(connection, wanted)]
    if not found:
        raise InvalidInputError(f"snapshot {version} of {chosen.name} made no event")
    return found


@command.command("backtest")
@click.argument("name")
@click.option("--last", type=DURATION, default="30d", show_default=True, help="How far back.")
@json_option
@pass_app
def backtest(app: App, name: str, last: timedelta, as_json: bool) -> None:
    """What webhook NAME's filters would have let through, by day; sends nothing."""
    from pricetrail.jobs.deliveries.backtest import backtest as tried
    from pricetrail.render import line, print_json, table

    hook = _webhook(app, name)
    database = app.database()
    with database.read() as connection:
        found = tried(connection, hook, app.known_sources(), database.now() - last)
    if as_json:
        print_json({"webhook": name, **found.as_json()})
        return
    table(
        ("day", "messages", "events", "undone", "filtered"),
        [(day.day, day.messages, day.events, day.blips, day.filtered) for day in found.days],
    )
    total = sum(day.messages for day in found.days)
    line(f"\n{total} messages in {len(found.days)} days with news")
    for rule, number in sorted(found.filtered.items()):
        line(f"  {number} events kept back by {rule}")


def _webhook(app: App, name: str) -> "Webhook":
    hooks = app.settings.webhooks
    if name not in hooks:
        raise InvalidInputError(
            f"no webhook {name!r} is configured; there are: {', '.join(hooks) or 'none'}"
        )
    return hooks[name]
