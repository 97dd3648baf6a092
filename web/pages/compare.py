"""Two versions or times of one source: what lies between them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import snapshot
from pricetrail.storage.database import Transaction
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.layout import page
from pricetrail.web.listings.differences import Difference, difference

router = APIRouter(include_in_schema=False)

# So many lines of each kind; the rest on demand.
_MOST_LINES = 100
_BACK = (("since yesterday", 1), ("7 days", 7), ("30 days", 30), ("90 days", 90))
_USUAL = 7


class Quick(NamedTuple):
    """A comparison that is one click away; `days` are None where it is none of so many days."""

    words: str
    a: str
    b: str
    days: int | None = None
    differs: bool = True


@router.get("/compare")
def compare(asked: ThisRequest, a: str = "", b: str = "", all: str = "") -> Response:  # noqa: A002 - the name in the address
    """What was added, removed, repriced and updated between two revisions."""
    now = asked.site.database.now()
    quick: list[Quick] = []
    found: Difference | None = None
    with asked.site.database.read() as transaction:
        if _has_catalog(transaction, asked):
            quick = list(_quick(transaction, asked, now))
            a, b = _defaults(quick, a.strip(), b.strip())
            found = difference(transaction, asked.chosen, a, b)
    return page(
        asked.request,
        "compare.html",
        title="Compare",
        active="compare",
        sources=asked.sources,
        chosen=asked.chosen,
        quick=quick,
        a=a,
        b=b,
        found=found,
        most=None if all else _MOST_LINES,
        of_source=asked.chosen if len(asked.sources) > 1 else None,
    )


def _has_catalog(transaction: Transaction, asked: Asked) -> bool:
    """Whether the source has a version; an unknown source is an error, as everywhere."""
    if asked.chosen is None:
        return False
    try:
        snapshot.ask(transaction, asked.chosen, "latest")
    except NotFoundError:
        if asked.chosen not in asked.sources:
            raise
        return False
    return True


def _quick(transaction: Transaction, asked: Asked, now: datetime) -> Iterator[Quick]:
    """The comparisons with a time before, as far back as there is history; then with its begin."""
    last = "latest" if asked.at is None else rfc3339(asked.at)
    newest = snapshot.ask(transaction, asked.chosen, last)
    baseline = snapshot.ask(transaction, asked.chosen, "baseline")
    end = (min(asked.at, now) if asked.at else now).replace(second=0, microsecond=0)
    if newest.version > 1:
        yield Quick("last change", str(newest.version - 1), str(newest.version))
    for words, days in _BACK:
        begin = end - timedelta(days=days)
        if begin >= baseline.not_after:
            then = snapshot.ask(transaction, asked.chosen, rfc3339(begin))
            differs = then.version != newest.version
            yield Quick(words, rfc3339(begin), last, days, differs)
    yield Quick("baseline to latest" if asked.at is None else "baseline to then", "baseline", last)


def _defaults(quick: list[Quick], a: str, b: str) -> tuple[str, str]:
    """What is compared where nobody said: the last week, or longer where nothing changed in it."""
    weeks = (item for item in quick if item.differs and (item.days or 0) >= _USUAL)
    usual = next(weeks, quick[-1])
    return a or usual.a, b or usual.b
