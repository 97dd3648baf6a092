"""The questions of `pricetrail deliveries`: what is in the outbox, and what became of a message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import LongAnswer, time_or_null
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import streams
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.outbox.deliveries import Delivery

STATES = (
    deliveries.PENDING,
    deliveries.LEASED,
    deliveries.DELIVERED,
    deliveries.DEAD,
    deliveries.CANCELLED,
)


@dataclass(frozen=True, slots=True)
class DeliveryEntry:
    """One message as it stands; `next_at` is None unless it is still to go out."""

    id: str
    webhook: str
    event_ids: tuple[str, ...]
    state: str
    attempts: int
    next_at: datetime | None
    last_status: int | None
    last_error: str | None
    created_at: datetime
    delivered_at: datetime | None

    def as_json(self) -> dict[str, object]:
        """One entry of `deliveries`."""
        return {
            "id": self.id,
            "webhook": self.webhook,
            "event_ids": list(self.event_ids),
            "state": self.state,
            "attempts": self.attempts,
            "next_at": time_or_null(self.next_at),
            "last_status": self.last_status,
            "last_error": self.last_error,
            "created_at": rfc3339(self.created_at),
            "delivered_at": time_or_null(self.delivered_at),
        }


@dataclass(frozen=True, slots=True)
class DeliveriesAnswer(LongAnswer):
    """Messages oldest first; `deliveries` is read as it is taken, and once."""

    deliveries: Iterator[DeliveryEntry]

    def in_pieces(self) -> dict[str, object]:
        """The shape of `deliveries list`; its entries come as they are written."""
        return {"deliveries": (entry.as_json() for entry in self.deliveries)}


@dataclass(frozen=True, slots=True)
class AttemptMade:
    """One try of a message: the HTTP status, if there was an answer, and what went wrong."""

    at: datetime
    status: int | None
    error: str | None

    def as_json(self) -> dict[str, object]:
        """One entry of `attempts_made`."""
        return {"at": rfc3339(self.at), "status": self.status, "error": self.error}


@dataclass(frozen=True, slots=True)
class DeliveryAnswer:
    """One message, and each of its attempts, oldest first."""

    delivery: DeliveryEntry
    attempts_made: tuple[AttemptMade, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `deliveries show`."""
        made = [attempt.as_json() for attempt in self.attempts_made]
        return self.delivery.as_json() | {"attempts_made": made}


def ask(
    database: Database,
    states: Sequence[str] = (),
    webhook: str | None = None,
    limit: int | None = None,
) -> DeliveriesAnswer:
    """The outbox, oldest first; with a limit, the newest so many.

    The answer may be long: it is read a piece at a time, each in a short transaction of its own,
    so that whoever reads it slowly holds up no poll.

    Raises:
        InvalidInputError: there is no such state.
    """
    for state in states:
        if state not in STATES:
            raise InvalidInputError(f"no state {state!r}; there are: {', '.join(STATES)}")
    outbox = streams.deliveries(database, tuple(states), webhook, limit)
    return DeliveriesAnswer(map(_entry, outbox))


def ask_one(transaction: Transaction, delivery_id: str) -> DeliveryAnswer:
    """One message by its id.

    Raises:
        NotFoundError: there is none.
    """
    delivery = deliveries.require(transaction, delivery_id)
    made = deliveries.attempts(transaction, delivery)
    attempts = tuple(AttemptMade(row.at, row.status, row.error) for row in made)
    return DeliveryAnswer(_entry(delivery), attempts)


def _entry(delivery: Delivery) -> DeliveryEntry:
    is_open = delivery.state in (deliveries.PENDING, deliveries.LEASED)
    return DeliveryEntry(
        id=delivery.id,
        webhook=delivery.webhook,
        event_ids=tuple(delivery.event_ids),
        state=delivery.state,
        attempts=delivery.attempts,
        next_at=delivery.next_at if is_open else None,
        last_status=delivery.last_status,
        last_error=delivery.last_error,
        created_at=delivery.created_at,
        delivered_at=delivery.delivered_at,
    )
