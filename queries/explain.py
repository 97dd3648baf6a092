"""The question of `pricetrail explain`: what became of one event, webhook by webhook."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pricetrail.catalog.times import rfc3339
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events
from pricetrail.storage.outbox import deliveries, routes
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held

# What a delivery's state is called where it is told of an event.
_VERDICTS = {
    deliveries.DELIVERED: "sent",
    deliveries.PENDING: "waiting",
    deliveries.LEASED: "being sent",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event at one webhook; `detail` says by what, or why."""

    webhook: str
    verdict: str
    detail: str | None

    def as_json(self) -> dict[str, object]:
        """One entry of `webhooks`."""
        return {"webhook": self.webhook, "verdict": self.verdict, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class ExplainAnswer:
    """One event and its fate at each webhook, by name; `at` is when it was first seen."""

    id: str
    type: str
    source: str
    model: str | None
    at: datetime
    fates: tuple[Fate, ...]

    def as_json(self) -> dict[str, object]:
        """The shape of `explain`."""
        event = {"id": self.id, "type": self.type, "source": self.source, "model": self.model}
        return {"event": event, "webhooks": [fate.as_json() for fate in self.fates]}


def ask(transaction: Transaction, event_id: str, webhooks: Iterable[str]) -> ExplainAnswer:
    """What each webhook made of an event: those that decided on it, and those configured now.

    Raises:
        NotFoundError: there is no such event.
    """
    event = events.get(transaction, event_id)
    fates = [_routed(transaction, route) for route in routes.of_event(transaction, event.id)]
    held = held_changes.waiting(transaction, event.id)
    routed = {fate.webhook for fate in fates}
    fates += [_unrouted(name, held) for name in webhooks if name not in routed]
    in_order = sorted(fates, key=lambda fate: fate.webhook)
    return ExplainAnswer(event.id, event.type, event.source, event.model, event.at, tuple(in_order))


def _routed(transaction: Transaction, route: Route) -> Fate:
    if route.verdict in (routes.DELIVERY, routes.DIGEST) and route.detail is not None:
        return _owed(transaction, route, route.detail)
    details = {
        routes.DIGEST: "waits for the next digest",
        routes.SILENCED: f"silence {route.detail}",
        routes.BLIP: "undone within the hold: no alert of its own",
        routes.FILTERED: f"by the rule {route.detail}",
    }
    return Fate(route.webhook, route.verdict, details.get(route.verdict, route.detail))


def _owed(transaction: Transaction, route: Route, delivery_id: str) -> Fate:
    delivery = deliveries.by_id(transaction, delivery_id)
    state = delivery.state if delivery is not None else "pruned"
    where = "in a digest, " if route.verdict == routes.DIGEST else ""
    why = f": {delivery.last_error}" if delivery is not None and delivery.last_error else ""
    return Fate(route.webhook, _VERDICTS.get(state, state), f"{where}{delivery_id}{why}")


def _unrouted(webhook: str, held: Held | None) -> Fate:
    if held is None:
        return Fate(webhook, "none", "not owed: imported, or the webhook was added later")
    what = "undone; one line is due" if held.blip else "announced then if it lasts"
    return Fate(webhook, "held", f"until {rfc3339(held.due_at)}: {what}")
