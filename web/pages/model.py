"""One model: its prices over time, what is in force, what changed, and what a use costs."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from decimal import Decimal
from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends
from markupsafe import Markup
from starlette.responses import Response

from pricetrail.audit import one_use
from pricetrail.audit.one_use import OneUse, Use
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.bills import PATHS
from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.strict_json import indented, printable
from pricetrail.catalog.sunset_dates import sunset_of
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import compare, trail
from pricetrail.queries.model_history import find_subject
from pricetrail.queries.offers import Offer
from pricetrail.queries.trail import TrailAnswer
from pricetrail.storage.database import Transaction
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import places_of
from pricetrail.web.asked import Asked, ThisRequest, moment
from pricetrail.web.charts.kept import figures_of
from pricetrail.web.charts.marks import Links
from pricetrail.web.charts.steps import charts_of
from pricetrail.web.charts.words import group_words, unit_words
from pricetrail.web.layout import BRIEFLY, address, page
from pricetrail.web.pages.ranges import MOST, WORDS, choices, since_of
from pricetrail.web.paths import MODEL_ID

router = APIRouter(include_in_schema=False)

# So many of the latest changes are listed; the timeline has all.
_LATEST = 30


_COMPARED = 2
# Of so many conditions the charts stand among the others.
_MOST_CONDITIONS = 2
# What a link to another time keeps of the address.
_KEPT = ("source", "at", "then", "service", *one_use.QUANTITIES)


def _used(
    prompt: str = "",
    cache_read: str = "",
    cache_write: str = "",
    completion: str = "",
    reasoning: str = "",
    images: str = "",
    video_seconds: str = "",
    audio_seconds: str = "",
) -> dict[str, str]:
    """The use as it was written: every one of `one_use.QUANTITIES`."""
    return locals()


class _Form(NamedTuple):
    """What use is computed at which times; `problems` of what was written, by field.

    `service` is its service tier, `now` the time of day of what is asked for as last seen.
    """

    used: Mapping[str, Decimal]
    service: str
    now: datetime
    times: Sequence[datetime | None]
    problems: Mapping[str, str]


@router.get("/model" + MODEL_ID)
def page_of_model(
    asked: ThisRequest,
    model_id: str,
    used: Annotated[dict[str, str], Depends(_used)],
    since: str = "",
    until: str = "",
    then: str = "",
    service: str = "",
) -> Response:
    """Everything about a model, as of a time or now."""
    database = asked.site.database
    now = database.now()
    end = moment("until", until) or asked.at
    with database.read() as transaction:
        offers = _offers(transaction, asked, model_id)
        named = _offers(transaction, asked, model_id, asked.site.aliases)
        source = asked.source or (offers[0].source if offers else asked.chosen)
        subject = find_subject(transaction, source, model_id)
        crowded = trail.find_crowded(transaction, subject, end or now, MOST)
        shown, begin = since_of(since, end or now, crowded)
        latest = {offer.source: offer.answer for offer in offers if asked.at is None}
        price = latest.get(subject.source.name)
        told = trail.ask_about(transaction, subject, now=now, since=begin, until=end, latest=price)
        form = _form(asked, used, then, service, now)
        uses = _uses(transaction, told, form)
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
        shortened=crowded is not None and not since.strip(),
        document_text=_shown(told),
        sunset=sunset_of(told.document),
        others=_others(named, told),
        ranges=choices(shown, told),
        shown=shown,
        shown_words=WORDS.get(shown),
        form=form,
        uses=uses,
        places=_places(uses),
        quantities=_asked_for(told, form.problems),
        services=sorted({one.condition.service for one in told.groups} - {""}),
        then=then,
    )


class _Charts(NamedTuple):
    """What each chart is of, and the chart: those at first sight, and those that are folded up."""

    usual: Sequence[tuple[str, Markup]]
    folded: Sequence[tuple[str, Markup]]


def _charts(asked: Asked, told: TrailAnswer) -> _Charts:
    """Every chart; a spot with many changes leads into its time.

    Where prices hold on many conditions, the charts of these would bury the others.
    """
    root, query = asked.site.root_path, asked.request.query_params
    kept = {name: query[name] for name in _KEPT if query.get(name)}
    here = root + address(f"/model/{told.model}", kept) + ("&" if kept else "?")

    def between(begin: datetime, end: datetime) -> str:
        since, until = (rfc3339(at).replace(":", "%3A") for at in (begin, end))
        return f"{here}since={since}&until={until}"

    links = Links(lambda event: root + address(f"/event/{event}", {}), between)
    groups = list(charts_of(told))
    figures = figures_of(told, links, (root, *kept.items()))
    drawn = [
        (f"{group_words(group)}, {unit_words(group.unit)}", figure)
        for group, figure in zip(groups, figures, strict=True)
    ]
    usual = sum(not group.condition for group in groups)
    if len(groups) - usual <= _MOST_CONDITIONS or not usual:
        return _Charts(drawn, ())
    return _Charts(drawn[:usual], drawn[usual:])


def _offers(
    transaction: Transaction, asked: Asked, model: str, aliases: Aliases = NO_ALIASES
) -> Sequence[Offer]:
    """What each source asks for the model, cheapest first; nothing where none shows it then.

    Where there are too many sources to ask all of them, what one asks.
    """
    many = asked.sources.total > compare.MOST_SOURCES
    among = [asked.chosen] if many and asked.chosen is not None else []
    try:
        found = compare.ask(transaction, model, asked.at, among=among, dated=False, aliases=aliases)
        return found.models[0].offers
    except NotFoundError:
        return ()


def _others(offers: Sequence[Offer], told: TrailAnswer) -> list[Offer]:
    """All offers but the one that the page is about."""
    return [one for one in offers if (one.source, one.name) != (told.source, told.model)]


def _uses(transaction: Transaction, told: TrailAnswer, form: _Form) -> list[OneUse]:
    """What the use costs by the prices of each time."""
    uses: list[OneUse] = []
    use, subject = Use(form.used, form.service), (told.source, told.model)
    for moment_ in form.times if form.used else ():
        with suppress(NotFoundError):
            uses.append(one_use.ask(transaction, *subject, use, moment_, now=form.now))
    return uses


def _form(
    asked: Asked, written: Mapping[str, str], then: str, service: str, now: datetime
) -> _Form:
    """The use that was asked for; where a part of it cannot be read, nothing is computed."""
    used, problems = one_use.filled_in(written)
    try:
        times = _times(asked.at, then)
    except InvalidInputError as error:
        times, problems["then"] = [], sanitize(str(error).removeprefix("then: "), 200)
    return _Form({} if problems else used, service, now, times, problems)


def _times(at: datetime | None, then: str) -> list[datetime | None]:
    """The page's time, and another where somebody wrote one; None is now."""
    other = moment("then", then)
    return [at, other] if then.strip() and other != at else [at]


def _places(uses: Sequence[OneUse]) -> int | None:
    """The decimals of sums that are compared; None where there is but one, rounded by itself."""
    if len(uses) != _COMPARED:
        return None
    costs = [use.bill.cost for use in uses]
    return places_of([*costs, costs[0] - costs[1]])


def _asked_for(told: TrailAnswer, problems: Iterable[str]) -> dict[str, str]:
    """The quantities that the model has a price for, and those with which something is wrong."""
    paths = {one.path for group in told.groups if not group.condition for one in group.prices}
    return {
        name: words
        for name, words in one_use.QUANTITIES.items()
        if PATHS[name] in paths or name in problems
    }


def _shown(told: TrailAnswer) -> str:
    """The document as it was served, each number as it was written, in lines."""
    return printable(indented(told.document))
