"""`pricetrail webhooks`: their state, and what they get or would have got."""

from datetime import UTC, datetime, timedelta

import click

from pricetrail.alerts import channels
from pricetrail.alerts.outcomes import DELIVERED
from pricetrail.alerts.posting import post
from pricetrail.alerts.sample_events import sample_events
from pricetrail.alerts.trial import test_event
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.catalog.events import Event
from pricetrail.context import App, pass_app
from pricetrail.delivery import deliver_due
from pricetrail.jobs.deliveries import backtest as backtesting
from pricetrail.options import DURATION, json_option
from pricetrail.queries import webhooks as query
from pricetrail.queries.webhooks import WebhookEntry
from pricetrail.render import line, note, print_json, raw, table
from pricetrail.settings.checks import about_filters
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.filters import remarks
from pricetrail.storage import sources
from pricetrail.storage.history import events
from pricetrail.storage.outbox import webhooks
from pricetrail.text.sums import counted


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
    hooks = app.open_settings.webhooks
    with app.database(create=True).read() as transaction:
        answer = query.ask(transaction, hooks.values())
    if as_json:
        print_json(answer.as_json())
        return
    columns = ("name", "format", "state", "waiting", "delivered", "dead", "why")
    table(columns, list(map(_row, answer.webhooks)))


@command.command("resume")
@click.argument("name")
@pass_app
def resume(app: App, name: str) -> None:
    """Let a paused webhook go on; what it is owed goes out, in order."""
    hook = app.delivery_settings.get_webhook(name)
    database = app.database()
    with database.write() as transaction:
        was_paused = webhooks.enable(transaction, hook.name)
    line(f"{name} resumed" if was_paused else f"{name} was not paused")
    deliver_due(app)


@command.command("test")
@click.argument("name")
@pass_app
def test(app: App, name: str) -> None:
    """Send one test message to webhook NAME, past its filters and the outbox.

    It says which sources and rules are in force, and shows a change that is made up.
    """
    hook = app.delivery_settings.get_webhook(name)
    now = datetime.now(UTC)
    [message] = channels.render(hook, [test_event(hook, now)])
    outcome = post(hook, message, now=now)
    if outcome.verdict != DELIVERED:
        raise FailedError(f"{name} did not accept the test message: {outcome.error}")
    # Apprise tells no status.
    status = "" if outcome.status is None else f" (HTTP {outcome.status})"
    line(f"{name} accepted the test message{status}")


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
    hook = _looked_at(app, name)
    for message in channels.render(hook, _events(app, event_ids, version, source)):
        raw(message.body.decode())


def _events(
    app: App, event_ids: tuple[str, ...], version: int | None, source: str | None
) -> list[Event]:
    if not event_ids and version is None:
        return sample_events()
    with app.database().read() as transaction:
        if event_ids:
            return [events.get(transaction, event_id) for event_id in event_ids]
        chosen = sources.choose(transaction, source)
        wanted = events.EventFilter(source_id=chosen.id, version=version)
        made = [event for _, event in events.read(transaction, wanted)]
    if not made:
        raise InvalidInputError(f"snapshot {version} of {chosen.name} made no event")
    return made


@command.command("backtest")
@click.argument("name")
@click.option("--last", type=DURATION, default="30d", show_default=True, help="How far back.")
@json_option
@pass_app
def backtest(app: App, name: str, last: timedelta, as_json: bool) -> None:
    """What webhook NAME's filters would have let through, by day; sends nothing."""
    hook = _looked_at(app, name)
    database = app.database()
    with database.read() as transaction:
        since = database.now() - last
        result = backtesting.backtest(transaction, hook, app.known_sources(), since)
    if as_json:
        print_json(result.as_json())
        return
    table(
        ("day", "messages", "events", "undone", "filtered"),
        [(day.day, day.messages, day.events, day.blips, day.filtered) for day in result.days],
    )
    total = sum(day.messages for day in result.days)
    days = counted(len(result.days), "day")
    line(f"\n{counted(total, 'message')} in {days} with news")
    for rule, number in sorted(result.filtered.items()):
        line(f"  {counted(number, 'event')} kept back by {rule}")


def _looked_at(app: App, name: str) -> Webhook:
    """A sound webhook, once it was said on stderr what of its filters may be a mistake.

    Raises:
        SettingsError: a filter names a source that there is not, or something else is wrong.
    """
    settings = app.open_settings
    hook = settings.get_webhook(name)
    found = about_filters(settings, app.unchecked_database().url, [name])
    if found.errors:
        raise SettingsError(*found.errors)
    for problem in found.warnings:
        note(f"warning: {problem}")
    for remark in remarks(settings, hook):
        note(f"note: {remark}")
    return hook


def _row(entry: WebhookEntry) -> tuple[object, ...]:
    counts = (count or None for count in (entry.waiting, entry.delivered, entry.dead))
    return (entry.name, entry.format, entry.state, *counts, entry.why or None)
