"""Models and what they cost: the catalog, one price at a time, the history of a model."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.queries import history, price
from pricetrail.queries.revisions import is_settled
from pricetrail.storage import sources
from pricetrail.web.api.listings import listing
from pricetrail.web.api.parameters import (
    At,
    Field,
    ModelId,
    Source,
    asked_at,
    asked_field,
    only_known,
)
from pricetrail.web.api.shapes.prices import GatewayList, History, PriceAnswer
from pricetrail.web.bodies import of_json
from pricetrail.web.paths import MODEL_ID
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(prefix="/api/v1/models", tags=["prices"], dependencies=[Depends(only_known)])


@router.get("", response_model=GatewayList)
def models(request: Request, at: At = None, source: Source = None) -> Response:
    """The catalog, now or as of a time, in the gateway's own shape."""
    return listing(request, source or None, asked_at("at", at))


# An id may end like an address of ours: what is behind the last slash decides.
@router.get(MODEL_ID + "/price", response_model=PriceAnswer)
def price_of(
    request: Request, model_id: ModelId, at: At = None, field: Field = None, source: Source = None
) -> Response:
    """The prices in force at a time, and how certain that is."""
    moment = asked_at("at", at)
    with site_of(request).database.read() as transaction:
        answer = price.ask(transaction, source or None, model_id, moment, asked_field(field))
        state = sources.choose(transaction, answer.source)
        settled = is_settled(transaction, state, moment)
    return reply(request, of_json(answer), settled=settled)


@router.get(MODEL_ID + "/history", response_model=History)
def history_of(
    request: Request, model_id: ModelId, field: Field = None, source: Source = None
) -> Response:
    """Every change of a model, or of one price of it, oldest first."""
    database = site_of(request).database
    answer = history.ask(database, source or None, model_id, asked_field(field))
    return reply(request, of_json(answer))
