"""When the versions of a source were first seen, in memory: which can lie in a stretch of time.

Mostly each came after the one before. But a clock that was ahead is set back, and versions keep
their times: so nothing rests on their order.
"""

from array import array
from bisect import bisect_left
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, bindparam, func, select, type_coerce
from sqlalchemy.types import NullType

from pricetrail.catalog.times import next_millisecond
from pricetrail.storage import tables as t
from pricetrail.storage.errors import TamperedError
from pricetrail.storage.remembered import Apart
from pricetrail.storage.types import AnyRow

# Versions in a row are told apart no further.
_BLOCK = 64
# So many sources of a database: one with a hundred thousand versions takes some 40 kB.
_MOST = 256
_EPOCH, _MILLISECOND = datetime(1970, 1, 1, tzinfo=UTC), timedelta(milliseconds=1)


class Between(NamedTuple):
    """Versions: all others were first seen outside of a stretch of time."""

    first: int
    last: int


class _Times(NamedTuple):
    """The versions of a source up to one of which `head` is the hash of the chain, in blocks.

    Of each block its first version, the latest time of those up to its end, and the earliest of
    those from its beginning on, in milliseconds since 1970.
    """

    head: bytes | None
    last: int
    begins: "array[int]"
    latest: "array[int]"
    earliest: "array[int]"


class _Last:
    """The times as they were worked out last."""

    times = _Times(None, 0, array("q"), array("q"), array("q"))


def seen_between(
    connection: Connection, source_id: int, since: datetime | None, until: datetime | None
) -> Between:
    """The versions of a source that may have been first seen at `since` or later, before `until`.

    Raises:
        TamperedError: a stored time is none.
    """
    times = _times(connection, source_id)
    begin, end = 0, len(times.begins)
    if since is not None:
        begin = bisect_left(times.latest, _milliseconds(since))
    if until is not None:
        end = bisect_left(times.earliest, _milliseconds(until))
    if begin >= end:
        return Between(0, -1)
    last = times.last if end == len(times.begins) else times.begins[end] - 1
    return Between(times.begins[begin], last)


def _milliseconds(at: datetime) -> int:
    """As times are stored; what is asked may be finer."""
    return (next_millisecond(at) - _EPOCH) // _MILLISECOND


def _times(connection: Connection, source_id: int) -> _Times:
    known = _LAST.of(connection.engine).get(source_id, _Last)
    # Hashed in the chain with all before it: where the hash is the same, so are the times.
    head = connection.execute(_HEAD, {"source": source_id}).first()
    if head is None:
        return _Last.times
    times = known.times
    if times.head != head.chain_hash:
        known.times = times = _extended(connection, source_id, times, head)
    return times


def _extended(connection: Connection, source_id: int, known: _Times, head: AnyRow) -> _Times:
    """The times up to a new head; blocks that are full stay, if it goes on from what is known."""
    asked = {"source": source_id, "version": known.last}
    goes_on = known.head == connection.execute(_HASH, asked).scalar()
    # The last block may have grown.
    kept = len(known.begins) - 1 if goes_on and known.begins else 0
    begins = known.begins[:kept]
    asked["version"] = known.begins[kept] if kept else 0
    rows = connection.execute(_BLOCKS, asked).all()
    begins.extend(row.begin for row in rows)
    try:
        earliest = array("q", map(_number, (row.earliest for row in rows)))
        latest = array("q", map(_number, (row.latest for row in rows)))
    except (TypeError, OverflowError):
        raise TamperedError("a stored time of a version is none") from None
    return _Times(
        head.chain_hash,
        head.version,
        begins,
        array("q", accumulate(known.latest[:kept] + latest, max)),
        array("q", accumulate(reversed(known.earliest[:kept] + earliest), min))[::-1],
    )


def _number(at: object) -> int:
    return (at - _EPOCH) // _MILLISECOND if isinstance(at, datetime) else at  # type: ignore[return-value]  # an array refuses all but numbers


_LAST: Apart[int, _Last] = Apart(_MOST)
_OURS = t.snapshot.c.source_id == bindparam("source")
_HEAD = (
    select(t.snapshot.c.version, t.snapshot.c.chain_hash)
    .where(_OURS)
    .order_by(t.snapshot.c.version.desc())
    .limit(1)
)
_HASH = select(t.snapshot.c.chain_hash).where(_OURS, t.snapshot.c.version == bindparam("version"))


def _blocks(size: int) -> Select[*tuple[Any, ...]]:
    """The blocks from a version on, which begins one."""
    block = t.snapshot.c.version // size
    # As it is stored.
    not_after = type_coerce(t.snapshot.c.not_after, NullType())
    return (
        select(
            func.min(t.snapshot.c.version).label("begin"),
            func.min(not_after).label("earliest"),
            func.max(not_after).label("latest"),
        )
        .where(_OURS, t.snapshot.c.version >= bindparam("version"))
        .group_by(block)
        .order_by(block)
    )


_BLOCKS = _blocks(_BLOCK)
