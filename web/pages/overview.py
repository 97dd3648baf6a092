"""The overview: how each source is, and what changed last."""

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.queries import sources
from pricetrail.web.asked import ThisRequest
from pricetrail.web.layout import page

router = APIRouter(include_in_schema=False)


@router.get("/")
def overview(asked: ThisRequest) -> Response:
    """Every source and its health."""
    with asked.site.database.read() as transaction:
        answer = sources.ask(transaction)
    return page(
        asked.request, "overview.html", title="Overview", active="overview", sources=answer.sources
    )
