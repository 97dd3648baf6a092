"""The question of `pricetrail webhooks list`: the state of each webhook, and what it is owed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pricetrail.alerts.webhooks import Webhook
from pricetrail.queries.answers import time_or_null
from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import deliveries, delivery_counts, webhooks
from pricetrail.storage.outbox.webhooks import WebhookState


@dataclass(frozen=True, slots=True)
class WebhookEntry:
    """One configured webhook: whether it is paused and `why`, and its messages by what became
    of them; `waiting` counts those that are still to go out."""

    name: str
    format: str
    paused: bool
    why: str | None
    failing_since: datetime | None
    next_digest: datetime | None
    waiting: int
    delivered: int
    dead: int

    @property
    def state(self) -> str:
        """`paused` or `on`."""
        return "paused" if self.paused else "on"

    def as_json(self) -> dict[str, object]:
        """One entry of `webhooks`."""
        return {
            "name": self.name,
            "format": self.format,
            "state": self.state,
            "why": self.why,
            "failing_since": time_or_null(self.failing_since),
            "next_digest": time_or_null(self.next_digest),
            "waiting": self.waiting,
            "delivered": self.delivered,
            "dead": self.dead,
        }


@dataclass(frozen=True, slots=True)
class WebhooksAnswer:
    """The webhooks of the configuration, in its order."""

    webhooks: tuple[WebhookEntry, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `webhooks list`."""
        return {"webhooks": [webhook.as_json() for webhook in self.webhooks]}


def ask(
    transaction: Transaction, configured: Iterable[Webhook], *, others: bool = False
) -> WebhooksAnswer:
    """How the configured webhooks are; one that has no row yet is as untouched.

    Args:
        others: those too that the database alone knows, behind them, by name, without a format.
    """
    states = webhooks.states(transaction)
    counts = delivery_counts.counts(transaction)
    formats = {hook.name: hook.format for hook in configured}
    if others:
        formats |= dict.fromkeys(sorted({*states, *counts} - formats.keys()), "")
    return WebhooksAnswer(
        tuple(
            _entry(name, kind, states.get(name) or WebhookState(name), counts.get(name, {}))
            for name, kind in formats.items()
        )
    )


def _entry(name: str, format_: str, state: WebhookState, counts: dict[str, int]) -> WebhookEntry:
    waiting = sum(counts.get(kind, 0) for kind in (deliveries.PENDING, deliveries.LEASED))
    return WebhookEntry(
        name=name,
        format=format_,
        paused=state.disabled_at is not None,
        why=state.why,
        failing_since=state.failing_since,
        next_digest=state.digest_at,
        waiting=waiting,
        delivered=counts.get(deliveries.DELIVERED, 0),
        dead=counts.get(deliveries.DEAD, 0),
    )
