"""The question of `pricetrail explain`: what became of one event, webhook by webhook."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pricetrail.alerts.filter_values import compared
from pricetrail.alerts.filters import concerns
from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.aliases import NO_ALIASES
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.events import PAUSED, Event
from pricetrail.catalog.times import rfc3339
from pricetrail.storage import kept_sources, source_names, sources, usage
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import event_ids, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import newest
from pricetrail.storage.outbox import deliveries, routes, silences
from pricetrail.storage.outbox import webhooks as states
from pricetrail.storage.outbox.deliveries import Delivery
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held
from pricetrail.text.sums import counted

# A model is looked for in so many sources; of more, one has to be named.
_MOST_SOURCES = 1_000
# What a delivery's state is called where it is told of an event.
_VERDICTS = {
    deliveries.DELIVERED: "sent",
    deliveries.PENDING: "waiting",
    deliveries.LEASED: "being sent",
}


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of an event at one webhook; `detail` says by what, or why.

    `delivery` is the id of the message that carries it, if one does, and `rule` the key of the
    configuration that kept it back.
    """

    webhook: str
    verdict: str
    detail: str | None
    delivery: str | None = None
    rule: str | None = None

    def as_json(self) -> dict[str, object]:
        """One entry of `webhooks`."""
        return {
            "webhook": self.webhook,
            "verdict": self.verdict,
            "detail": self.detail,
            "delivery": self.delivery,
        }


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


def ask(transaction: Transaction, event_id: str, webhooks: Iterable[Webhook]) -> ExplainAnswer:
    """What each webhook made of an event: those that decided on it, and those configured now.

    Args:
        event_id: an event's id, or a beginning that is its alone.

    Raises:
        NotFoundError: there is no such event.
        AmbiguousIdError: several ids begin so.
    """
    return _explained(transaction, event_ids.get(transaction, event_id), webhooks)


def ask_last(
    transaction: Transaction, source: str | None, model: str | None, webhooks: Iterable[Webhook]
) -> ExplainAnswer:
    """The same of the last event there is: of a model or of all, of a source or of all.

    Raises:
        NotFoundError: no such source or model, or nothing happened to it yet.
    """
    ids = [_source_id(transaction, source)] if source is not None else _all(transaction, model)
    return _explained(transaction, _last(transaction, ids, model), webhooks)


def _source_id(transaction: Transaction, source: str) -> int:
    return sources.choose(transaction, source).id


def _all(transaction: Transaction, model: str | None) -> list[int]:
    """The sources that a model is looked for in; none where any event will do.

    Raises:
        SourceNeededError: there are too many to look for it in all of them.
    """
    if model is None:
        return []
    if source_names.count(transaction) > _MOST_SOURCES:
        return [sources.choose(transaction, None).id]
    return [state.id for state in sources.states(transaction)]


def _last(transaction: Transaction, source_ids: Sequence[int], model: str | None) -> Event:
    """The event that was recorded last.

    Raises:
        NotFoundError: there is none.
    """
    wanted = EventFilter(limit=1)
    if model is not None:
        with_it = versions.sources_with(transaction, model, source_ids)
        if not with_it:
            raise versions.never_seen(transaction, model, source_ids)
        wanted = EventFilter(
            model_ids=[versions.model_id(transaction, one, model) for one in sorted(with_it)],
            limit=1,
        )
    elif len(source_ids) == 1:
        wanted = EventFilter(source_id=source_ids[0], limit=1)
    for _, event in newest(transaction, wanted):
        return event
    raise NotFoundError(f"nothing happened to {model or 'any model'} since the first poll")


def _explained(
    transaction: Transaction, event: Event, webhooks: Iterable[Webhook]
) -> ExplainAnswer:
    configured = {webhook.name: webhook for webhook in webhooks}
    explainer = _Explainer(transaction, event, configured)
    fates = [explainer.routed(route) for route in routes.of_event(transaction, event.id)]
    routed = {fate.webhook for fate in fates}
    others = [webhook for name, webhook in configured.items() if name not in routed]
    fates += _unrouted(transaction, event, others)
    in_order = sorted(fates, key=lambda fate: fate.webhook)
    return ExplainAnswer(event.id, event.type, event.source, event.model, event.at, tuple(in_order))


@dataclass(frozen=True, slots=True)
class _Explainer:
    """Says of one event what became of it, by what each webhook decided."""

    transaction: Transaction
    event: Event
    configured: Mapping[str, Webhook]

    def routed(self, route: Route) -> Fate:
        """Its fate at a webhook that decided on it."""
        if route.verdict in (routes.DELIVERY, routes.DIGEST) and route.detail is not None:
            return self._owed(route, route.detail)
        rule = route.detail if route.verdict == routes.FILTERED else None
        return Fate(route.webhook, route.verdict, self._detail(route), rule=rule)

    def _detail(self, route: Route) -> str | None:
        match route.verdict:
            case routes.DIGEST:
                return self._gathered(route)
            case routes.SILENCED:
                return self._silenced(route)
            case routes.FILTERED:
                return self._filtered(route)
            case routes.BLIP:
                return "undone within the hold: no alert of its own"
        return route.detail

    def _gathered(self, route: Route) -> str:
        at = states.state(self.transaction, route.webhook).digest_at
        return "waits for the next digest" + (f", at {rfc3339(at)}" if at is not None else "")

    def _silenced(self, route: Route) -> str:
        number = route.detail or ""
        silence = silences.find(self.transaction, int(number)) if number.isdecimal() else None
        if silence is None:
            return f"silence {number}"
        end = f"until {rfc3339(silence.until)}"
        if silence.removed_at is not None:
            end = f"removed at {rfc3339(silence.removed_at)}"
        return f"silence {number} ({silence.glob}, {end}): {silence.reason}"

    def _filtered(self, route: Route) -> str:
        rule = route.detail or ""
        if rule == routes.REMOVED:
            return "gathered for a digest, when the webhook was removed"
        webhook = self.configured.get(route.webhook)
        aliases = NO_ALIASES if webhook is None else webhook.aliases
        others = usage.other_names(self.transaction, self.event, aliases)
        quantities = usage.monthly_quantities(self.transaction)
        cost = usage.monthly_difference(quantities, self.event, others)
        return f"by the rule {compared(rule, self.event, webhook, cost)}"

    def _owed(self, route: Route, delivery_id: str) -> Fate:
        delivery = deliveries.by_id(self.transaction, delivery_id)
        state = delivery.state if delivery is not None else "pruned"
        detail = delivery_id if delivery is None else _progress(delivery)
        if route.verdict == routes.DIGEST:
            of = f" of {rfc3339(delivery.created_at)}" if delivery is not None else ""
            detail = f"in the digest{of}, {detail}"
        return Fate(route.webhook, _VERDICTS.get(state, state), detail, delivery_id)


def _progress(delivery: Delivery) -> str:
    """`dlv_…, next try at …: 503`: the message, how far it came, and what went wrong last."""
    words = delivery.id
    if delivery.delivered_at is not None:
        words += f" at {rfc3339(delivery.delivered_at)}"
    elif delivery.state == deliveries.PENDING and delivery.attempts:
        words += f", next try at {rfc3339(delivery.next_at)}"
    elif delivery.state == deliveries.DEAD:
        words += f" after {counted(delivery.attempts, 'attempt')}"
    return f"{words}: {delivery.last_error}" if delivery.last_error else words


def _unrouted(
    transaction: Transaction, event: Event, webhooks: Sequence[Webhook]
) -> Iterator[Fate]:
    """Its fates where none is written down: of what a webhook's `sources` leaves out none is."""
    held = held_changes.waiting(transaction, event.id)
    kept = kept_sources.labels_of(transaction, [event.source]) if webhooks else {}
    for own in webhooks:
        webhook = replace(own, labels={**kept, **own.labels})
        if concerns(webhook, event.source):
            yield _undecided(event, webhook.name, held)
        else:
            words = compared("sources", event, webhook, None)
            yield Fate(webhook.name, routes.FILTERED, f"by the rule {words}", rule="sources")


def _undecided(event: Event, webhook: str, held: Held | None) -> Fate:
    if event.type == PAUSED:
        return Fate(webhook, "none", "not owed: told by those that were not paused, chats first")
    if held is None:
        return Fate(
            webhook,
            "none",
            "not owed: imported, or the webhook was added, or given this source, later",
        )
    what = "undone; one line is due" if held.blip else "announced then if it lasts"
    return Fate(webhook, "held", f"until {rfc3339(held.due_at)}: {what}")
