"""One time over several sources: who is cheaper."""

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries import compare
from pricetrail.storage.database import Transaction
from pricetrail.storage.remembered import Remembered
from pricetrail.web import layout
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.tables.listed_offers import compared_now
from pricetrail.web.tables.offers import (
    PAGE,
    ComparedRow,
    Comparison,
    Winners,
    comparison,
    matching,
    winners,
)

router = APIRouter(include_in_schema=False)

# So many models of all the comparisons that are kept.
_MOST = 4000
_Known = Remembered[tuple[object, ...], Comparison]


@router.get("/compare/sources")
def compare_sources(
    asked: ThisRequest, q: str = "", sort: str = "", page: int = 1, among: str = ""
) -> Response:
    """What each source asks for the models that several list, the cheapest first.

    Where there are too many sources, of those that are named in `among`, with commas between.
    """
    named = tuple(dict.fromkeys(name for name in map(str.strip, among.split(",")) if name))
    too_many = not named and asked.sources.total > compare.MOST_SOURCES
    found: Comparison | None = None
    rows: Sequence[ComparedRow] = ()
    matched = 0
    if asked.sources.total > 1 and not too_many:
        with asked.site.database.read() as transaction:
            found = _compared(transaction, asked, named)
            if found is not None:
                rows = matching(found.rows, q, by_spread=sort == "difference")
                matched = len(rows)
                rows = rows or _alone(transaction, asked, q.strip(), named)
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(1, page), pages)
    return layout.page(
        asked.request,
        "compare_sources.html",
        title="Compare sources",
        active="compare",
        sources=asked.sources,
        too_many=too_many,
        among=named,
        found=found,
        rows=rows[(number - 1) * PAGE : number * PAGE],
        matching=len(rows),
        matched=matched,
        best=_winners(found, rows, q),
        number=number,
        pages=pages,
        q=q.strip(),
        by_spread=sort == "difference",
    )


def _winners(found: Comparison | None, rows: Sequence[ComparedRow], q: str) -> Winners | None:
    """Who is cheapest among the models that are shown."""
    if found is None:
        return None
    return winners(rows, found.sources) if q.strip() else found.winners


def _compared(transaction: Transaction, asked: Asked, named: tuple[str, ...]) -> Comparison | None:
    """All models that two sources list; None where no source has a catalog yet.

    It is worked out once for as long as nothing is committed.

    Raises:
        NotFoundError: none had one at the time that was asked for.
    """
    token = asked.request.scope.get("state", {}).get("token")
    try:
        if token is None:
            return _worked_out(transaction, asked, named)
        key = (token, asked.at, asked.site.aliases, named)
        return _known(asked.request).get(key, lambda: _worked_out(transaction, asked, named))
    except NotFoundError:
        if asked.at is not None:
            raise
        return None


def _worked_out(transaction: Transaction, asked: Asked, named: tuple[str, ...]) -> Comparison:
    aliases = asked.site.aliases
    if asked.at is None and not named:
        now = asked.site.database.now()
        return compared_now(transaction, asked.sources.names, now, aliases)
    return comparison(compare.ask(transaction, at=asked.at, among=named, aliases=aliases))


def _known(request: Request) -> _Known:
    """What this server has worked out: a token says nothing about another's database."""
    state = request.app.state
    if not hasattr(state, "comparisons"):
        state.comparisons = _Known(_MOST, size=lambda found: 1 + len(found.rows))
    known: _Known = state.comparisons
    return known


def _alone(
    transaction: Transaction, asked: Asked, q: str, named: tuple[str, ...]
) -> Sequence[ComparedRow]:
    """A model that one source alone lists, if its id was asked for, whole."""
    if not q:
        return ()
    try:
        aliases = asked.site.aliases
        found = compare.ask(transaction, q, asked.at, among=named, aliases=aliases).models
        return [ComparedRow(one.model, one.offers) for one in found]
    except NotFoundError:
        return ()
