"""What is known of a use that decides which of a model's prices hold for it.

A price list divides all uses: by day, by service tier, by the time of day, by the length of the
prompt.
Two uses between which it makes no difference are in the same situation.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pricetrail.catalog.conditions import Condition, begin_of, day_of

_DAY, _MINUTE, _INSTANT = timedelta(days=1), timedelta(minutes=1), timedelta(microseconds=1)
_HOUR, _MINUTES = 60, 1440


class Situation(NamedTuple):
    """The service tier ("" for the standard one), the minute of the day, what was passed, a day.

    `minute` counts from midnight in UTC; None where no price for a time of day holds. `passed` is
    a length that the prompt is above, 0 below all thresholds. `since` is a day that has come, 0
    before all of them.
    """

    service: str = ""
    minute: int | None = None
    passed: int = 0
    since: int = 0

    def meets(self, condition: Condition) -> bool:
        """Whether a price on this condition holds."""
        if condition.since > self.since:
            return False
        if condition.service not in ("", self.service) or condition.threshold > self.passed:
            return False
        window = condition.window
        return window is None or (self.minute is not None and window.covers(self.minute))


USUAL = Situation()
_BELOW = (0,)
_NEVER: tuple[int | None, ...] = (None,)
# A day that has come, and a minute of the day.
When = tuple[int, int | None]
_ANY_TIME: tuple[When, ...] = ((0, None),)


class Divisions:
    """How some conditions divide all uses.

    `thresholds`: the lengths of a prompt above which other prices hold; ascending. `services`: the
    service tiers that have prices of their own. `days`: from which on other prices hold; ascending.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        every = tuple(conditions)
        self.thresholds = tuple(sorted({one.threshold for one in every if one.threshold}))
        self.services = frozenset(one.service for one in every if one.service)
        self.days = tuple(sorted({one.since for one in every if one.since}))
        windows = {one.window for one in every if one.window is not None}
        self._edges = sorted({edge for window in windows for edge in (window.start, window.end)})
        # What a use between an edge and the next one is known by.
        self._between = tuple(
            edge if any(window.covers(edge) for window in windows) else None for edge in self._edges
        )
        self._undated = tuple(_dated(0, (minute,)) for minute in self._between)

    def passed(self, shortest: Decimal, longest: Decimal) -> tuple[int, ...]:
        """What a prompt between two lengths may have passed, lowest first; never empty."""
        thresholds = self.thresholds
        if not thresholds or longest <= thresholds[0]:
            return _BELOW
        first, last = bisect_left(thresholds, shortest), bisect_left(thresholds, longest)
        return (*(thresholds[first - 1 : first] if first else _BELOW), *thresholds[first:last])

    def times(self, start: datetime, end: datetime | None) -> tuple[When, ...]:
        """What stands for a time, or for all times from `start` on and before `end`; never empty.

        First come those at which no price for a time of day holds, in the order of their days.
        """
        if not self.days:
            if not self._edges:
                return _ANY_TIME
            if end is None:
                return self._undated[self._slot(_minute(start))]
            return _dated(0, self.minutes(start, end))
        first = bisect_right(self.days, day_of(start))
        days = (0, *self.days)
        if end is None:
            return _dated(days[first], self.minutes(start, None))
        last = max(first, bisect_right(self.days, day_of(end - _INSTANT)))
        cuts = [start, *(begin_of(day) for day in self.days[first:last]), end]
        found = [
            when
            for day, (since, until) in zip(days[first : last + 1], pairwise(cuts), strict=True)
            # Two days may begin at once: 30 and 31 February.
            if since < until or first == last
            for when in _dated(day, self.minutes(since, until))
        ]
        return tuple(sorted(found, key=lambda when: when[1] is not None))

    def minutes(self, start: datetime, end: datetime | None) -> tuple[int | None, ...]:
        """The minutes that stand for a time, or for all times from `start` on and before `end`.

        None comes first, where at some of them no price for a time of day holds; never empty.
        """
        if not self._edges:
            return _NEVER
        first = self._slot(_minute(start))
        if end is None:
            return (self._between[first],)
        lasts = min(end - _INSTANT - _whole_minute(start), _DAY) // _MINUTE
        passed = [(edge - _minute(start)) % _MINUTES for edge in self._edges]
        others = sorted((after, slot) for slot, after in enumerate(passed) if 0 < after <= lasts)
        found = [self._between[slot] for slot in (first, *(slot for _, slot in others))]
        found.sort(key=lambda minute: minute is not None)
        return tuple(dict.fromkeys(found))

    def own(self, situation: Situation) -> Situation:
        """The situation that stands for all those that are the same by these conditions."""
        service, minute, passed, since = situation
        index = bisect_right(self.thresholds, passed)
        day = bisect_right(self.days, since)
        return Situation(
            service if service in self.services else "",
            None if minute is None or not self._edges else self._between[self._slot(minute)],
            self.thresholds[index - 1] if index else 0,
            self.days[day - 1] if day else 0,
        )

    def _slot(self, minute: int) -> int:
        """The index of the last edge up to a minute; before the first one, last evening's."""
        return (bisect_right(self._edges, minute) - 1) % len(self._edges)


def _dated(day: int, minutes: Iterable[int | None]) -> tuple[When, ...]:
    return tuple((day, minute) for minute in minutes)


def _whole_minute(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)


def _minute(at: datetime) -> int:
    return at.hour * _HOUR + at.minute
