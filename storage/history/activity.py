"""How much happened on each day, by what the versions count: no event is read for it."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Integer,
    bindparam,
    func,
    select,
    type_coerce,
)
from sqlalchemy.types import NullType

from pricetrail.storage import tables as t
from pricetrail.storage.types import AnySelect

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_MS, _DAY_S = 86_400_000, 86_400


class DayRow(NamedTuple):
    """What the versions of one source that were first seen on a day (UTC) changed."""

    source: str
    day: datetime
    added: int
    removed: int
    repriced: int
    updated: int


def days(
    connection: Connection, names: Sequence[str], since: datetime, until: datetime
) -> Iterator[DayRow]:
    """The days with a version of these sources, by source and day; one grouped query."""
    asked = {"names": list(names), "since": since, "until": until}
    for name, day, *sums in connection.execute(_days(connection.dialect.name), asked):
        yield DayRow(name, _EPOCH + timedelta(days=int(day)), *map(int, sums))


@cache
def _days(dialect: str) -> AnySelect:
    number = _day_number(dialect).label("day")
    counts = (func.sum(t.snapshot.c[name]) for name in DayRow._fields[2:])
    return (
        select(t.source.c.name, number, *counts)
        .join(t.source, t.source.c.id == t.snapshot.c.source_id)
        .where(t.source.c.name.in_(bindparam("names", expanding=True)))
        .where(t.snapshot.c.not_after >= bindparam("since"))
        .where(t.snapshot.c.not_after <= bindparam("until"))
        .group_by(t.source.c.name, number)
        .order_by(t.source.c.name, number)
    )


def _day_number(dialect: str) -> ColumnElement[int]:
    """Days since 1970: of a timestamp on Postgres, of milliseconds on SQLite."""
    if dialect == "postgresql":
        seconds = func.extract("epoch", t.snapshot.c.not_after)
        return func.floor(seconds / _DAY_S, type_=Integer())
    return type_coerce(t.snapshot.c.not_after, NullType()).op("/", return_type=Integer())(_DAY_MS)
