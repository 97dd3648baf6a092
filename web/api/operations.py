"""What is owed to webhooks, and the catalogs that were set aside."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import deliveries as outbox
from pricetrail.queries import quarantine
from pricetrail.web.api.parameters import AnySource, only_known
from pricetrail.web.api.shapes.sources import Deliveries, Quarantine
from pricetrail.web.bodies import of_json
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1", tags=["operations"], dependencies=[Depends(only_known)])

State = Literal["pending", "leased", "delivered", "dead", "cancelled"]


@router.get("/deliveries", response_model=Deliveries)
def deliveries(
    request: Request,
    state: Annotated[list[State], Query(description="Only in this state; may be repeated.")] = [],  # noqa: B006 - FastAPI copies it
    webhook: Annotated[str | None, Query(description="Only messages to this webhook.")] = None,
    limit: Annotated[
        int | None, Query(description="Only this many of the newest.", ge=1, le=1_000_000)
    ] = None,
) -> Response:
    """The outbox, oldest first: what was sent, what is waiting, what is dead."""
    answer = outbox.ask(site_of(request).database, state, webhook or None, limit)
    return reply(request, of_json(answer))


@router.get("/quarantine", response_model=Quarantine)
def set_aside(
    request: Request,
    source: AnySource = None,
    held: Annotated[bool, Query(description="Only those waiting for a decision.")] = False,
) -> Response:
    """The catalogs that were set aside because they looked wrong, oldest first."""
    with site_of(request).database.read() as transaction:
        answer = quarantine.ask(transaction, source or None, held=held or None)
    return reply(request, of_json(answer))
