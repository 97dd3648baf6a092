"""From events to messages that are owed, by each webhook's filters.

Runs inside the transaction that records the events, or the one that releases what has waited:
a message is owed exactly when its event is there.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import chain

from pricetrail.alerts.filters import concerns, verdict
from pricetrail.alerts.messages import by_occasion
from pricetrail.alerts.webhooks import Webhook, Webhooks
from pricetrail.catalog.aliases import Aliases
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries import holds
from pricetrail.jobs.deliveries.labels import KnownLabels
from pricetrail.jobs.schedule import Schedule
from pricetrail.storage import usage
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import events as log
from pricetrail.storage.outbox import deliveries, silences, webhooks
from pricetrail.storage.outbox import routes as routing
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.outbox.routes import Route
from pricetrail.storage.outbox.silences import Silence
from pricetrail.text.globs import matches

Cost = Callable[[Event, Aliases], Decimal | None]


def announce(
    connection: Transaction, hooks: Webhooks, events: Sequence[Event], now: datetime
) -> int:
    """Owe events to every webhook that wants them; how many messages are new in the outbox."""
    if not hooks or not events:
        return 0
    muted = silences.listed(connection, now)
    cost = costs(connection)
    routes: list[Route] = []
    messages: list[NewDelivery] = []
    for webhook, some in _concerned(connection, hooks, events):
        fates = [_route(webhook, event, muted, cost(event, webhook.aliases)) for event in some]
        wanted = [
            event
            for event, route in zip(some, fates, strict=True)
            if route.verdict == routing.DELIVERY
        ]
        own = _messages(webhook, wanted)
        carriers = {event_id: message.id for message in own for event_id in message.event_ids}
        if any(route.verdict == routing.DIGEST for route in fates):
            _plan_digest(connection, webhook, now)
        routes += (_carried(route, carriers) for route in fates)
        messages += own
    routing.record(connection, routes, now)
    return deliveries.enqueue(connection, messages, now)


def _concerned(
    connection: Transaction, hooks: Webhooks, events: Iterable[Event]
) -> Iterator[tuple[Webhook, list[Event]]]:
    """The webhooks that any of the events may concern by its source, each with those.

    A fleet has as many webhooks as sources: of the others nothing is even written down.
    """
    labels = KnownLabels(connection, events)
    for own in hooks.values():
        webhook = labels.filtering(own)
        some = [event for event in events if concerns(webhook, event.source)]
        if some:
            yield webhook, some


def release(connection: Transaction, hooks: Webhooks, now: datetime) -> int:
    """Announce what was held long enough, and send the digests that are due."""
    ready = holds.release(connection, now)
    enqueued = announce(connection, hooks, ready.events, now)
    enqueued += _announce_blips(connection, hooks, ready.blips, now)
    for webhook in hooks.values():
        _keep_digest(connection, webhook, now)
    for name in webhooks.digests_due(connection, now):
        if name in hooks:
            enqueued += _send_digest(connection, hooks[name], now)
    return enqueued


def costs(connection: Transaction) -> Cost:
    """What a change costs a month at the imported usage, of its model under all of its names.

    `None` where no usage was imported.
    """
    quantities = usage.monthly_quantities(connection)

    def cost(event: Event, aliases: Aliases) -> Decimal | None:
        others = usage.other_names(connection, event, aliases) if quantities else ()
        return usage.monthly_difference(quantities, event, others)

    return cost


def _route(webhook: Webhook, event: Event, muted: Sequence[Silence], cost: Decimal | None) -> Route:
    outcome = verdict(webhook, event, cost)
    if not outcome.wanted:
        return Route(event.id, webhook.name, routing.FILTERED, outcome.rule)
    mute = _silence(muted, event)
    if mute is not None:
        return Route(event.id, webhook.name, routing.SILENCED, str(mute.id))
    if webhook.digest is not None:
        return Route(event.id, webhook.name, routing.DIGEST, None)
    return Route(event.id, webhook.name, routing.DELIVERY, None)


def _silence(muted: Sequence[Silence], event: Event) -> Silence | None:
    if event.model is None:
        return None
    return next((mute for mute in muted if matches(mute.glob, event.model)), None)


def _carried(route: Route, carriers: Mapping[str, str]) -> Route:
    if route.verdict != routing.DELIVERY:
        return route
    return Route(route.event_id, route.webhook, route.verdict, carriers[route.event_id])


def _messages(webhook: Webhook, events: Sequence[Event]) -> list[NewDelivery]:
    """One an event for programs that take single ones; else one for all that a snapshot changed."""
    groups = [[event] for event in events] if webhook.single else by_occasion(events)
    return [_new_delivery(webhook, group) for group in groups]


def _new_delivery(
    webhook: Webhook, events: Sequence[Event], blips: Iterable[Sequence[Event]] = ()
) -> NewDelivery:
    ids = tuple(event.id for event in events)
    flaps = tuple(tuple(event.id for event in blip) for blip in blips)
    text = "\n".join([webhook.name, *ids, *("\n".join(flap) for flap in flaps)])
    name = "dlv_" + hashlib.sha256(text.encode()).hexdigest()[:32]
    return NewDelivery(name, webhook.name, ids, flaps)


def _plan_digest(connection: Transaction, webhook: Webhook, now: datetime) -> None:
    if webhook.digest is not None:
        schedule = Schedule.parse(webhook.digest, webhook.timezone)
        webhooks.plan_digest(connection, webhook.name, schedule.next_after(now))


def _keep_digest(connection: Transaction, webhook: Webhook, now: datetime) -> None:
    """No digest waits beyond its schedule: the clock was ahead, or the setting has changed."""
    if webhook.digest is None:
        return
    following = Schedule.parse(webhook.digest, webhook.timezone).next_after(now)
    webhooks.hasten_digest(connection, webhook.name, following)


def _send_digest(connection: Transaction, webhook: Webhook, now: datetime) -> int:
    ids = routing.gathered(connection, webhook.name)
    events = log.by_ids(connection, ids)
    webhooks.digest_sent(connection, webhook.name)
    if not events:
        return 0
    apart = webhook.for_programs
    messages = _messages(webhook, events) if apart else [_new_delivery(webhook, events)]
    carriers = {event_id: message.id for message in messages for event_id in message.event_ids}
    routing.sent_in_digest(connection, webhook.name, carriers)
    return deliveries.enqueue(connection, messages, now)


def _announce_blips(
    connection: Transaction, hooks: Webhooks, blips: Sequence[list[Event]], now: datetime
) -> int:
    """One line each, in one message, for people only: a program's last word is still true."""
    if not blips:
        return 0
    muted = silences.listed(connection, now)
    routes: list[Route] = []
    messages: list[NewDelivery] = []
    for webhook, _ in _concerned(connection, hooks, list(chain.from_iterable(blips))):
        announced = []
        # The changes that make up a blip are of one model, and so of one source.
        for blip in (blip for blip in blips if concerns(webhook, blip[0].source)):
            fates = [_route(webhook, event, muted, None) for event in blip]
            wanted = any(route.verdict in (routing.DELIVERY, routing.DIGEST) for route in fates)
            if wanted:
                fates = [Route(event.id, webhook.name, routing.BLIP, None) for event in blip]
            if wanted and not webhook.for_programs:
                announced.append(blip)
            routes += fates
        if announced:
            messages.append(_new_delivery(webhook, [], announced))
    routing.record(connection, routes, now)
    return deliveries.enqueue(connection, messages, now)
