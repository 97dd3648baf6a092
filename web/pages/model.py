"""One model: its prices over time, what is in force, what changed, and what a use costs."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from decimal import Decimal

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from pricetrail.audit import one_use
from pricetrail.audit.one_use import OneUse
from pricetrail.catalog.bills import PATHS
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import indented, printable
from pricetrail.queries import compare, trail
from pricetrail.queries.offers import Offer
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.database import Transaction
from pricetrail.web.asked import Asked, ThisRequest, moment
from pricetrail.web.charts.marks import Links
from pricetrail.web.charts.steps import charts_of, figure
from pricetrail.web.charts.words import group_words, unit_words
from pricetrail.web.layout import BRIEFLY, address, page
from pricetrail.web.paths import MODEL_ID

router = APIRouter(include_in_schema=False)

# So many of the latest changes are listed; the timeline has all.
_LATEST = 30
_RANGES = ((7, "7 days"), (30, "30 days"), (365, "1 year"))


@router.get("/model" + MODEL_ID)
def page_of_model(
    asked: ThisRequest,
    model_id: str,
    since: str = "",
    until: str = "",
    then: str = "",
) -> Response:
    """Everything about a model, as of a time or now."""
    database = asked.site.database
    now = database.now()
    begin, end = moment("since", since), moment("until", until) or asked.at
    with database.read() as transaction:
        offers = _offers(transaction, model_id, asked.at)
        source = asked.source or (offers[0].source if offers else asked.chosen)
        told = trail.ask(transaction, source, model_id, now=now, since=begin, until=end)
        used = one_use.quantities(dict(asked.request.query_params))
        uses = _uses(transaction, told, used, _times(asked.at, then)) if used else []
    return page(
        asked.request,
        "model.html",
        title=model_id,
        active="catalog",
        timeless=BRIEFLY,
        trail=told,
        charts=_charts(asked, told),
        latest=told.events[::-1][:_LATEST],
        more=len(told.events) - _LATEST,
        document_text=_shown(told),
        offers=offers,
        ranges=_ranges(told),
        used=used,
        uses=uses,
        quantities=_asked_for(told),
        then=then,
    )


def _charts(asked: Asked, told: TrailAnswer) -> list[tuple[str, Markup]]:
    """What each chart is of, and the chart; a spot with many changes leads into its time."""
    root = asked.site.root_path

    def between(begin: datetime, end: datetime) -> str:
        query = dict(asked.request.query_params) | {"since": begin, "until": end}
        return root + address(f"/model/{told.model}", query)

    links = Links(lambda event: root + address(f"/event/{event}", {}), between)
    return [
        (
            f"{group_words(group)}, {unit_words(group.unit)}",
            figure(told, group, f"chart-{number}", links),
        )
        for number, group in enumerate(charts_of(told), 1)
    ]


def _offers(transaction: Transaction, model: str, at: datetime | None) -> Sequence[Offer]:
    """What each source asks for the model, cheapest first; nothing where none shows it then."""
    try:
        return compare.ask(transaction, model, at).models[0].offers
    except NotFoundError:
        return ()


def _uses(
    transaction: Transaction,
    told: TrailAnswer,
    used: Mapping[str, Decimal],
    times: Sequence[datetime | None],
) -> list[OneUse]:
    """What the use costs by the prices of each time."""
    uses: list[OneUse] = []
    for moment_ in times:
        with suppress(NotFoundError):
            uses.append(one_use.ask(transaction, told.source, told.model, used, moment_))
    return uses


def _times(at: datetime | None, then: str) -> list[datetime | None]:
    """The page's time, and another where somebody wrote one; None is now."""
    other = moment("then", then)
    return [at, other] if then.strip() and other != at else [at]


def _asked_for(told: TrailAnswer) -> dict[str, str]:
    """The quantities that the model has a price for."""
    paths = {one.path for group in told.groups for one in group.prices}
    return {name: words for name, words in one_use.QUANTITIES.items() if PATHS[name] in paths}


def _ranges(told: TrailAnswer) -> list[tuple[str, datetime]]:
    """The ranges that are shorter than what is known: their names and beginnings."""
    return [
        (words, told.until - timedelta(days=days))
        for days, words in _RANGES
        if told.until - timedelta(days=days) > told.first_seen
    ]


def _shown(told: TrailAnswer) -> str:
    """The document as it was served, each number as it was written, in lines."""
    return printable(indented(told.document))
