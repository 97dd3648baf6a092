"""All prices that a model ever had, and what a use would cost with one of the causes at work."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pricetrail.audit.reconciliation import causes
from pricetrail.audit.reconciliation.causes import Cause, ChangeOf
from pricetrail.audit.results import Interval, PricedRow
from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.bills import CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, PROMPT, Tariff
from pricetrail.catalog.situations import Situation

READ, WRITTEN = "read", "written"
_CACHED = {READ: (CACHE_READ,), WRITTEN: (CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H)}
_ZERO, _TWO = Decimal(0), Decimal(2)


class Use(NamedTuple):
    """Quantities of one situation in one interval of prices: a row's, or those of many."""

    interval: Interval
    situation: Situation
    used: Mapping[str, Decimal]
    cost: Decimal

    @classmethod
    def of(cls, priced: PricedRow) -> "Use":
        """What a row used."""
        return cls(priced.interval, priced.situation, priced.row.used, priced.bill.cost)


class PriceHistory:
    """The intervals of a model's prices, oldest first, and when each began to be seen."""

    def __init__(self, intervals: Sequence[Interval], change_of: ChangeOf) -> None:
        self.intervals = intervals
        self._starts = [change_of(interval.first).not_after for interval in intervals]
        self._place = {interval.first: place for place, interval in enumerate(intervals)}
        every = {one for interval in intervals for one in interval.tariff.conditions}
        self.has_hours = any(one.window is not None for one in every)
        # Between which intervals there is a change, if only by the noise of a float there is none.
        self.changes = tuple(
            new.first for old, new in pairwise(intervals) if not old.tariff.agrees(new.tariff)
        )

    def at(self, moment: datetime) -> Interval:
        """The interval whose prices were last seen before a time; the first one before all."""
        return self.intervals[max(0, bisect_right(self._starts, moment) - 1)]

    def changes_within(self, start: datetime, end: datetime) -> bool:
        """Whether an interval other than the first begins after `start` and up to `end`."""
        first, last = (bisect_right(self._starts, time, lo=1) for time in (start, end))
        return last > first

    def causes(self, use: Use) -> Iterator[Cause]:
        """The causes that could change what a use costs, but for those of all uses together."""
        yield Cause(causes.TWICE)
        if any(use.used.get(name) for name in _CACHED[READ]):
            yield Cause(causes.CACHED, READ)
        if any(use.used.get(name) for name in _CACHED[WRITTEN][1:]):
            yield Cause(causes.CACHED, WRITTEN)
        conditions = use.interval.tariff.conditions
        passed = use.situation.passed
        for threshold in sorted({0, *(one.threshold for one in conditions)}):
            if threshold < passed:
                yield Cause(causes.TIER_OUT, threshold)
            elif threshold > passed:
                yield Cause(causes.TIER_IN, threshold)
        for service in sorted({"", *(one.service for one in conditions)} - {use.situation.service}):
            yield Cause(causes.SERVICE, service)
        for minute in sorted({one.window.start for one in conditions if one.window is not None}):
            yield Cause(causes.HOURS, minute)
        if any(one.window is not None for one in conditions):
            yield Cause(causes.HOURS)
        yield from self._changes_of(use.interval)

    def _changes_of(self, interval: Interval) -> Iterator[Cause]:
        """The changes before an interval, the nearest first; then those after it."""
        split = bisect_right(self.changes, interval.first)
        for version in reversed(self.changes[:split]):
            yield Cause(causes.BEFORE, version)
        for version in self.changes[split:]:
            yield Cause(causes.AFTER, version)

    def cost(self, cause: Cause, use: Use) -> Decimal | None:
        """What a use costs with a cause at work, all of it; None where a price for it lacks.

        A use that the cause does not touch costs what it does.
        """
        situation, used, of = use.situation, use.used, cause.of
        match cause.kind:
            case causes.TWICE:
                return EXACT.multiply(use.cost, _TWO)
            case causes.CACHED:
                used = _at_full_price(used, _CACHED[str(of)])
            case causes.TIER_OUT if isinstance(of, int) and situation.passed > of:
                situation = situation._replace(passed=of)
            case causes.TIER_IN if isinstance(of, int) and situation.passed < of:
                situation = situation._replace(passed=of)
            case causes.SERVICE if isinstance(of, str):
                situation = situation._replace(service=of)
            case causes.HOURS:
                situation = situation._replace(minute=of if isinstance(of, int) else None)
            case _:
                tariff = self._tariff(cause, use.interval)
                return use.cost if tariff is use.interval.tariff else _cost(tariff, use)
        if situation == use.situation and used is use.used:
            return use.cost
        return _cost(use.interval.tariff, use._replace(situation=situation, used=used))

    def _tariff(self, cause: Cause, interval: Interval) -> Tariff:
        """By which prices an interval is charged with one change made too late or too early."""
        if isinstance(cause.of, int) and cause.kind in (causes.BEFORE, causes.AFTER):
            place = self._place[cause.of]
            if cause.kind == causes.BEFORE and interval.first >= cause.of:
                return self.intervals[place - 1].tariff
            if cause.kind == causes.AFTER and interval.first < cause.of:
                return self.intervals[place].tariff
        return interval.tariff

    def distance(self, cause: Cause, interval: Interval) -> int:
        """How many changes lie between an interval and the change of a cause."""
        if not isinstance(cause.of, int):
            return 0
        place = bisect_left(self.changes, cause.of)
        passed = bisect_right(self.changes, interval.first)
        return passed - place - 1 if place < passed else place - passed


def _cost(tariff: Tariff, use: Use) -> Decimal | None:
    bill = tariff.bill(use.used, use.situation)
    return None if bill.missing else bill.cost


def _at_full_price(used: Mapping[str, Decimal], cached: Sequence[str]) -> dict[str, Decimal]:
    """The quantities, with what was cached among what was not."""
    moved = sum((used.get(name, _ZERO) for name in cached), _ZERO)
    rest = {name: quantity for name, quantity in used.items() if name not in cached}
    return rest | {PROMPT: EXACT.add(rest.get(PROMPT, _ZERO), moved)}
