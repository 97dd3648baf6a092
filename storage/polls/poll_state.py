"""What a poll begins from: read before the network is used, and checked when it is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, FromClause, bindparam, exists, select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.polls import stretches
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.sources import SourceState


class PollState(NamedTuple):
    """What a poll begins from.

    `ends`: the last stretch of the source's coverage, one or none. `waits`: whether any change of
    the source waits to be announced; `head_came`: when its newest version is said to have come,
    None without one.
    """

    source: SourceState
    ends: Sequence[Stretch]
    waits: bool
    head_came: datetime | None = None

    @property
    def latest(self) -> datetime | None:
        """The last time that anything is recorded for; None before the first poll."""
        times = [self.source.last_poll_at, *(stretch.last_at for stretch in self.ends)]
        return max((moment for moment in times if moment is not None), default=None)


def find(connection: Connection, name: str) -> PollState | None:
    """All that a poll begins from, by one statement; None where there is no such source yet."""
    row = connection.execute(_FIND, {"source_name": name}).first()
    return None if row is None else of_row(row)


def of_row(row: Sequence[Any]) -> PollState:
    """What a poll begins from, of a row of `columns`."""
    width = len(sources.columns)
    *stretch, waits, head_came = row[width:]
    ends = [Stretch(*stretch)] if stretch[0] is not None else []
    return PollState(SourceState(*row[:width]), ends, bool(waits), head_came)


def joined(other: FromClause, on: ColumnElement[bool]) -> FromClause:
    """What `columns` are of, for the sources that go with rows of another table."""
    return _and_what_is_last(other.join(t.source, on))


def _and_what_is_last(of_sources: FromClause) -> FromClause:
    return (
        of_sources.outerjoin(t.slot, t.slot.c.source_id == t.source.c.id)
        .outerjoin(t.coverage, t.coverage.c.id == _LAST_ID)
        .outerjoin(
            t.snapshot,
            (t.snapshot.c.source_id == t.source.c.id)
            & (t.snapshot.c.version == t.source.c.head_version),
        )
    )


_others = t.coverage.alias("others")
_LAST_ID = (
    select(_others.c.id)
    .where(_others.c.source_id == t.source.c.id)
    .order_by(_others.c.id.desc())
    .limit(1)
    .correlate(t.source)
    .scalar_subquery()
)
columns = [
    *sources.columns,
    *stretches.COLUMNS,
    exists().where(t.held.c.source_id == t.source.c.id),
    t.snapshot.c.not_after,
]
_FIND = (
    select(*columns)
    .select_from(_and_what_is_last(t.source))
    .where(t.source.c.name == bindparam("source_name"))
)
