"""Deliveries: how each webhook is, what is in the outbox, and what became of one message."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pricetrail.queries import deliveries, webhooks
from pricetrail.storage.outbox.deliveries import CANCELLED, DEAD, DELIVERED, LEASED, Delivery
from pricetrail.text.sums import counted
from pricetrail.web.asked import ThisRequest
from pricetrail.web.layout import page
from pricetrail.web.pages.folding import paragraphs_of

router = APIRouter(include_in_schema=False)

# Messages on one page, and events of one message that are told.
_SHOWN = 50
_EVENTS = 100


@router.get("/deliveries")
def show(
    asked: ThisRequest,
    state: str = "",
    webhook: str = "",
    cursor: Annotated[int | None, Query(ge=1, le=2**62)] = None,
) -> Response:
    """The webhooks, then the messages, newest first."""
    with asked.site.database.read() as transaction:
        hooks = webhooks.ask(transaction, asked.site.webhooks, others=True).webhooks
        found = deliveries.ask_page(transaction, state or None, webhook or None, cursor, _SHOWN)
    return page(
        asked.request,
        "deliveries.html",
        title="Deliveries",
        active="deliveries",
        at="",  # it tells of now, whatever the page before showed
        timeless=True,
        webhooks=hooks,
        configured=bool(asked.site.webhooks),
        messages=found.deliveries,
        older=found.older,
        looked_since=found.since,
        states=tuple(deliveries.PEOPLES),
        chosen_state=state,
        chosen_webhook=webhook,
        begun=cursor is not None,
        state_words=state_words,
    )


@router.get("/delivery/{delivery_id}")
def show_one(asked: ThisRequest, delivery_id: str) -> Response:
    """One message: its attempts, and the events in it."""
    with asked.site.database.read() as transaction:
        answer = deliveries.ask_one(transaction, delivery_id)
        events = deliveries.events_of(transaction, answer.delivery, _EVENTS)
    delivery = answer.delivery
    named = {*delivery.event_ids, *(one for blip in delivery.blips for one in blip)}
    return page(
        asked.request,
        "delivery.html",
        title=f"Message to {delivery.webhook}",
        active="deliveries",
        at="",  # it tells of now, whatever the page before showed
        timeless=True,
        delivery=delivery,
        attempts=answer.attempts_made[::-1],
        told=paragraphs_of(events),
        number=len(named),
        further=len(named) - len(events),
        state_words=state_words,
    )


def state_words(delivery: Delivery) -> tuple[str, str]:
    """What a message's state is called, and how it is marked: `good`, `warn` or `quiet`."""
    if delivery.state == DELIVERED:
        return "delivered", "good"
    if delivery.state == DEAD:
        return f"dead after {counted(delivery.attempts, 'attempt')}", "warn"
    if delivery.state == CANCELLED:
        return "cancelled", "quiet"
    if delivery.state == LEASED:
        return "being sent", "quiet"
    if delivery.attempts:
        return counted(delivery.attempts, "failed attempt"), "warn"
    return "waiting", "quiet"
