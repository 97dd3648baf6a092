"""The timeline: what happened, grouped as it was announced; and one event by itself."""

from decimal import Decimal, InvalidOperation

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.events import (
    ADDED,
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    UPDATED,
)
from pricetrail.queries import events, explain, timeline
from pricetrail.queries.timeline import Wanted
from pricetrail.web.asked import ThisRequest, moment
from pricetrail.web.layout import page
from pricetrail.web.pages.folding import folded

router = APIRouter(include_in_schema=False)

_TYPES = (
    (REPRICED, "prices changed"),
    (ADDED, "new models"),
    (REMOVED, "no longer visible"),
    (UPDATED, "updated"),
    (SUNSET, "to be retired"),
    (SCHEMA_CHANGED, "catalog format changed"),
    (FAILING, "polls failing"),
    (RECOVERED, "polling recovered"),
    (QUARANTINED, "set aside in quarantine"),
    (RELEASED, "quarantine resolved"),
)
_DIRECTIONS = (
    ("increase", "▲ up"),
    ("decrease", "▼ down"),
    ("mixed", "mixed"),
    ("none", "no direction"),
)


@router.get("/timeline")
def page_of_timeline(
    asked: ThisRequest,
    type: str = "",  # noqa: A002 - the name in the address
    model: str = "",
    direction: str = "",
    percent: str = "",
    since: str = "",
    cursor: str = "",
) -> Response:
    """What happened last, or behind a cursor."""
    wanted = Wanted(
        types=(type,) if type else (),
        model=model or None,
        direction=direction or None,
        min_percent=_percent(percent),
        since=moment("since", since),
        until=asked.at,
    )
    answer = timeline.ask(
        asked.site.database, asked.source, wanted, cursor=cursor or None, limit=30
    )
    return page(
        asked.request,
        "timeline.html",
        title="Timeline",
        active="timeline",
        timeless=True,
        all=folded(answer.groups),
        next=answer.next,
        sources=asked.sources,
        types=_TYPES,
        directions=_DIRECTIONS,
        filtered=any((type, model, direction, percent, since, asked.source)),
    )


@router.get("/event/{event_id}")
def page_of_event(asked: ThisRequest, event_id: str) -> Response:
    """One event: what it says, and what became of it at each webhook."""
    with asked.site.database.read() as transaction:
        event = events.ask_one(transaction, event_id)
        fates = explain.ask(transaction, event.id, asked.site.webhooks).fates
    return page(
        asked.request,
        "event.html",
        title=f"{event.type} {event.model or event.source}",
        active="timeline",
        timeless=True,
        event=event,
        fates=fates,
        types=dict(_TYPES),
    )


def _percent(text: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        number = Decimal(text.strip().removesuffix("%"))
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or number < 0:
        raise InvalidInputError(f'"At least %" must be a number, 0 or more, not {text[:40]!r}')
    return number
