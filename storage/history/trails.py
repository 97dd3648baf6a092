"""Everything that one model's page draws: its prices, what the log says, and when that was.

Rows alone are read, and no document: a model that changed thousands of times costs milliseconds.
"""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from pricetrail.catalog.changes import Change
from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.codecs import changes
from pricetrail.storage.history.events import OF_SNAPSHOT
from pricetrail.storage.history.versions import COUNTS


class PriceRow(NamedTuple):
    """A price from a version on; `amount` and `flagged` are None where it went."""

    version: int
    path: str
    amount: Decimal | None
    flagged: str | None


class EventRow(NamedTuple):
    """An event as its row says, and the number of that.

    `changes` is None where the rows of prices imply them.
    """

    id: str
    version: int
    type: str
    changes: tuple[Change, ...] | None
    number: int = 0


class Window(NamedTuple):
    """The times between which a version came; `not_before` is None for the first of all."""

    not_before: datetime | None
    not_after: datetime


def price_rows(
    connection: Connection, source_id: int, model_id: int, version: int, since: int = 0
) -> list[PriceRow]:
    """The rows of a model's prices after one version and up to another, by version and path."""
    asked = {"source": source_id, "model": model_id, "version": version, "since": since}
    return _in_order(PriceRow(*row) for row in connection.execute(_PRICES, asked))


def standing_prices(
    connection: Connection, source_id: int, model_id: int, version: int
) -> list[PriceRow]:
    """The last row of each of a model's prices up to a version, by version and path."""
    asked = {"source": source_id, "model": model_id, "since": version}
    return _in_order(PriceRow(*row) for row in connection.execute(_STANDING, asked))


def _in_order(rows: Iterable[PriceRow]) -> list[PriceRow]:
    # Byte order, which no database's own order need be.
    return sorted(rows, key=lambda row: (row.version, row.path))


def event_rows(
    connection: Connection,
    source_id: int,
    model_id: int,
    version: int,
    since: int = 0,
    behind: int = 0,
) -> list[EventRow]:
    """The events of a model after one version and up to another, oldest first.

    Args:
        behind: only rows with a higher number, which is quickly found.
    """
    asked: dict[str, object] = {"source": source_id, "model": model_id, "version": version}
    asked |= {"since": since, "behind": behind}
    found = [
        EventRow(name, came, kind, None if body is None else tuple(changes.decode(body)), number)
        for name, came, kind, body, number in connection.execute(_EVENTS, asked)
    ]
    # An import may come late, and be written behind what happened after it.
    found.sort(key=lambda row: row.version)
    return found


def count_events(connection: Connection, model_id: int) -> int:
    """How many events a model ever had."""
    return int(connection.execute(_COUNT, {"model": model_id}).scalar_one())


def find_crowded(
    connection: Connection, model_id: int, until: datetime, most: int
) -> datetime | None:
    """The latest time since which a model had more than so many events; None: it never did."""
    asked = {"model": model_id, "until": until, "most": most}
    return connection.execute(_CROWDED, asked).scalar()


def is_known(
    connection: Connection, source_id: int, version: int, head: bytes, event: tuple[int, str | None]
) -> bool:
    """Whether a version still has this head, and a row of the log, by its number, this id."""
    asked = {"source": source_id, "version": version, "number": event[0]}
    row = connection.execute(_AS_IT_WAS, asked).first()
    return row is not None and (row.chain_hash, row.id) == (head, event[1])


def windows(connection: Connection, source_id: int, versions: Iterable[int]) -> dict[int, Window]:
    """When each of some versions came."""
    found: dict[int, Window] = {}
    for some in chunks(sorted(set(versions))):
        asked = {"source": source_id, "first": some[0], "last": some[-1]}
        # Where most of a range is wanted, one range costs less than a seek for each.
        dense = len(some) > (some[-1] - some[0]) // 4
        query, more = (_RANGE, {}) if dense else (_SOME, {"versions": some})
        for number, not_before, not_after in connection.execute(query, asked | more):
            found[number] = Window(not_before, not_after)
    return found


def without_events(connection: Connection, source_id: int, versions: Iterable[int]) -> set[int]:
    """Which of some versions made no events of models, as a baseline makes none."""
    found: set[int] = set()
    for some in chunks(sorted(set(versions))):
        asked = {"source": source_id, "versions": some}
        found |= set(connection.execute(_SILENT, asked).scalars())
    return found


_OURS = (t.price.c.source_id == bindparam("source"), t.price.c.model_id == bindparam("model"))
_PRICES = (
    select(t.price.c.valid_from, t.path.c.path, t.price.c.amount, t.price.c.flagged)
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .where(*_OURS, t.price.c.valid_from > bindparam("since"))
    .where(t.price.c.valid_from <= bindparam("version"))
)
_last = (
    select(t.price.c.path_id, func.max(t.price.c.valid_from).label("valid_from"))
    .where(*_OURS, t.price.c.valid_from <= bindparam("since"))
    .group_by(t.price.c.path_id)
    .subquery("last")
)
_STANDING = (
    select(t.price.c.valid_from, t.path.c.path, t.price.c.amount, t.price.c.flagged)
    .join(t.path, t.path.c.id == t.price.c.path_id)
    .join(
        _last,
        (_last.c.path_id == t.price.c.path_id) & (_last.c.valid_from == t.price.c.valid_from),
    )
    .where(*_OURS)
)
_EVENTS = (
    select(t.event.c.id, t.event.c.version, t.event.c.type, t.event.c.body, t.event.c.number)
    .where(
        t.event.c.source_id == bindparam("source"),
        t.event.c.model_id == bindparam("model"),
        t.event.c.number > bindparam("behind"),
        t.event.c.version > bindparam("since"),
        t.event.c.version <= bindparam("version"),
        # What is said again has a time of its own, and no change.
        t.event.c.at.is_(None),
    )
    .order_by(t.event.c.number)
)
_COUNT = select(func.count()).where(t.event.c.model_id == bindparam("model"))
_CROWDED = (
    select(t.snapshot.c.not_after)
    .select_from(t.event)
    .join(t.snapshot, OF_SNAPSHOT)
    .where(t.event.c.model_id == bindparam("model"))
    .where(t.snapshot.c.not_after <= bindparam("until"))
    .order_by(t.event.c.number.desc())
    .limit(1)
    .offset(bindparam("most"))
)
_id = select(t.event.c.id).where(
    t.event.c.source_id == bindparam("source"), t.event.c.number == bindparam("number")
)
_AS_IT_WAS = select(t.snapshot.c.chain_hash, _id.scalar_subquery().label("id")).where(
    t.snapshot.c.source_id == bindparam("source"), t.snapshot.c.version == bindparam("version")
)
_RANGE = select(t.snapshot.c.version, t.snapshot.c.not_before, t.snapshot.c.not_after).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.between(bindparam("first"), bindparam("last")),
)
# Without a range: SQLite would rather go through all of that.
_SOME = select(*_RANGE.selected_columns).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.in_(bindparam("versions", expanding=True)),
)
# Apart: a version's counts are stored behind its body, which SQLite would go through for them.
_SILENT = select(t.snapshot.c.version).where(
    t.snapshot.c.source_id == bindparam("source"),
    t.snapshot.c.version.in_(bindparam("versions", expanding=True)),
    *(t.snapshot.c[name] == 0 for name in COUNTS),
)
