"""Removing a webhook that the database keeps: it is owed nothing any more."""

from dataclasses import dataclass
from datetime import datetime

from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import deliveries, kept_webhooks, routes


@dataclass(frozen=True, slots=True)
class Left:
    """What a webhook was owed: messages that were cancelled, and events for its next digest."""

    messages: int = 0
    gathered: int = 0


def remove(connection: Transaction, name: str, now: datetime) -> Left:
    """Remove a webhook with its state, and cancel what it is owed; what was sent stays recorded.

    A message that is on its way at this moment may arrive.
    """
    kept_webhooks.forget(connection, name)
    messages = deliveries.cancel(connection, name, now)
    return Left(messages, routes.drop_gathered(connection, name))
