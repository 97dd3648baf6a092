"""The event log in blocks, and between which times each lies: where a stretch of time can be.

Mostly what was recorded later happened later. But an import comes late, and a transaction that
ends late brings numbers that are lower than others. So a block is known once every number in it is
there, which stays so, and nothing rests on the order of the blocks.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from operator import attrgetter
from typing import NamedTuple

from sqlalchemy import Connection, Integer, bindparam, func, select

from pricetrail.catalog.times import next_millisecond
from pricetrail.storage import tables as t
from pricetrail.storage.history.events import OF_SNAPSHOT, happened
from pricetrail.storage.remembered import Apart

# So many numbers are a block, and so many blocks are searched at first.
_SIZE, _FIRST = 512, 2
_MOST_PARTS = 16
_MIN, _MAX = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
# What a database takes as a number.
_END = 2**63 - 1


class Block(NamedTuple):
    """The events numbered from `first` to `last`: all happened from `earliest` to `latest`."""

    first: int
    last: int
    earliest: datetime
    latest: datetime

    @property
    def is_known(self) -> bool:
        """Whether anything is known of its times."""
        return self.earliest > _MIN


class Span(NamedTuple):
    """Events behind a number, that happened at `since` or later, before `until`."""

    after: int
    since: datetime | None
    until: datetime | None


class _Log(NamedTuple):
    """The blocks up to a number, and the id of the event there: it names the log."""

    last: int = 0
    id: str | None = None
    blocks: tuple[Block, ...] = ()


def search(connection: Connection, span: Span) -> Iterator[tuple[list[tuple[int, int]], datetime]]:
    """Where in the log events of a span can be.

    In order of time: the numbers of some, from the first to the last, and the time before which
    none happened that is elsewhere.
    """
    since = span.since or _MIN
    end = _MAX if span.until is None else next_millisecond(span.until)
    able = [
        block
        for block in blocks(connection)
        if block.last > span.after and block.latest >= since and block.earliest < end
    ]
    able.sort(key=attrgetter("earliest"))
    at, size = 0, _FIRST + sum(not block.is_known for block in able)
    while at < len(able):
        rest = able[at + size].earliest if at + size < len(able) else _MAX
        yield _joined(able[at : at + size]), rest
        at, size = at + size, size * 4


def _joined(some: Sequence[Block]) -> list[tuple[int, int]]:
    """The first and the last numbers of blocks, of neighbours together."""
    joined: list[tuple[int, int]] = []
    for block in sorted(some):
        goes_on = joined and joined[-1][1] == block.first - 1
        joined.append((joined.pop()[0] if goes_on else block.first, block.last))
    # Rather some that were not asked for than a question for each.
    return joined if len(joined) <= _MOST_PARTS else [(joined[0][0], joined[-1][1])]


def blocks(connection: Connection) -> Sequence[Block]:
    """All of the log in order of the numbers; of the last block, which grows, nothing is known."""
    memory = _KNOWN.of(connection.engine)
    log = memory.find(_LOG) or _Log()
    newest = connection.execute(_NEWEST).scalar() or 0
    if log.last and connection.execute(_ID, {"number": log.last}).scalar() != log.id:
        # Another database was put in the place of this one.
        log = _Log()
    whole = newest // _SIZE * _SIZE
    if whole > log.last:
        log = _grown(connection, log, whole)
        memory.put(_LOG, log)
    return [*log.blocks, Block(log.last + 1, _END, _MIN, _MAX)]


def _grown(connection: Connection, log: _Log, whole: int) -> _Log:
    """The log with the blocks up to a number, less the last of them while they have gaps."""
    asked = {"after": log.last, "whole": whole, "size": _SIZE}
    found = list(log.blocks)
    times = {row.block: row for row in connection.execute(_TIMES, asked)}
    for block in range(log.last // _SIZE, whole // _SIZE):
        row, first = times.get(block), block * _SIZE + 1
        is_whole = row is not None and row.events == _SIZE
        between = (row.earliest, row.latest) if row is not None and is_whole else (_MIN, _MAX)
        found.append(Block(first, first + _SIZE - 1, *between))
    while found and not found[-1].is_known:
        found.pop()
    last = found[-1].last if found else 0
    return _Log(last, connection.execute(_ID, {"number": last}).scalar(), tuple(found))


_LOG = "log"
_KNOWN: Apart[str, _Log] = Apart(1)
_NEWEST = select(func.max(t.event.c.number))
_ID = select(t.event.c.id).where(t.event.c.number == bindparam("number"))
_block = (t.event.c.number - 1) // bindparam("size", type_=Integer)
_time = t.event.c.at.type
_TIMES = (
    select(
        _block.cast(Integer).label("block"),
        # One that has no time would not be in any block.
        func.count(happened()).label("events"),
        func.min(happened(), type_=_time).label("earliest"),
        func.max(happened(), type_=_time).label("latest"),
    )
    .select_from(t.event)
    .outerjoin(t.snapshot, OF_SNAPSHOT)
    .where(t.event.c.number > bindparam("after"), t.event.c.number <= bindparam("whole"))
    .group_by("block")
)
