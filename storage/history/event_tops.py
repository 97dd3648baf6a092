"""Where the log of each source ends, found by a seek a source: for who reads it backwards."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, bindparam, func, select

from pricetrail.storage import tables as t
from pricetrail.storage.history.events import OF_SNAPSHOT, happened


class Top(NamedTuple):
    """The last event of a source: its number, and when it was first seen."""

    source_id: int
    number: int
    at: datetime


def tops(connection: Connection, up_to: int | None = None) -> list[Top]:
    """The last event of each source that has any.

    Args:
        up_to: of those with this number or a lower one; None for all.
    """
    asked = {"up_to": 2**63 - 1 if up_to is None else up_to}
    return [Top(*row) for row in connection.execute(_TOPS, asked)]


_LAST = (
    select(func.max(t.event.c.number))
    .where(t.event.c.source_id == t.source.c.id, t.event.c.number <= bindparam("up_to"))
    .correlate(t.source)
    .scalar_subquery()
)
_TOPS = (
    select(t.source.c.id, t.event.c.number, happened())
    .select_from(t.source)
    .join(t.event, and_(t.event.c.source_id == t.source.c.id, t.event.c.number == _LAST))
    .outerjoin(t.snapshot, OF_SNAPSHOT)
)
