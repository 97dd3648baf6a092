"""Two versions or times of one source: what lies between them."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import snapshot
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.storage.database import Transaction
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.layout import page
from pricetrail.web.tables.differences import Difference, difference

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


@router.get("/compare")
def compare(asked: ThisRequest, a: str = "", b: str = "", all: str = "") -> Response:  # noqa: A002 - the name in the address
    """What was added, removed, repriced and updated between two revisions."""
    now = asked.site.database.now()
    quick: list[Quick] = []
    found: Difference | None = None
    a, b = _named(a), _named(b)
    with asked.site.database.read() as transaction:
        newest = _newest(transaction, asked)
        if newest is not None:
            quick = list(_quick(transaction, asked, newest, now))
            a, b = a or _usual(transaction, newest, quick).a, b or quick[-1].b
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
        of_source=asked.chosen if asked.sources.total > 1 else None,
    )


def _named(text: str) -> str:
    """A revision that somebody wrote; `now`, as times are asked for elsewhere, is the latest."""
    return "latest" if text.strip() == "now" else text.strip()


def _newest(transaction: Transaction, asked: Asked) -> SnapshotAnswer | None:
    """The last version, now or at the time; None where there is none yet.

    Raises:
        NotFoundError: no such source, or it had none at the time that was asked for.
    """
    if asked.chosen is None:
        return None
    try:
        return snapshot.ask(transaction, asked.chosen, _last(asked))
    except NotFoundError:
        if asked.at is not None or not asked.is_there:
            raise
        return None


def _last(asked: Asked) -> str:
    return "latest" if asked.at is None else rfc3339(asked.at)


def _quick(
    transaction: Transaction, asked: Asked, newest: SnapshotAnswer, now: datetime
) -> Iterator[Quick]:
    """The comparisons with a time before, as far back as there is history; then with its begin."""
    last = _last(asked)
    baseline = snapshot.ask(transaction, asked.chosen, "baseline")
    end = (min(asked.at, now) if asked.at else now).replace(second=0, microsecond=0)
    if newest.version > 1:
        yield Quick("last change", str(newest.version - 1), str(newest.version))
    for words, days in _BACK:
        begin = end - timedelta(days=days)
        if begin >= baseline.not_after:
            yield Quick(words, rfc3339(begin), last, days)
    yield Quick("baseline to latest" if asked.at is None else "baseline to then", "baseline", last)


def _usual(transaction: Transaction, newest: SnapshotAnswer, quick: list[Quick]) -> Quick:
    """What is compared where nobody said: the last week, or longer where nothing changed in it."""
    for item in quick:
        if (item.days or 0) >= _USUAL:
            then = snapshot.ask(transaction, newest.source, item.a)
            if then.version != newest.version:
                return item
    return quick[-1]
