"""Where a time lies on an axis, and the natural boundaries beside it: minutes to years."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from pricetrail.text.time_ranges import day

_DAY = timedelta(days=1)
# Steps within a day, in days from a Monday on, and in months.
_CLOCK = (
    *(timedelta(minutes=minutes) for minutes in (1, 2, 5, 10, 15, 30)),
    *(timedelta(hours=hours) for hours in (1, 2, 3, 6, 12)),
)
_DAYS = (1, 2, 7)
_MONTHS = (1, 3, 6, 12, 24, 60, 120)
_MONDAY = datetime(2000, 1, 3, tzinfo=UTC)


class TimeTick(NamedTuple):
    """A boundary and what it is called."""

    at: datetime
    label: str


@dataclass(frozen=True, slots=True)
class TimeAxis:
    """An axis from `begin` to `end`, which are apart."""

    begin: datetime
    end: datetime
    # Each change is asked for by several lines, by its mark and by its bracket.
    known: dict[datetime, float] = field(default_factory=dict, repr=False, compare=False)

    def share(self, at: datetime) -> float:
        """Where a time lies: 0 at the beginning, 1 at the end; times outside are at the ends."""
        share = self.known.get(at)
        if share is None:
            share = min(1.0, max(0.0, (at - self.begin) / (self.end - self.begin)))
            self.known[at] = share
        return share

    def at(self, share: float) -> datetime:
        """The time that lies at a share of the axis."""
        return self.begin + (self.end - self.begin) * share

    def ticks(self, most: int) -> list[TimeTick]:
        """The finest boundaries of which there are at most so many within the axis."""
        for step in _CLOCK:
            if (self.end - self.begin) / step <= most:
                return [*self._times(step)]
        for days in _DAYS:
            if (self.end - self.begin) / (days * _DAY) <= most:
                return [*self._days(days)]
        for months in _MONTHS:
            # Ten years are not gone through month by month to see that it is too many.
            found = [*self._months(months)] if self._span // months <= most else []
            if 0 < len(found) <= most:
                break
        # Where that leaves hardly any, what is less natural has more of them.
        finer = {1: lambda: [*self._days(14)], 3: lambda: [*self._months(2)]}.get(months)
        more = finer() if finer is not None and len(found) < 3 else []
        return more if len(found) < len(more) <= most else found

    @property
    def _span(self) -> int:
        """How many whole months lie between the ends, at most one more."""
        return (self.end.year - self.begin.year) * 12 + self.end.month - self.begin.month

    def has_clock(self, most: int) -> bool:
        """Whether the boundaries, of which there are at most so many, are times of UTC."""
        return (self.end - self.begin) / _CLOCK[-1] <= most

    def _times(self, step: timedelta) -> Iterator[TimeTick]:
        at = _MONDAY + -((_MONDAY - self.begin) // step) * step
        first = True
        while at <= self.end:
            yield TimeTick(at, _clock(at, first))
            first = False
            at += step

    def _days(self, days: int) -> Iterator[TimeTick]:
        step = days * _DAY
        at = _MONDAY + -((_MONDAY - self.begin) // step) * step
        while at <= self.end:
            yield TimeTick(at, day(at, year=False))
            at += step

    def _months(self, months: int) -> Iterator[TimeTick]:
        number = self.begin.year * 12 + self.begin.month - 1
        number -= number % months
        first = True
        while (at := datetime(number // 12, number % 12 + 1, 1, tzinfo=UTC)) <= self.end:
            if at >= self.begin:
                yield TimeTick(at, _month(at, months, first))
                first = False
            number += months


def _clock(at: datetime, first: bool) -> str:
    if not (at.hour or at.minute):
        return day(at, year=False)
    return f"{day(at, year=False)} {at:%H:%M}" if first else f"{at:%H:%M}"


def _month(at: datetime, months: int, first: bool) -> str:
    if months >= 12:
        return str(at.year)
    name = day(at, year=False).partition(" ")[2]
    return f"{name} {at.year}" if first or at.month == 1 else name
