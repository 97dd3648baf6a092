"""The overview: what needs a person, how each source is, and what changed last."""

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.queries import activity, overview, timeline
from pricetrail.queries.conditions import condition
from pricetrail.queries.timeline import Wanted
from pricetrail.web.asked import ThisRequest
from pricetrail.web.charts.bars import bars
from pricetrail.web.layout import BRIEFLY, page
from pricetrail.web.pages.folding import folded

router = APIRouter(include_in_schema=False)

# So many snapshots are looked at for the latest changes.
_LATEST = 20


@router.get("/")
def page_of_overview(asked: ThisRequest) -> Response:
    """Every source and its health, and the latest changes."""
    database = asked.site.database
    now = database.now()
    with database.read() as transaction:
        answer = overview.ask(transaction, now, asked.site.webhooks, asked.site.configured)
        names = [item.name for item in answer.sources]
        active = activity.ask(transaction, now=now, others=names)
    latest = timeline.ask(database, None, Wanted(until=asked.at), limit=_LATEST)
    return page(
        asked.request,
        "overview.html",
        title="Overview",
        active="overview",
        timeless=BRIEFLY,
        answer=answer,
        lines=[
            (item, *condition(item, answer.overdue, now), bars(active.days[item.name]))
            for item in answer.sources
        ],
        all=folded(latest.groups, over_time=True),
    )
