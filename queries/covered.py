"""Coverage step by step, as a calendar shows it; what is settled is worked out once.

After a poll only the steps since the last one are worked out, whatever the length of the range.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypeAlias

from pricetrail.queries import coverage
from pricetrail.queries.coverage import Gap, Shares, joined
from pricetrail.queries.coverage_parts import Part, floor, parts
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage as stored
from pricetrail.storage.polls import coverage_ends
from pricetrail.storage.polls.coverage_ends import CoverageEnd
from pricetrail.storage.remembered import Apart
from pricetrail.storage.sources import SourceState, choose

# What a source's coverage follows from: every poll counts, and says when it was.
_State: TypeAlias = tuple[int, int, bytes, datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Extent:
    """A source, when its first poll was, and when its last; times are None before the first.

    While `state` is the same, its coverage is.
    """

    source: str
    first: datetime | None
    last: datetime | None
    state: _State
    end: CoverageEnd | None


@dataclass(frozen=True, slots=True)
class Covered:
    """How the time from `since` to `until` divides, step by step, and the gaps in it."""

    since: datetime
    until: datetime
    parts: tuple[Part, ...]
    gaps: tuple[Gap, ...]
    shares: Shares
    state: _State
    end: CoverageEnd | None

    @property
    def longest_gap(self) -> Gap | None:
        """The longest gap; None where there is none."""
        return max(self.gaps, key=lambda gap: gap.until - gap.since, default=None)

    def shares_until(self, last: datetime) -> Shares:
        """How it divides up to the last poll: after that there is a gap, and nothing else."""
        return replace(self.shares, gap=self.shares.gap - (self.until - last))


def ask_extent(transaction: Transaction, source: str | None) -> Extent:
    """From when to when a source was polled.

    Raises:
        SourceNeededError, NotFoundError: as `choose`.
    """
    chosen = choose(transaction, source)
    known = _EXTENTS.of(transaction.engine)
    last = known.find(chosen.name)
    if last is not None and last.state == _state(chosen):
        return last
    end = None
    if last is not None and last.end is not None:
        end = coverage_ends.end_after(transaction, chosen.id, last.end)
    end = end or coverage_ends.find_end(transaction, chosen.id)
    first, final = _ends(transaction, chosen, end)
    found = Extent(chosen.name, first, final, _state(chosen), end)
    known.put(chosen.name, found)
    return found


def _ends(
    transaction: Transaction, source: SourceState, end: CoverageEnd | None
) -> tuple[datetime | None, datetime | None]:
    if end is not None:
        return end.first_at, end.last_at
    return stored.extent(transaction, source.id) or (None, None)


def _state(source: SourceState) -> _State:
    return source.id, source.polls, source.head_hash, source.last_poll_at, source.good_at


def ask(
    transaction: Transaction, extent: Extent, since: datetime, until: datetime, step: timedelta
) -> Covered:
    """How a range divides; `until` is not after now.

    Raises:
        NotFoundError: the range is empty.
    """
    known, key = _COVERED.of(transaction.engine), (extent.source, since, step)
    last = known.find(key)
    if last is not None and (last.until, last.state) == (until, extent.state):
        return last
    found = None if last is None else _carried(transaction, extent, last, until, step)
    if found is None:
        answer = coverage.ask(transaction, extent.source, until, since, until)
        every = parts(answer.calendar, since, until, step)
        found = _covered(extent, since, until, tuple(every), answer.gaps)
    known.put(key, found)
    return found


def _carried(
    transaction: Transaction, extent: Extent, known: Covered, until: datetime, step: timedelta
) -> Covered | None:
    """The same range up to another time; None where what is known of it may be another."""
    if known.end is None:
        return None
    source_id, *_ = extent.state
    if coverage_ends.end_after(transaction, source_id, known.end) is None:
        return None
    edge = floor(min(known.end.settled_until, known.until, until), step)
    if edge == known.until:
        # A gap may have been cut there, where it does not end.
        edge -= step
    if edge <= known.since:
        return None
    kept = tuple(part for part in known.parts if part.until <= edge)
    if edge == until:
        return _covered(extent, known.since, until, kept, _spliced(known.gaps, (), edge))
    answer = coverage.ask(transaction, extent.source, until, edge, until)
    late = tuple(parts(answer.calendar, edge, until, step))
    gaps = _spliced(known.gaps, answer.gaps, edge)
    return _covered(extent, known.since, until, kept + late, gaps)


def _spliced(known: Sequence[Gap], late: Sequence[Gap], edge: datetime) -> list[Gap]:
    """The gaps up to an edge, and those from it on; the one that lies across it is one."""
    before = [gap for gap in known if gap.since < edge]
    if before and before[-1].until > edge:
        across = before.pop()
        end = late[0].until if late else edge
        before.append(Gap(across.since, end, across.why))
        late = late[1:]
    return joined([*before, *late])


def _covered(
    extent: Extent,
    since: datetime,
    until: datetime,
    divided: tuple[Part, ...],
    gaps: Sequence[Gap],
) -> Covered:
    whole = Shares.total(part.shares for part in divided)
    return Covered(since, until, divided, tuple(gaps), whole, extent.state, extent.end)


_EXTENTS: Apart[str, Extent] = Apart(1_000)
# So many parts of all the ranges of a database.
_COVERED: Apart[tuple[str, datetime, timedelta], Covered] = Apart(
    20_000, size=lambda found: 1 + len(found.parts) + len(found.gaps)
)
