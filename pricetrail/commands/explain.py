"""`pricetrail explain`: what became of one event, webhook by webhook."""

from typing import TYPE_CHECKING, Any

import click

from pricetrail.context import App, pass_app
from pricetrail.options import json_option

if TYPE_CHECKING:
    from pricetrail.storage.database import Transaction
    from pricetrail.storage.outbox.routes import Route


@click.command(
    epilog="""\b
Examples:
  pricetrail explain evt_5c8e…
  pricetrail explain evt_5c8e… --json
"""
)
@click.argument("event_id", metavar="EVENT")
@json_option
@pass_app
def command(app: App, event_id: str, as_json: bool) -> None:
    """Say for each webhook what became of EVENT, and why.

    It was sent, filtered by which rule, held, silenced, put in a digest, or is dead.
    """
    from pricetrail.catalog.times import rfc3339
    from pricetrail.render import line, print_json, table
    from pricetrail.storage.history import events
    from pricetrail.storage.outbox import routes
    from pricetrail.storage.polls import held_changes

    with app.database().read() as connection:
        event = events.require(connection, event_id)
        fates = [_fate(connection, route) for route in routes.of_event(connection, event.id)]
        held = held_changes.waiting(connection, event.id)
    routed = {fate["webhook"] for fate in fates}
    for name in app.settings.webhooks:
        if held is not None and name not in routed:
            what = "undone; one line is due" if held.blip else "announced then if it lasts"
            detail = f"until {rfc3339(held.due_at)}: {what}"
            fates.append({"webhook": name, "verdict": "held", "detail": detail})
        elif name not in routed:
            detail = "not owed: imported, or the webhook was added later"
            fates.append({"webhook": name, "verdict": "none", "detail": detail})
    fates.sort(key=lambda fate: str(fate["webhook"]))
    if as_json:
        summary = {"id": event.id, "type": event.type, "source": event.source}
        print_json({"event": summary | {"model": event.model}, "webhooks": fates})
        return
    line(f"{event.type} {event.model or ''} of {event.source}, seen by {rfc3339(event.at)}\n")
    table(("webhook", "verdict", "detail"), [list(fate.values()) for fate in fates])


def _fate(connection: "Transaction", route: "Route") -> dict[str, Any]:
    from pricetrail.storage.outbox import deliveries, routes

    verdict, detail = route.verdict, route.detail
    if verdict in (routes.DELIVERY, routes.DIGEST) and detail is not None:
        delivery = deliveries.by_id(connection, detail)
        state = delivery.state if delivery is not None else "pruned"
        name = _STATES.get(state, state)
        where = "in a digest, " if verdict == routes.DIGEST else ""
        why = f": {delivery.last_error}" if delivery and delivery.last_error else ""
        return {"webhook": route.webhook, "verdict": name, "detail": f"{where}{detail}{why}"}
    if verdict == routes.DIGEST:
        detail = "waits for the next digest"
    elif verdict == routes.SILENCED:
        detail = f"silence {detail}"
    elif verdict == routes.BLIP:
        detail = "undone within the hold: no alert of its own"
    elif verdict == routes.FILTERED:
        detail = f"by the rule {detail}"
    return {"webhook": route.webhook, "verdict": verdict, "detail": detail}


_STATES = {"delivered": "sent", "pending": "waiting", "leased": "being sent"}
