"""A whole catalog at a version with the latest of each price's past, in a few statements.

None of them asks model by model: a thousand models and ten years are read in tens of milliseconds.
"""

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, Over, bindparam, case, func, or_, select
from sqlalchemy.sql.functions import FunctionElement

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import documents
from pricetrail.storage.history.trails import Window
from pricetrail.storage.history.versions import COUNTS, in_force, is_keyframe, state_columns

# So many of the newest rows of a price are read in any case: what stands, and what stood before.
NEWEST = 3


class ListedDocument(NamedTuple):
    """A model in force at a version: its row id, its name and its document as it was served."""

    id: int
    name: str
    document: str


class ListedPrice(NamedTuple):
    """A row of a price; both values are None where it went."""

    model_id: int
    path: str
    version: int
    amount: Decimal | None
    flagged: str | None


class VersionRow(NamedTuple):
    """When a version came, and the chain's hash there; `silent`: it made no events of models."""

    version: int
    hash: bytes
    window: Window
    silent: bool


def listed_documents(
    connection: Connection, source_id: int, version: int
) -> Iterator[ListedDocument]:
    """Every model in force at a version, in byte order of the names."""
    asked = {"source": source_id, "version": version}
    for row, name, _, _, document, keyframe in connection.execute(_DOCUMENTS, asked):
        yield ListedDocument(row, name, documents.decode(document, keyframe))


def listed_prices(
    connection: Connection, source_id: int, version: int, recent: int
) -> Iterator[ListedPrice]:
    """The rows of every price up to a version, newest first within a model and path.

    Of each the newest few (`NEWEST`), all after version `recent`, and the last one up to it.
    Models that are gone are among them.
    """
    asked = {"source": source_id, "version": version, "recent": recent}
    paths = {row.id: row.path for row in connection.execute(_PATHS)}
    for row in connection.execute(_PRICES, asked):
        yield ListedPrice(row[0], paths[row[1]], *row[2:])


def new_prices(
    connection: Connection, source_id: int, first: int, last: int, model_ids: Iterable[int]
) -> dict[int, list[ListedPrice]]:
    """The rows of some models' prices after one version and up to another, by row id.

    They are newest first within a path.
    """
    found: dict[int, list[ListedPrice]] = {}
    for some in chunks(model_ids):
        asked = {"source": source_id, "first": first, "last": last, "models": some}
        for row in connection.execute(_NEW_PRICES, asked):
            found.setdefault(row[0], []).append(ListedPrice(*row))
    return found


def version_rows(connection: Connection, source_id: int, first: int, last: int) -> list[VersionRow]:
    """The versions from one to another, both included."""
    asked = {"source": source_id, "first": first, "last": last}
    return [
        VersionRow(version, chain, Window(not_before, not_after), not any(counts))
        for version, chain, not_before, not_after, *counts in connection.execute(_VERSIONS, asked)
    ]


def visible_since(connection: Connection, source_id: int, version: int) -> dict[int, int]:
    """By row id of a model, the version since when it was visible without a break.

    Models that are gone by `version` are among them, with when they last came.
    """
    asked: dict[str, object] = {"source": source_id, "version": version}
    found, others = {}, []
    for model, first, apart, ended in connection.execute(_WHOLE, asked):
        # No state overlaps the next: where they leave nothing out, none is apart.
        if apart == 0 and not ended:
            found[model] = first
        else:
            others.append(model)
    for some in chunks(others):
        rows = connection.execute(_SINCE, asked | {"models": some})
        found |= {row.model_id: row.since for row in rows}
    return found


_NEW_PRICES = (
    select(
        t.price.c.model_id, t.path.c.path, t.price.c.valid_from, t.price.c.amount, t.price.c.flagged
    )
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .where(
        t.price.c.source_id == bindparam("source"),
        t.price.c.model_id.in_(bindparam("models", expanding=True)),
        t.price.c.valid_from > bindparam("first"),
        t.price.c.valid_from <= bindparam("last"),
    )
    .order_by(t.price.c.model_id, t.price.c.path_id, t.price.c.valid_from.desc())
)
_VERSIONS = (
    select(
        t.snapshot.c.version,
        t.snapshot.c.chain_hash,
        t.snapshot.c.not_before,
        t.snapshot.c.not_after,
        *(t.snapshot.c[name] for name in COUNTS),
    )
    .where(
        t.snapshot.c.source_id == bindparam("source"),
        t.snapshot.c.version.between(bindparam("first"), bindparam("last")),
    )
    .order_by(t.snapshot.c.version)
)
_keyframe = t.model_version.alias("keyframe")
_DOCUMENTS = (
    select(t.model.c.id, t.model.c.name, *state_columns(t.model_version, _keyframe))
    .select_from(t.model)
    .join(t.model_version, in_force(t.model_version, t.model, bindparam("version")))
    .outerjoin(_keyframe, is_keyframe(_keyframe, t.model_version))
    .where(
        t.model.c.source_id == bindparam("source"),
        t.model_version.c.valid_to.is_(None) | (t.model_version.c.valid_to > bindparam("version")),
    )
    .order_by(t.model.c.name)
)
_PATHS = select(t.path.c.id, t.path.c.path)


def _over_its_price(function: FunctionElement[int]) -> Over[int]:
    """Over the rows of a model's price, newest first."""
    return function.over(
        partition_by=(t.price.c.model_id, t.price.c.path_id), order_by=t.price.c.valid_from.desc()
    )


_rows = (
    select(
        t.price.c.model_id,
        t.price.c.path_id,
        t.price.c.valid_from,
        t.price.c.amount,
        t.price.c.flagged,
        _over_its_price(func.row_number()).label("place"),
        # What follows in time comes before in this order.
        _over_its_price(func.lag(t.price.c.valid_from)).label("following"),
    )
    .where(t.price.c.source_id == bindparam("source"))
    .where(t.price.c.valid_from <= bindparam("version"))
    .subquery("rows")
)
_PRICES = (
    select(*_rows.c[:5])
    .where(
        or_(
            _rows.c.place <= NEWEST,
            _rows.c.valid_from > bindparam("recent"),
            _rows.c.following > bindparam("recent"),
        )
    )
    .order_by(_rows.c.model_id, _rows.c.path_id, _rows.c.valid_from.desc())
)
_ours = (
    t.model_version.c.source_id == bindparam("source"),
    t.model_version.c.valid_from <= bindparam("version"),
)
_ended = case((t.model_version.c.valid_to <= bindparam("version"), t.model_version.c.valid_to))
# Of each model its first state, what lies between its states, and whether the last one has ended.
_WHOLE = (
    select(
        t.model_version.c.model_id,
        func.min(t.model_version.c.valid_from),
        func.sum(t.model_version.c.valid_from)
        - func.min(t.model_version.c.valid_from)
        - func.coalesce(func.sum(_ended), 0),
        func.count() == func.count(_ended),
    )
    .where(*_ours)
    .group_by(t.model_version.c.model_id)
)
_states = (
    select(
        t.model_version.c.model_id,
        t.model_version.c.valid_from,
        func.lag(t.model_version.c.valid_to)
        .over(partition_by=t.model_version.c.model_id, order_by=t.model_version.c.valid_from)
        .label("before"),
    )
    .where(*_ours, t.model_version.c.model_id.in_(bindparam("models", expanding=True)))
    .subquery("states")
)
_SINCE = (
    select(_states.c.model_id, func.max(_states.c.valid_from).label("since"))
    .where(or_(_states.c.before.is_(None), _states.c.before != _states.c.valid_from))
    .group_by(_states.c.model_id)
)
