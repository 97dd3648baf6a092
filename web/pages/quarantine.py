"""Quarantine: catalogs that were set aside, and what approving one would announce."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.events import Event
from pricetrail.queries import quarantine
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls.quarantine import HELD, SetAside
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import listed
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.bodies import Body
from pricetrail.web.layout import page
from pricetrail.web.pages.folding import paragraphs_of
from pricetrail.web.replies import JSON, reply

router = APIRouter(include_in_schema=False)

# Catalogs on one page, of those that wait and of those that do not; events that are told of one.
_SHOWN = 50
_EVENTS = 200
_NUMBER = Annotated[int, Path(ge=1, le=2**62)]
# What became of a catalog, as people say it.
_STATES = {
    "held": "waiting for a decision",
    "approved": "approved",
    "rejected": "rejected",
    "confirmed": "accepted automatically: later polls matched it",
    "superseded": "superseded by a later catalog",
}


@router.get("/quarantine")
def show(
    asked: ThisRequest, number: Annotated[int, Query(ge=1, le=100_000, alias="page")] = 1
) -> Response:
    """Those that wait, then what was decided, newest first."""
    with asked.site.database.read() as transaction:
        held = quarantine.ask(transaction, asked.source, held=True, limit=_SHOWN)
        before = (number - 1) * _SHOWN
        decided = quarantine.ask(transaction, asked.source, held=False, limit=_SHOWN, skip=before)
    return page(
        asked.request,
        "quarantine.html",
        title="Quarantine",
        active="quarantine",
        at="",  # it tells of now, whatever the page before showed
        timeless=True,
        sources=asked.sources,
        held=held.entries[::-1],
        held_count=held.total,
        decided=decided.entries[::-1],
        decided_count=decided.total,
        number=number,
        more=decided.total > number * _SHOWN,
        states=_STATES,
        listed=listed,
    )


@router.get("/quarantine/{number}")
def show_one(asked: ThisRequest, number: _NUMBER) -> Response:
    """One catalog that was set aside: why, what it would announce, and the commands."""
    with asked.site.database.read() as transaction:
        entry = quarantine.ask_one(transaction, number)
        events, problem = _announced(asked, transaction, entry)
    return page(
        asked.request,
        "quarantine_entry.html",
        title=f"Quarantine {number}",
        active="quarantine",
        at="",  # it tells of now, whatever the page before showed
        timeless=True,
        entry=entry,
        waits=entry.state == HELD,
        events=events,
        told=paragraphs_of((events or ())[:_EVENTS]),
        further=max(0, len(events or ()) - _EVENTS),
        problem=problem,
        states=_STATES,
        listed=listed,
    )


@router.get("/quarantine/{number}/body")
def body(asked: ThisRequest, number: _NUMBER) -> Response:
    """The body that was set aside, byte for byte, to be saved."""
    with asked.site.database.read() as transaction:
        content = quarantine.ask_body(transaction, number)
    saved = {"content-disposition": f'attachment; filename="quarantine-{number}.json"'}
    return reply(asked.request, Body([content]), JSON, headers=saved)


def _announced(
    asked: Asked, transaction: Transaction, entry: SetAside
) -> tuple[tuple[Event, ...] | None, str]:
    """What approving it would announce; None where nobody can say, and why."""
    if entry.state != HELD or asked.site.review is None:
        return None, ""
    try:
        return asked.site.review(transaction, entry.id).events, ""
    except PricetrailError as error:
        # The page says what there is all the same: its reason, its body, the commands.
        return None, sanitize(error, 600)
