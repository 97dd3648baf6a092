"""`pricetrail webhooks`: their state, and what they get or would have got."""

from collections.abc import Iterator
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
from pricetrail.commands.webhooks_add import add, remove
from pricetrail.context import App, pass_app
from pricetrail.delivery import deliver_due, note_paused
from pricetrail.help import Group
from pricetrail.jobs.deliveries import backtest as backtesting
from pricetrail.options import DURATION, json_option
from pricetrail.queries import webhooks as query
from pricetrail.queries.webhooks import WebhookEntry
from pricetrail.render import Column, line, note, print_json, raw, recently, table, when
from pricetrail.settings.checks import about_filters
from pricetrail.settings.errors import SettingsError
from pricetrail.settings.filters import remarks
from pricetrail.settings.kept_webhooks import in_both
from pricetrail.storage import sources
from pricetrail.storage.history import event_ids as ids
from pricetrail.storage.history import events
from pricetrail.storage.outbox import kept_webhooks, webhooks
from pricetrail.text.sums import counted, listed


@click.group(
    cls=Group,
    epilog="""\b
Examples:
  pricetrail webhooks list
  pricetrail webhooks test prices                 sends one test message
  pricetrail webhooks preview prices              what would be sent
  pricetrail webhooks backtest prices --last 90d  what it would have got
  pricetrail webhooks resume prices               once the receiver is well
  pricetrail webhooks add prices --url env:PRICES_URL
""",
)
def command() -> None:
    """The webhooks of the configuration and the database."""


command.add_command(add)
command.add_command(remove)


@command.command("list")
@json_option
@pass_app
def list_(app: App, as_json: bool) -> None:
    """Show every webhook: how its receiver is, what it is owed, and what comes next."""
    settings = app.open_settings
    hooks, kept = settings.webhooks, settings.kept
    if not hooks and not as_json:
        line(
            "no webhook is configured: add one as [webhooks.NAME] to the configuration, or to the "
            "database by `pricetrail webhooks add`"
        )
        return
    with app.database(create=True).read() as transaction:
        answer = query.ask(transaction, hooks.values(), kept)
        twice = in_both(settings, kept_webhooks.settings(transaction))
    for problem in twice:
        note(str(problem))
    if as_json:
        print_json(answer.as_json())
        return
    if kept:  # what would be the same for all is left out
        rows = [(*_row(entry), entry.origin) for entry in answer.webhooks]
        table((*_COLUMNS, Column("from", drop=6)), rows)
    else:
        table(_COLUMNS, list(map(_row, answer.webhooks)))
    for entry in answer.webhooks:
        for words in _trouble(entry):
            line(words)


@command.command("resume")
@click.argument("name")
@json_option
@pass_app
def resume(app: App, name: str, as_json: bool) -> None:
    """Let a paused webhook go on; what it is owed goes out, in order."""
    hook = app.delivery_settings.get_webhook(name)
    database = app.database()
    with database.write() as transaction:
        was_paused = webhooks.enable(transaction, hook.name)
    if not as_json:
        line(f"{name} resumed" if was_paused else f"{name} was not paused")
    tally, _ = deliver_due(app)
    if not as_json and any(tally.counts().values()):
        line(f"deliveries: {listed(tally.counts(), zeros=False)}")
    if as_json:
        print_json({"webhook": name, "resumed": was_paused, **tally.as_json()})


@command.command("test")
@click.argument("name")
@json_option
@pass_app
def test(app: App, name: str, as_json: bool) -> None:
    """Send one test message to webhook NAME, past its filters and the outbox.

    It says which sources and rules are in force, and shows a change that is made up.
    """
    hook = app.delivery_settings.get_webhook(name)
    now = datetime.now(UTC)
    [message] = channels.render(hook, [test_event(hook, now)])
    outcome = post(hook, message, now=now)
    accepted = outcome.verdict == DELIVERED
    if as_json:
        answer = {"webhook": name, "accepted": accepted, "status": outcome.status}
        print_json({**answer, "error": outcome.error})
    if not accepted:
        raise FailedError(f"{name} did not accept the test message: {outcome.error}")
    # Apprise tells no status.
    status = "" if outcome.status is None else f" (HTTP {outcome.status})"
    if not as_json:
        line(f"{name} accepted the test message{status}")
    note_paused(app)


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
            return [ids.get(transaction, event_id) for event_id in event_ids]
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
        result = backtesting.backtest(transaction, hook, app.all_sources(), since)
    if as_json:
        print_json(result.as_json())
        return
    if not result.days:
        line("0 messages: nothing happened in that time to try the filters on")
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


_COLUMNS = (
    "name",
    Column("format", drop=2),
    "state",
    "waiting",
    Column("delivered", drop=1),
    "dead",
    Column("last success", drop=3, recent=True),
    Column("next try", drop=4, recent=True),
    Column("next digest", drop=5),
)


def _row(entry: WebhookEntry) -> tuple[object, ...]:
    counts = (count or None for count in (entry.waiting, entry.delivered, entry.dead))
    digest = None if entry.next_digest is None else recently(entry.next_digest)
    if digest is not None and entry.gathered:
        digest += f" ({counted(entry.gathered, 'event')})"
    times = (entry.succeeded_at, entry.next_try, digest)
    return (entry.name, entry.format, entry.state, *counts, *times)


def _trouble(entry: WebhookEntry) -> Iterator[str]:
    """What is wrong with a webhook, and what helps; nothing where its receiver takes messages."""
    if entry.paused:
        yield f"{entry.name} is paused: {entry.why or 'no reason was given'}"
        yield f"  once fixed: pricetrail webhooks resume {entry.name}"
    elif entry.failing:
        since = f" since {when(entry.failing_since)}" if entry.failing_since else ""
        yield f"{entry.name} is failing{since}"
    if entry.last_error is not None and (entry.paused or entry.failing or entry.dead):
        at = f" at {when(entry.failed_at)}" if entry.failed_at else ""
        # Why it was paused is that error, as a rule, and was said.
        error = "" if entry.paused and entry.last_error == entry.why else f": {entry.last_error}"
        yield f"  last error{at}{error}"
    if entry.dead:
        again = f"pricetrail deliveries retry --webhook {entry.name}"
        yield f"{entry.name}: {counted(entry.dead, 'dead message')}; to send again: {again}"
