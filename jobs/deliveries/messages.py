"""What is sent for deliveries: made of their events, anew at every attempt."""

from collections.abc import Sequence
from datetime import datetime

from pricetrail.alerts import channels
from pricetrail.alerts.messages import Message
from pricetrail.alerts.report import Blip, Context
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.labels import KnownLabels
from pricetrail.jobs.deliveries.routing import costs
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.outbox.deliveries import Delivery


def messages_of(
    connection: Transaction, webhook: Webhook, deliveries: Sequence[Delivery], now: datetime
) -> list[list[Message]]:
    """The messages of each delivery; the events of all of them are read at once.

    One message each, but where the webhook had another format, or batched, when it was owed.
    """
    if not webhook.single:
        return [
            parts_of(connection, webhook, delivery.event_ids, delivery.blips, now)
            for delivery in deliveries
        ]
    ids = [event_id for delivery in deliveries for event_id in delivery.event_ids]
    events = {event.id: event for event in log.by_ids(connection, ids)}
    kept = [
        [events[name] for name in delivery.event_ids if name in events] for delivery in deliveries
    ]
    known = KnownLabels(connection, events.values()).knowing(webhook)
    return [channels.render(known, some) for some in kept]


def parts_of(
    connection: Transaction,
    webhook: Webhook,
    event_ids: Sequence[str],
    blips: Sequence[Sequence[str]] = (),
    now: datetime | None = None,
) -> list[Message]:
    """The messages of a delivery; none where its events are gone.

    They are the same at every attempt, but for how long an alert holds after it was sent, at `now`.
    """
    events = log.by_ids(connection, event_ids)
    flaps = [blip_of(some) for ids in blips if (some := log.by_ids(connection, ids))]
    cost = None if webhook.signed else costs(connection)
    known = {event.id: cost(event, webhook.aliases) for event in events} if cost else {}
    context = Context(
        costs={event_id: amount for event_id, amount in known.items() if amount is not None},
        blips=tuple(flaps),
        now=now,
    )
    return channels.render(KnownLabels(connection, events).knowing(webhook), events, context)


def blip_of(events: Sequence[Event]) -> Blip:
    """A change and what undid it, as one."""
    first, last = events[0], events[-1]
    start = first.not_before or first.at
    return Blip(
        model=first.model or "",
        changes=first.changes,
        start=start,
        until=last.at,
        id=first.id,
        kind=first.type,
    )
