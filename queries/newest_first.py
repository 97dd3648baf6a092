"""The event log backwards in time, over all sources: each is read no further than is needed.

What was recorded last need not have happened last: an import brings the past of one source after
the present of another. So the sources are merged by time, each in the order of its own log.
"""

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from pricetrail.catalog.events import Event
from pricetrail.storage.database import Database
from pricetrail.storage.history.event_tops import Latest, last_number, latest
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import newest

# So many events of a source are read at first, and in the largest piece.
_FEWEST, _LARGEST = 25, 800


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: of each source only events below a number are yet to come.

    `top` was the last number when it began: what is recorded since is none of its reading. Of a
    source that `behind` does not name it has seen nothing.
    """

    top: int
    behind: Mapping[int, int] = field(default_factory=dict)

    def below(self, source_id: int) -> int:
        """The number below which a source's events are yet to come."""
        return self.behind.get(source_id, self.top + 1)


class Found(NamedTuple):
    """An event, and where it stands."""

    source_id: int
    number: int
    event: Event


# The next event of a source, and those after it; the newest is the least.
_Ready: TypeAlias = tuple[timedelta, int, Found, Iterator[Found]]
_END = datetime.max.replace(tzinfo=UTC)


class NewestFirst:
    """Events from the newest to the oldest, each piece read in a short transaction.

    Args:
        wanted: which events; `before` and `limit` are not looked at.
        place: where an earlier reading stopped; None to begin.
    """

    def __init__(self, database: Database, wanted: EventFilter, place: Place | None) -> None:
        self._database = database
        self._wanted = wanted
        with database.read() as transaction:
            known = latest(transaction)
            self.place = place or Place(last_number(transaction))
        asked = wanted.source_id
        self._latest = [one for one in known if asked is None or one.source_id == asked]

    def __iter__(self) -> Iterator[Found]:
        """Every event that is yet to come; `place` stands before the one given last."""
        # A source is opened when of the others nothing is left that is newer than all of its own.
        closed = sorted(self._latest, key=lambda one: one.at)
        ready: list[_Ready] = []
        behind = dict(self.place.behind)
        while closed or ready:
            while closed and (not ready or _END - closed[-1].at <= ready[0][0]):
                self._open(closed.pop(), ready)
            if not ready:
                continue
            _, _, found, rest = heapq.heappop(ready)
            self.place = Place(self.place.top, {**behind, found.source_id: found.number + 1})
            yield found
            behind[found.source_id] = found.number
            self.place = Place(self.place.top, dict(behind))
            _push(ready, rest)

    def _open(self, source: Latest, ready: list[_Ready]) -> None:
        below = self.place.below(source.source_id)
        _push(ready, self._of_source(source.source_id, below))

    def _of_source(self, source_id: int, below: int) -> Iterator[Found]:
        size = _FEWEST
        while True:
            piece = replace(self._wanted, source_id=source_id, before=below, limit=size)
            with self._database.read() as transaction:
                some = list(newest(transaction, piece))
            for number, event in some:
                yield Found(source_id, number, event)
            if len(some) < size:
                return
            below = some[-1][0]
            size = min(size * 2, _LARGEST)


def _push(ready: list[_Ready], rest: Iterator[Found]) -> None:
    found = next(rest, None)
    if found is not None:
        # Of one time the one that was recorded last comes first; numbers are unique.
        heapq.heappush(ready, (_END - found.event.at, -found.number, found, rest))
