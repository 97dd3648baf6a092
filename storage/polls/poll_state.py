"""What a poll begins from: read before the network is used, and checked when it is recorded."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, exists, select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.sources import SourceState


class LastStretch(NamedTuple):
    """The end of a source's coverage."""

    id: int
    outcome: str
    version: int
    last_at: datetime
    longest_gap_ms: int
    why: str | None


class Beginning(NamedTuple):
    """What a poll begins from.

    `waits`: whether any change of the source waits to be announced; `head_came`: when its newest
    version is said to have come, None without one.
    """

    source: SourceState
    ends: Sequence[LastStretch]
    waits: bool
    head_came: datetime | None = None


def begin(connection: Connection, name: str) -> Beginning | None:
    """All that a poll begins from, by one statement; None where the source was never polled."""
    row = connection.execute(_BEGIN, {"source_name": name}).first()
    if row is None:
        return None
    width = len(sources.columns)
    *stretch, waits, head_came = row[width:]
    last = [LastStretch(*stretch)] if stretch[0] is not None else []
    return Beginning(SourceState(*row[:width]), last, bool(waits), head_came)


def last_stretch(connection: Connection, source_id: int) -> LastStretch | None:
    """The end of a source's coverage; None where it has none."""
    row = connection.execute(_LAST_COVERAGE, {"source": source_id}).first()
    return None if row is None else LastStretch(*row)


_STRETCH = [t.coverage.c[name] for name in LastStretch._fields]
_LAST_COVERAGE = (
    select(*_STRETCH)
    .where(t.coverage.c.source_id == bindparam("source"))
    .order_by(t.coverage.c.id.desc())
    .limit(1)
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
_BEGIN = (
    select(
        *sources.columns,
        *_STRETCH,
        exists().where(t.held.c.source_id == t.source.c.id),
        t.snapshot.c.not_after,
    )
    .select_from(t.source)
    .outerjoin(t.coverage, t.coverage.c.id == _LAST_ID)
    .outerjoin(
        t.snapshot,
        (t.snapshot.c.source_id == t.source.c.id)
        & (t.snapshot.c.version == t.source.c.head_version),
    )
    .where(t.source.c.name == bindparam("source_name"))
)
