"""The question of `pricetrail coverage`: which time polls cover, and where the gaps are."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from typing import TypeAlias

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.catalog.times import rfc3339, to_millisecond
from pricetrail.queries.answers import LongAnswer
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.certainty import (
    BRACKETED,
    GAP,
    IMPORTED_WHY,
    OBSERVED,
    Calendar,
)
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.sources import choose

BEFORE_WHY = "before it was first seen"
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])", re.ASCII)
_DAY = timedelta(days=1)
_MILLISECOND = timedelta(milliseconds=1)
# (certainty, why, from, until)
Piece: TypeAlias = tuple[str, str, datetime, datetime]


@dataclass(frozen=True, slots=True)
class Gap:
    """A time that no successful poll covers, and why."""

    since: datetime
    until: datetime
    why: str

    @property
    def imported(self) -> bool:
        """Whether no poll went wrong: between two imported observations nobody looked."""
        return self.why == IMPORTED_WHY


@dataclass(frozen=True, slots=True)
class Shares:
    """How long a time was observed, how long a change lies somewhere in it, how long neither."""

    observed: timedelta
    bracketed: timedelta
    gap: timedelta

    @classmethod
    def total(cls, several: Iterable["Shares"]) -> "Shares":
        """How several times divide together."""
        observed = bracketed = gap = timedelta(0)
        for one in several:
            observed, bracketed, gap = (
                observed + one.observed,
                bracketed + one.bracketed,
                gap + one.gap,
            )
        return cls(observed, bracketed, gap)

    def percent(self, part: timedelta) -> str:
        """A part of the whole with two decimals, rounded down to less than 100 if it is less.

        Of no time at all (a single poll) nothing is claimed: every part is 0.
        """
        whole = (self.observed + self.bracketed + self.gap) // _MILLISECOND
        if not whole:
            return "0.00"
        ratio = Decimal(part // _MILLISECOND) * 100 / Decimal(whole)
        rounded = ratio.quantize(Decimal("0.01"), rounding=ROUND_HALF_EVEN)
        if rounded == 100 and ratio < 100:
            rounded = Decimal("99.99")
        return format(rounded, "f")


@dataclass(frozen=True, slots=True)
class CoverageAnswer(LongAnswer):
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

    def in_pieces(self) -> dict[str, object]:
        """The shape of `coverage`; its stretches and gaps come as they are written."""
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
            "gaps": map(_gap, self.gaps),
        }


def ask(
    transaction: Transaction,
    source: str | None,
    now: datetime,
    since: datetime | None = None,
    until: datetime | None = None,
) -> CoverageAnswer:
    """The coverage of a source; by default from its first poll to its last.

    A range that was asked for is taken whole, except that it ends at `now` at the latest.

    Args:
        source: needed only where there are several.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, it has no poll yet, or the range is empty.
    """
    chosen = choose(transaction, source)
    if since is not None and until is not None:
        _require_order(since, min(until, now))
        rows = coverage.around_range(transaction, chosen.id, since, min(until, now))
    else:
        rows = coverage.stretches(transaction, chosen.id)
    if not rows:
        raise NotFoundError(f"{chosen.name} has no poll yet: run `pricetrail poll`")
    begin = since or rows[0].first_at
    end = min(until, now) if until is not None else max(row.last_at for row in rows)
    _require_order(begin, end)
    calendar = Calendar(rows)
    touching = [row for row in rows if row.last_at >= begin and row.first_at <= end]
    divided = list(pieces(calendar, begin, end))
    gaps, whole = joined(_gaps(divided)), _sum(divided)
    return CoverageAnswer(chosen.name, begin, end, touching, gaps, whole, calendar)


def _require_order(begin: datetime, end: datetime) -> None:
    if begin > end:
        raise NotFoundError(f"no data between {rfc3339(begin)} and {rfc3339(end)}")


def gaps_of(calendar: Calendar, since: datetime, until: datetime) -> list[Gap]:
    """The gaps from `since` to `until`, in order, and why each is one."""
    return joined(_gaps(pieces(calendar, since, until)))


def told_until(last_poll: datetime, end: datetime) -> datetime:
    """How far a range that ends at `end` is told, where the last poll was at `last_poll`.

    A silence shorter than a day is none yet: the next poll may be due.
    """
    return last_poll if timedelta(0) < end - last_poll < _DAY else end


def month_range(month: str) -> tuple[datetime, datetime]:
    """The first instant of a month such as `2026-03`, and of the next one.

    Raises:
        InvalidInputError: it is no month.
    """
    match = _MONTH.fullmatch(month)
    if match is None or match[1] == "0000" or match[0] == "9999-12":
        raise InvalidInputError(f"{month!r} is not a month: write 2026-03")
    first = datetime(int(match[1]), int(match[2]), 1, tzinfo=UTC)
    return first, (first + timedelta(days=32)).replace(day=1)


def shares(calendar: Calendar, since: datetime, until: datetime) -> Shares:
    """How the time from `since` to `until` divides."""
    return _sum(pieces(calendar, since, until))


def _sum(divided: Iterable[Piece]) -> Shares:
    lengths = dict.fromkeys((OBSERVED, BRACKETED, GAP), timedelta(0))
    for certainty, _, begin, end in divided:
        lengths[certainty] += end - begin
    return Shares(lengths[OBSERVED], lengths[BRACKETED], lengths[GAP])


def pieces(calendar: Calendar, since: datetime, until: datetime) -> Iterator[Piece]:
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


def _gaps(divided: Iterable[Piece]) -> Iterator[Gap]:
    for certainty, why, begin, end in divided:
        if certainty == GAP:
            yield Gap(begin, end, why)


def joined(gaps: Iterable[Gap]) -> list[Gap]:
    """Neighbours with nothing but an imported point between them, as one gap."""
    found: list[Gap] = []
    for gap in gaps:
        last = found[-1] if found else None
        if last is not None and last.until == gap.since and last.why == gap.why == IMPORTED_WHY:
            found[-1] = Gap(last.since, gap.until, gap.why)
        else:
            found.append(gap)
    return found


def _gap(gap: Gap) -> dict[str, object]:
    return {"from": rfc3339(gap.since), "until": rfc3339(gap.until), "why": gap.why}


def _stretch(row: Stretch) -> dict[str, object]:
    entry: dict[str, object] = {
        "from": rfc3339(row.first_at),
        "until": rfc3339(row.last_at),
        "outcome": row.outcome,
        "version": row.version,
        "polls": row.polls,
    }
    return entry if row.why is None else {**entry, "why": row.why}
