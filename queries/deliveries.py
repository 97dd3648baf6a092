"""The questions of `pricetrail deliveries`: what is in the outbox, and what became of a message."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import Event
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import LongAnswer, time_or_null
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import events, streams
from pricetrail.storage.outbox import deliveries, delivery_pages
from pricetrail.storage.outbox.deliveries import Delivery
from pricetrail.storage.outbox.delivery_pages import DeliveryPage

STATES = (
    deliveries.PENDING,
    deliveries.LEASED,
    deliveries.DELIVERED,
    deliveries.DEAD,
    deliveries.CANCELLED,
)
# What people call them: whether a message waits or is just being sent is one to them.
PEOPLES = {
    "waiting": (deliveries.PENDING, deliveries.LEASED),
    "delivered": (deliveries.DELIVERED,),
    "dead": (deliveries.DEAD,),
    "cancelled": (deliveries.CANCELLED,),
}


@dataclass(frozen=True, slots=True)
class DeliveriesAnswer(LongAnswer):
    """Messages oldest first; `deliveries` is read as it is taken, and once."""

    deliveries: Iterator[Delivery]

    def in_pieces(self) -> dict[str, object]:
        """The shape of `deliveries list`; its entries come as they are written."""
        return {"deliveries": map(_as_json, self.deliveries)}


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

    delivery: Delivery
    attempts_made: tuple[AttemptMade, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `deliveries show`."""
        made = [attempt.as_json() for attempt in self.attempts_made]
        return _as_json(self.delivery) | {"attempts_made": made}


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
    require_states(states)
    return DeliveriesAnswer(streams.deliveries(database, tuple(states), webhook, limit))


def require_states(states: Sequence[str]) -> None:
    """Refuse a state that no message has.

    Raises:
        InvalidInputError: there is no such state.
    """
    for state in states:
        if state not in STATES:
            raise InvalidInputError(f"unknown state {state!r}; valid: {', '.join(STATES)}")


def ask_page(
    transaction: Transaction,
    state: str | None,
    webhook: str | None,
    before: int | None,
    limit: int,
) -> DeliveryPage:
    """The newest messages before a number, newest first: one page of what people look through.

    Args:
        state: one of `PEOPLES`; None for all.

    Raises:
        InvalidInputError: there is no such state.
    """
    if state is not None and state not in PEOPLES:
        raise InvalidInputError(f"unknown state {state[:40]!r}; valid: {', '.join(PEOPLES)}")
    states = () if state is None else PEOPLES[state]
    return delivery_pages.page(
        transaction, states=states, webhook=webhook, before=before, limit=limit
    )


def ask_one(transaction: Transaction, delivery_id: str) -> DeliveryAnswer:
    """One message by its id.

    Raises:
        NotFoundError: there is none.
    """
    delivery = deliveries.get(transaction, delivery_id)
    made = deliveries.attempts(transaction, delivery)
    attempts = tuple(AttemptMade(row.at, row.status, row.error) for row in made)
    return DeliveryAnswer(delivery, attempts)


def events_of(transaction: Transaction, delivery: Delivery, most: int) -> list[Event]:
    """The first `most` events in a message, blips among them, as far as they are still there."""
    ids = [*delivery.event_ids, *(one for blip in delivery.blips for one in blip)]
    return events.by_ids(transaction, list(dict.fromkeys(ids))[:most])


def _as_json(delivery: Delivery) -> dict[str, object]:
    return {
        "id": delivery.id,
        "webhook": delivery.webhook,
        "event_ids": delivery.event_ids,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_at": time_or_null(delivery.due_at),
        "last_status": delivery.last_status,
        "last_error": delivery.last_error,
        "created_at": rfc3339(delivery.created_at),
        "delivered_at": time_or_null(delivery.delivered_at),
    }
