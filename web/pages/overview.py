"""The overview: what needs a person, how each source is, and what changed last."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from pricetrail.queries import activity, overview, sources, timeline
from pricetrail.queries.conditions import condition
from pricetrail.queries.source_selection import EVERY, Selection
from pricetrail.queries.timeline import Wanted
from pricetrail.web.asked import ThisRequest
from pricetrail.web.charts.bars import bars
from pricetrail.web.layout import BRIEFLY, page
from pricetrail.web.pages.folding import folded

router = APIRouter(include_in_schema=False)

Number = Annotated[int, Query(ge=1, le=100_000, alias="page")]
# So many sources are on one page.
_SHOWN = 50
# So many snapshots are looked at for the latest changes.
_LATEST = 20


@router.get("/")
def page_of_overview(asked: ThisRequest, q: str = "", number: Number = 1) -> Response:
    """The sources and their health, those that need somebody first, and the latest changes."""
    database = asked.site.database
    now = database.now()
    with database.read() as transaction:
        known = asked.site.configured
        # Where all are seen at once they stand by name, where they stood yesterday.
        many = bool(q.strip()) or sources.count(transaction, known) > _SHOWN
        page_ = Selection.of_text(q, skip=(number - 1) * _SHOWN, limit=_SHOWN)
        selection = page_ if many else EVERY
        answer = overview.ask(transaction, now, asked.site.webhooks, known, selection)
        active = activity.ask(transaction, [item.name for item in answer.sources], now=now)
    latest = timeline.ask(database, None, Wanted(until=asked.at), limit=_LATEST)
    return page(
        asked.request,
        "overview.html",
        title="Overview",
        active="overview",
        timeless=BRIEFLY,
        answer=answer,
        q=q.strip(),
        number=number,
        pages=max(1, -(-answer.matching // _SHOWN)),
        many=many,
        lines=[
            (item, *condition(item, now), bars(active.days[item.name])) for item in answer.sources
        ],
        all=folded(latest.groups, over_time=True),
    )
