"""The event log backwards in time, over all sources: each is read no further than is needed.

What was recorded last need not have happened last: an import brings the past of one source after
the present of another. So the sources are merged by time, each in the order of its own log.
"""

import heapq
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeAlias

from pricetrail.catalog.events import Event
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history.event_tops import Latest, last_number, latest
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import Looked, Move, newest, newest_of
from pricetrail.storage.history.version_times import seen_between

# So many events of a source are read at first, or looked at for some; and in the largest piece.
_FEWEST, _FEWEST_FOR_SOME, _LARGEST = 25, 50, 800


@dataclass(frozen=True, slots=True)
class Place:
    """How far a reader has come: of each source only events below a number are yet to come.

    `top` was the last number when it began: what is recorded since is none of its reading. Of a
    source that `behind` does not name it has seen nothing.
    """

    top: int
    behind: Mapping[int, int] = field(default_factory=dict)


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
        takes: which of them are given, by how they moved; None for all.
        most: so many are given or passed over, and then no more.

    Attributes:
        cut: whether it ended for that.
    """

    def __init__(
        self,
        database: Database,
        wanted: EventFilter,
        place: Place | None,
        takes: Callable[[Move], bool] | None = None,
        most: int = sys.maxsize,
    ) -> None:
        self._database = database
        self._wanted, self._takes = wanted, takes
        self._left, self.cut = most, False
        with database.read() as transaction:
            known = latest(transaction)
            place = place or Place(last_number(transaction))
        self._top, self._behind = place.top, dict(place.behind)
        asked = wanted.source_id
        self._latest = [one for one in known if asked is None or one.source_id == asked]

    @property
    def place(self) -> Place:
        """Where another reading goes on: before the event given last, or at the end."""
        return Place(self._top, dict(self._behind))

    def __iter__(self) -> Iterator[Found]:
        """Every event that is yet to come."""
        # A source is opened when of the others nothing is left that is newer than all of its own.
        closed = sorted(self._latest, key=lambda one: one.at)
        ready: list[_Ready] = []
        while closed or ready:
            while closed and (not ready or _END - closed[-1].at <= ready[0][0]):
                _push(ready, self._open(closed.pop()))
            # Of the source at which it was cut there may be one that is newer.
            if self.cut:
                return
            if not ready:
                continue
            if self._left <= 0:
                self.cut = True
                return
            _, _, found, rest = heapq.heappop(ready)
            self._behind[found.source_id] = found.number + 1
            yield found
            self._left -= 1
            self._behind[found.source_id] = found.number
            _push(ready, rest)

    def _open(self, source: Latest) -> Iterator[Found]:
        below = self._behind.get(source.source_id, self._top + 1)
        return self._of_source(replace(self._wanted, source_id=source.source_id), below)

    def _of_source(self, wanted: EventFilter, below: int) -> Iterator[Found]:
        source_id = wanted.source_id or 0
        size = _FEWEST if self._takes is None else _FEWEST_FOR_SOME
        while True:
            size = min(size, self._left)
            self.cut = size <= 0
            if self.cut:
                return
            with self._database.read() as transaction:
                wanted = _within(transaction, wanted)
                looked = self._look(transaction, replace(wanted, before=below, limit=size))
            passed = 0
            for place, number, event in looked.found:
                # What was read ahead counts once it is passed: else whoever comes again to where it
                # was cut might get no further.
                if place > passed:
                    self._left -= place - passed
                    self._behind[source_id] = number + 1
                passed = place + 1
                yield Found(source_id, number, event)
            self._left -= looked.rows - passed
            if looked.last is not None:
                below = self._behind[source_id] = looked.last
            if looked.rows < size:
                return
            size = min(size * 2, _LARGEST)

    def _look(self, transaction: Transaction, wanted: EventFilter) -> Looked:
        if self._takes is not None:
            return newest_of(transaction, wanted, self._takes)
        found = [(place, *row) for place, row in enumerate(newest(transaction, wanted))]
        return Looked(found, len(found), found[-1][1] if found else None)


def _within(transaction: Transaction, wanted: EventFilter) -> EventFilter:
    """The versions in which what is wanted can have happened: no other row's time is looked up."""
    if wanted.versions is not None or (wanted.since is None and wanted.until is None):
        return wanted
    versions = seen_between(transaction, wanted.source_id or 0, wanted.since, wanted.until)
    return replace(wanted, versions=versions)


def _push(ready: list[_Ready], rest: Iterator[Found]) -> None:
    found = next(rest, None)
    if found is not None:
        # Of one time the one that was recorded last comes first; numbers are unique.
        heapq.heappush(ready, (_END - found.event.at, -found.number, found, rest))
