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
def compare_sources(asked: ThisRequest, q: str = "", sort: str = "", page: int = 1) -> Response:
    """What each source asks for the models that several list, the cheapest first."""
    found: Comparison | None = None
    rows: Sequence[ComparedRow] = ()
    matched = 0
    if len(asked.sources) > 1:
        with asked.site.database.read() as transaction:
            found = _compared(transaction, asked)
            if found is not None:
                rows = matching(found.rows, q, by_spread=sort == "difference")
                matched = len(rows)
                rows = rows or _alone(transaction, asked, q.strip())
    pages = max(1, -(-len(rows) // PAGE))
    number = min(max(1, page), pages)
    return layout.page(
        asked.request,
        "compare_sources.html",
        title="Compare sources",
        active="compare",
        sources=asked.sources,
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


def _compared(transaction: Transaction, asked: Asked) -> Comparison | None:
    """All models that two sources list; None where no source has a catalog yet.

    It is worked out once for as long as nothing is committed.

    Raises:
        NotFoundError: none had one at the time that was asked for.
    """
    token = asked.request.scope.get("state", {}).get("token")
    try:
        if token is None:
            return _worked_out(transaction, asked)
        key = (token, asked.at, asked.site.aliases)
        return _known(asked.request).get(key, lambda: _worked_out(transaction, asked))
    except NotFoundError:
        if asked.at is not None:
            raise
        return None


def _worked_out(transaction: Transaction, asked: Asked) -> Comparison:
    if asked.at is None:
        now, aliases = asked.site.database.now(), asked.site.aliases
        return compared_now(transaction, asked.sources, now, aliases)
    return comparison(compare.ask(transaction, at=asked.at, aliases=asked.site.aliases))


def _known(request: Request) -> _Known:
    """What this server has worked out: a token says nothing about another's database."""
    state = request.app.state
    if not hasattr(state, "comparisons"):
        state.comparisons = _Known(_MOST, size=lambda found: 1 + len(found.rows))
    known: _Known = state.comparisons
    return known


def _alone(transaction: Transaction, asked: Asked, q: str) -> Sequence[ComparedRow]:
    """A model that one source alone lists, if its id was asked for, whole."""
    if not q:
        return ()
    try:
        found = compare.ask(transaction, q, asked.at, aliases=asked.site.aliases).models
        return [ComparedRow(one.model, one.offers) for one in found]
    except NotFoundError:
        return ()
