"""Sending again what was owed to webhooks before: the same messages with the same ids."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import deliveries


@dataclass(frozen=True, slots=True)
class Resent:
    """How many deliveries were made due again, and how the round of deliveries after it went."""

    due: int
    tally: Tally

    def as_json(self) -> dict[str, object]:
        """The shape of `deliveries retry` and `deliveries replay`."""
        return {"due": self.due, **self.tally.as_json()}


def retry(transaction: Transaction, delivery_ids: Sequence[str], now: datetime) -> int:
    """Make deliveries due now, dead ones too; how many were.

    Raises:
        NotFoundError: one of them does not exist.
    """
    chosen = [deliveries.get(transaction, delivery_id) for delivery_id in delivery_ids]
    return deliveries.requeue(transaction, [delivery.number for delivery in chosen], now)


def retry_webhook(transaction: Transaction, webhook: str, now: datetime) -> int:
    """Make everything dead or waiting of a webhook due now; how many were."""
    states = (deliveries.PENDING, deliveries.DEAD)
    chosen = deliveries.deliveries(transaction, states=states, webhook=webhook)
    return deliveries.requeue(transaction, [delivery.number for delivery in chosen], now)


def replay(
    transaction: Transaction, webhook: str, since: datetime, until: datetime | None, now: datetime
) -> int:
    """Make due again what a webhook was owed from `since` until before `until`; how many were."""
    chosen = [
        delivery.number
        for delivery in deliveries.deliveries(transaction, webhook=webhook)
        if delivery.created_at >= since and (until is None or delivery.created_at < until)
    ]
    return deliveries.requeue(transaction, chosen, now)
