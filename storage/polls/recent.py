"""The newest polls of a source."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, func, select

from pricetrail.storage import tables as t


class RecentPoll(NamedTuple):
    """When a poll ended, and what came of it."""

    finished_at: datetime
    outcome: str


def polls(connection: Connection, source_id: int, most: int) -> list[RecentPoll]:
    """At most so many polls, the newest first."""
    rows = connection.execute(_NEWEST, {"source": source_id, "most": most})
    return [RecentPoll(row.finished_at, row.outcome) for row in rows]


# Of a source that was not polled for years there may be none among so many rows.
_LOOKED_THROUGH = 100_000
_NEWEST = (
    select(t.poll.c.finished_at, t.poll.c.outcome)
    .where(
        t.poll.c.source_id == bindparam("source"),
        t.poll.c.id > select(func.max(t.poll.c.id) - _LOOKED_THROUGH).scalar_subquery(),
    )
    .order_by(t.poll.c.id.desc())
    .limit(bindparam("most"))
)
