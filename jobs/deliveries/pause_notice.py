"""What the operator must hear about pricetrail itself, over the channels that still work."""

import hashlib
from datetime import datetime

from pricetrail.alerts.webhooks import Webhooks
from pricetrail.catalog.event_details import Notice
from pricetrail.catalog.events import PAUSED, Event, event_id
from pricetrail.catalog.times import rfc3339
from pricetrail.storage import source_names, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import snapshots
from pricetrail.storage.outbox import deliveries, routes, webhooks
from pricetrail.storage.outbox.routes import Route


def announce_pause(
    connection: Transaction, hooks: Webhooks, name: str, why: str, now: datetime
) -> Event | None:
    """Enqueue for the other webhooks, chats before the rest, that one is paused; its event."""
    known = source_names.some(connection, 1).names
    state = sources.state(connection, known[0]) if known else None
    if state is None:
        return None
    event = _paused(state.name, state.head_version, name, why, now)
    snapshots.write_events(connection, state.id, [event], {})
    paused = {other for other, it in webhooks.states(connection).items() if it.disabled_at}
    working = [hook for hook in hooks.values() if hook.name not in paused]
    people = [hook for hook in working if not hook.signed]
    owed = [
        deliveries.NewDelivery(_delivery_id(hook.name, event), hook.name, (event.id,))
        for hook in people or working
    ]
    deliveries.enqueue(connection, owed, now)
    fates = (Route(event.id, each.webhook, routes.DELIVERY, each.id) for each in owed)
    routes.record(connection, fates, now)
    return event


def _paused(source: str, version: int, name: str, why: str, now: datetime) -> Event:
    event = event_id(source, str(version), PAUSED, f"{name} {rfc3339(now)}")
    text = (
        f"The webhook {name} is paused: {why}. What it is owed is kept; "
        f"once fixed: pricetrail webhooks resume {name}"
    )
    return Event(event, source, version, 3_000_000, PAUSED, None, now, Notice(text, name, why))


def _delivery_id(webhook: str, event: Event) -> str:
    return "dlv_" + hashlib.sha256(f"{webhook}\n{event.id}".encode()).hexdigest()[:32]
