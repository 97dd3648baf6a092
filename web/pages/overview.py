"""The overview: what needs a person, how each source is, and what changed last."""

from datetime import datetime, timedelta

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.queries import activity, overview, timeline
from pricetrail.queries.overview import OverviewAnswer
from pricetrail.queries.sources import SourceHealth
from pricetrail.queries.timeline import Wanted
from pricetrail.text.sums import counted
from pricetrail.web.asked import ThisRequest
from pricetrail.web.charts.bars import bars
from pricetrail.web.layout import BRIEFLY, page
from pricetrail.web.pages.folding import folded

router = APIRouter(include_in_schema=False)

# So many snapshots are looked at for the latest changes.
_LATEST = 20
# Whoever polls from cron has no slots here; a source is asked about after so long.
_LONG = timedelta(days=2)


@router.get("/")
def page_of_overview(asked: ThisRequest) -> Response:
    """Every source and its health, and the latest changes."""
    database = asked.site.database
    now = database.now()
    with database.read() as transaction:
        answer = overview.ask(transaction, now, asked.site.webhooks)
        active = activity.ask(transaction, now=now)
    latest = timeline.ask(database, None, Wanted(until=asked.at), limit=_LATEST)
    return page(
        asked.request,
        "overview.html",
        title="Overview",
        active="overview",
        timeless=BRIEFLY,
        answer=answer,
        lines=[
            (item, *health(item, answer, now), bars(active.days[item.name]))
            for item in answer.sources
        ],
        all=folded(latest.groups, over_time=True),
    )


def health(source: SourceHealth, answer: OverviewAnswer, now: datetime) -> tuple[str, str]:
    """How a source is: a class of the stylesheet, and words."""
    if source.paused:
        return "quiet", "paused"
    if source.failures:
        return "warn", counted(source.failures, "poll failed", "polls failed")
    if source.quarantined:
        return "warn", "set aside"
    if source.name in answer.overdue:
        return "warn", "overdue"
    if source.last_poll is None:
        return "quiet", "not polled yet"
    if source.next_slot is None and now - source.last_poll > _LONG:
        return "quiet", "not polled lately"
    return "good", "good"
