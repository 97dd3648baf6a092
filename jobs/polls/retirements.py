"""Models that are soon to be retired, said again: 30, 7 and 1 days before, once each."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.catalog.event_details import Heading
from pricetrail.catalog.events import Event
from pricetrail.catalog.sunset_dates import FIELD, PATH, due_reminder
from pricetrail.catalog.sunsets import reminded, reminder_event
from pricetrail.jobs.deliveries.routing import announce
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.history import snapshots, sunsets
from pricetrail.storage.history.sunsets import Retirement
from pricetrail.storage.polls.polls import Poll


def remind(
    connection: Transaction, source: Source, poll: Poll, webhooks: Webhooks, now: datetime
) -> None:
    """Say of each date that is near how near it is, by the time of the poll.

    Of reminders that were missed the most urgent alone is said, and none of a date that has passed.

    Args:
        now: the time by the clock, from which messages are due.
    """
    state = poll.source
    due = sunsets.due(connection, state.id, poll.finished_at)
    if not due:
        return
    sources.lock(connection, state.id)
    sunsets.postpone(connection, state.id, due, poll.finished_at)
    events = list(_reminders(connection, source, poll, due))
    # Of a date that was moved and moved back, or by a clock that was: it was said already.
    said = {event.id for event in log.by_ids(connection, [event.id for event in events])}
    fresh = [event for event in events if event.id not in said]
    ids = {one.model: one.model_id for one in due}
    snapshots.write_events(connection, state.id, fresh, ids)
    announce(connection, webhooks, fresh, now)


def _reminders(
    connection: Transaction, source: Source, poll: Poll, due: Sequence[Retirement]
) -> Iterator[Event]:
    state, at = poll.source, poll.finished_at
    documents = sunsets.documents(connection, state.id, due)
    for one in due:
        days, document = due_reminder(one.at, at), documents.get(one.model)
        if days is None or document is None:
            continue
        if not source.ignored.covers(PATH, document.get(FIELD)):
            details = reminded(Heading.of(document), one.at, at, days)
            yield reminder_event(
                state.name, state.head_version, state.head_hash, state.hashed_name, details, at
            )
