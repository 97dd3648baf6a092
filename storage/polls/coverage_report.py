"""How much of a stretch of time polls vouch for, and where the gaps are."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from sqlalchemy import Connection

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.times import rfc3339, to_millisecond
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.coverage import (
    BRACKETED,
    GAP,
    IMPORTED_WHY,
    OBSERVED,
    Calendar,
)
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.sources import SourceState

BEFORE_WHY = "before the first good poll"
_MILLISECOND = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Gap:
    """A time for which nothing vouches, and why."""

    since: datetime
    until: datetime
    why: str


@dataclass(frozen=True, slots=True)
class Shares:
    """How long a time was observed, how long a change lies somewhere in it, how long neither."""

    observed: timedelta
    bracketed: timedelta
    gap: timedelta

    def percent(self, part: timedelta) -> str:
        """A part of the whole with two decimals, rounded down to less than 100 if it is less.

        Of no time at all (a single poll) nothing is claimed: every part is 0.
        """
        whole = (self.observed + self.bracketed + self.gap) // _MILLISECOND
        if not whole:
            return "0.00"
        ratio = Decimal(part // _MILLISECOND) * 100 / Decimal(whole)
        shown = ratio.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
        if shown == 100 and ratio < 100:
            shown = Decimal("99.99")
        return format(shown, "f")


@dataclass(frozen=True, slots=True)
class Report:
    """The coverage of one source from `since` to `until`."""

    source: str
    since: datetime
    until: datetime
    stretches: Sequence[Stretch]
    gaps: Sequence[Gap]
    shares: Shares
    calendar: Calendar

    @property
    def longest_gap(self) -> Gap | None:
        """The longest gap; None where there is none."""
        return max(self.gaps, key=lambda gap: gap.until - gap.since, default=None)

    def shown(self) -> dict[str, Any]:
        """The JSON document of `pricetrail coverage`."""
        return {
            name: list(value) if isinstance(value, Iterator) else value
            for name, value in self.members().items()
        }

    def members(self) -> dict[str, Any]:
        """The members of that document, its arrays as iterators."""
        longest = self.longest_gap
        length = timedelta(0) if longest is None else longest.until - longest.since
        return {
            "source": self.source,
            "from": rfc3339(self.since),
            "until": rfc3339(self.until),
            "observed_percent": self.shares.percent(self.shares.observed),
            "bracketed_percent": self.shares.percent(self.shares.bracketed),
            "longest_gap_seconds": length // timedelta(seconds=1),
            "stretches": map(_stretch, self.stretches),
            "gaps": (
                {"from": rfc3339(gap.since), "until": rfc3339(gap.until), "why": gap.why}
                for gap in self.gaps
            ),
        }


def report(
    connection: Connection,
    source: SourceState,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Report:
    """The coverage of a source; by default from its first poll to its last.

    A range that was asked for is taken whole, except that it ends at `now` at the latest.

    Raises:
        NotFoundError: the source has no poll yet, or the range is empty.
    """
    rows = coverage.stretches(connection, source.id)
    if not rows:
        raise NotFoundError(f"{source.name} has no poll yet: run `pricetrail poll`")
    begin = since or rows[0].first_at
    end = min(until, now) if until is not None else max(row.last_at for row in rows)
    if begin > end:
        raise NotFoundError(f"nothing to tell between {rfc3339(begin)} and {rfc3339(end)}")
    calendar = Calendar(rows)
    touching = [row for row in rows if row.last_at >= begin and row.first_at <= end]
    gaps = _joined(_gaps(calendar, begin, end))
    return Report(source.name, begin, end, touching, gaps, shares(calendar, begin, end), calendar)


def shares(calendar: Calendar, since: datetime, until: datetime) -> Shares:
    """How the time from `since` to `until` divides."""
    lengths = dict.fromkeys((OBSERVED, BRACKETED, GAP), timedelta(0))
    for certainty, _, begin, end in _pieces(calendar, since, until):
        lengths[certainty] += end - begin
    return Shares(lengths[OBSERVED], lengths[BRACKETED], lengths[GAP])


def _pieces(
    calendar: Calendar, since: datetime, until: datetime
) -> Iterator[tuple[str, str, datetime, datetime]]:
    """(certainty, why, from, until) in order, without holes, from `since` to `until`."""
    spans = calendar.spans
    first = min(spans[0].start, until) if spans else until
    if since < first:
        yield GAP, BEFORE_WHY, since, first
    for span in spans:
        # A span behind a stretch begins an instant after its last poll: count from the poll.
        begin = max(to_millisecond(span.start), since)
        end = until if span.end is None else min(to_millisecond(span.end), until)
        if begin < end:
            yield span.around.certainty, span.around.why or "", begin, end


def _gaps(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Gap]:
    for certainty, why, begin, end in _pieces(calendar, since, until):
        if certainty == GAP:
            yield Gap(begin, end, why)


def _joined(gaps: Iterator[Gap]) -> list[Gap]:
    """Neighbours with nothing but an imported point between them, as one gap."""
    found: list[Gap] = []
    for gap in gaps:
        last = found[-1] if found else None
        if last is not None and last.until == gap.since and last.why == gap.why == IMPORTED_WHY:
            found[-1] = Gap(last.since, gap.until, gap.why)
        else:
            found.append(gap)
    return found


def _stretch(row: Stretch) -> dict[str, Any]:
    entry = {
        "from": rfc3339(row.first_at),
        "until": rfc3339(row.last_at),
        "outcome": row.outcome,
        "version": row.version,
        "polls": row.polls,
    }
    return entry if row.why is None else {**entry, "why": row.why}
