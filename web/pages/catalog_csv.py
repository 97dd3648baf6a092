"""The catalog for a spreadsheet: a row for each model that matches, a column for each price."""

import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import cache

from fastapi import APIRouter
from starlette.responses import Response

from pricetrail.catalog.amounts import plain
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.times import rfc3339
from pricetrail.catalog.units import unit
from pricetrail.files.tables import TIME, Column, columns, formula_safe, write_csv
from pricetrail.files.tables import Row as Cells
from pricetrail.queries.snapshot import SnapshotAnswer
from pricetrail.web.asked import ThisRequest
from pricetrail.web.bodies import of_text
from pricetrail.web.replies import reply
from pricetrail.web.tables.catalogs import catalog_of, is_settled
from pricetrail.web.tables.rows import Row
from pricetrail.web.tables.selection import ThisSelection, by_use, matching

router = APIRouter(include_in_schema=False)

_FIRST = columns("source version:integer model display_name type_target kind")
_LAST = (Column("visible_since", TIME), Column("prices_since", TIME))


@router.get("/catalog.csv")
def catalog_csv(asked: ThisRequest, wanted: ThisSelection) -> Response:
    """The models that match, all of them, amounts exact."""
    now = asked.site.database.now()
    with asked.site.database.read() as transaction:
        found = catalog_of(transaction, asked.chosen, asked.at, now)
        settled = asked.at is not None and is_settled(transaction, asked.chosen, asked.at)
    rows = matching(found.rows, wanted)
    paths = by_use(Counter(price.path for row in rows for price in row.model.prices))
    prices = [Column(formula_safe(f"{dotted(path)} {unit(path)}")) for path in paths]
    stream = io.StringIO(newline="")
    write_csv(stream, [*_FIRST, *prices, *_LAST], _cells(found.snapshot, rows, paths))
    name = f"catalog-{_file_name(found.snapshot.source)}-{found.snapshot.version}.csv"
    return reply(
        asked.request,
        of_text(stream.getvalue()),
        "text/csv; charset=utf-8",
        settled=settled,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


def _cells(snapshot: SnapshotAnswer, rows: Sequence[Row], paths: Sequence[str]) -> Iterator[Cells]:
    # Most models came, and got their prices, at a few times.
    written = cache(rfc3339)
    for row in rows:
        model = row.model
        values = {
            price.path: price.flagged if price.amount is None else plain(price.amount)
            for price in model.prices
        }
        since = max((price.held_since[1] for price in model.prices), default=None)
        yield (
            snapshot.source,
            snapshot.version,
            model.id,
            *map(_text, (model.display_name, model.type_target, model.kind)),
            *map(values.get, paths),
            written(model.visible_since[1]),
            None if since is None else written(since),
        )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _file_name(source: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "-", source)[:60]
