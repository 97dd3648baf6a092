"""Whether it lives, whether it can answer, and how everything is in numbers."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from pricetrail.queries import metrics, readiness
from pricetrail.web.api.shapes.sources import Health, Readiness
from pricetrail.web.bodies import Body
from pricetrail.web.metrics import exposition_of
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

router = APIRouter(tags=["service"])

_UNCACHED = {"cache-control": "no-store"}
Sources = Annotated[
    bool, Query(description="Also whether every source was polled when it should have been.")
]


@router.get("/healthz", response_model=Health)
async def alive() -> Response:
    """The process answers."""
    return JSONResponse({"status": "ok"}, headers=_UNCACHED)


@router.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
def ready(request: Request, sources: Sources = False) -> Response:
    """Whether the database can be reached and its schema is right: 200, or 503 and why."""
    database = site_of(request).database
    now = database.now()
    with database.read() as transaction:
        answer = readiness.ask(transaction, now, sources=sources)
    return JSONResponse(answer.as_json(), 200 if answer.ready else 503, _UNCACHED)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def numbers(request: Request) -> Response:
    """Metrics of every source and webhook, for Prometheus; the same from every replica."""
    site = site_of(request)
    now = site.database.now()
    with site.database.read() as transaction:
        answer = metrics.ask(transaction, now, site.metrics_prices, site.configured or {})
    text = exposition_of(answer, request.headers.get("accept"))
    return reply(
        request, Body([text.body]), text.content_type, timeless=False, headers={"vary": "accept"}
    )
