"""The catalog: every model with its prices, now or at a time."""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.units import PER_IMAGE, PER_SECOND, PER_TOKEN, label, unit
from pricetrail.storage.database import Transaction
from pricetrail.text.sanitize import sanitize
from pricetrail.web.asked import Asked, ThisRequest
from pricetrail.web.layout import page
from pricetrail.web.tables.catalogs import ListedCatalog, catalog_of, is_settled
from pricetrail.web.tables.selection import Selection, ThisSelection, Wanted, select

router = APIRouter(include_in_schema=False)

_PER = {PER_TOKEN: "/1M", PER_IMAGE: "per image", PER_SECOND: "per second"}


class Head(NamedTuple):
    """A column's head: `sort` is what a click asks for, `order` what `aria-sort` says of it."""

    path: str
    words: str
    unit: str
    sort: str
    order: str | None


@router.get("/catalog")
def catalog(asked: ThisRequest, wanted: ThisSelection, exact: str = "") -> Response:
    """The models that match, a page of them."""
    now = asked.site.database.now()
    with asked.site.database.read() as transaction:
        found = _find(transaction, asked, now)
        settled = asked.at is not None and is_settled(transaction, asked.chosen, asked.at)
    if isinstance(found, str):
        return page(
            asked.request,
            "catalog_empty.html",
            title="Catalog",
            active="catalog",
            sources=asked.sources,
            chosen=asked.chosen,
            words=found,
        )
    selection = select(found.rows, wanted)
    return page(
        asked.request,
        "catalog.html",
        title="Catalog",
        active="catalog",
        settled=settled,
        sources=asked.sources,
        snapshot=found.snapshot,
        moment=found.moment,
        total=len(found.rows),
        selection=selection,
        wanted=wanted,
        exact=bool(exact),
        model_head=_head(wanted, "id", "model", "and type"),
        heads=list(_heads(selection, wanted, exact=bool(exact))),
        types=found.types,
        kinds=found.kinds,
        sorts=found.sorts,
        of_source=found.snapshot.source if asked.sources.total > 1 else None,
    )


def _find(transaction: Transaction, asked: Asked, now: datetime) -> ListedCatalog | str:
    """The catalog; or, where there is none yet, why."""
    if asked.chosen is None:
        return "Nothing is recorded yet."
    try:
        return catalog_of(transaction, asked.chosen, asked.at, now)
    except NotFoundError:
        if asked.at is not None or not asked.is_there:
            raise
        return "No catalog has been accepted from this source yet."


def _heads(selection: Selection, wanted: Wanted, *, exact: bool) -> Iterator[Head]:
    for path in selection.columns:
        measure = unit(path)
        per = measure if exact else _PER.get(measure, measure)
        yield _head(wanted, path, sanitize(label(path)), per)


def _head(wanted: Wanted, path: str, words: str, per: str) -> Head:
    name = "id" if path == "id" else dotted(path)
    if (wanted.price or "id") != path:
        return Head(path, words, per, name, None)
    order = "descending" if wanted.falling else "ascending"
    return Head(path, words, per, name if wanted.falling else f"-{name}", order)
