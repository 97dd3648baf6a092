"""What a price depends on, as the writers of price files go through it: one context at a time.

Where a model's prices depend on a service tier, on the time of day and on the length of the
prompt, every combination of them is a context, and in each of them a quantity has one price.
"""

from collections.abc import Container, Iterable, Iterator
from datetime import UTC, datetime
from typing import NamedTuple

from pricetrail.catalog.conditions import ALWAYS, Condition, Window, split_condition
from pricetrail.catalog.pointers import join, split
from pricetrail.catalog.prices import Price

_DAY, _HOUR = 1440, 60


class Span(NamedTuple):
    """A part of the day in which no price changes: minutes since midnight, in UTC.

    From `start` on and before `end`; over midnight where it ends before it starts, and the whole
    day where both are the same.
    """

    start: int
    end: int

    @property
    def is_whole_day(self) -> bool:
        """Whether the time of day makes no difference."""
        return self.start == self.end

    @property
    def clock(self) -> tuple[str, str]:
        """Both ends as `16:30`."""
        return _clock(self.start), _clock(self.end)


ANY_TIME = Span(0, 0)


class Context(NamedTuple):
    """What a request is: its service tier ("" for none), its time, what its prompt has passed.

    `span` is None for a time of day at which no other price holds.
    """

    service: str = ""
    span: Span | None = ANY_TIME
    passed: int = 0

    def meets(self, condition: Condition) -> bool:
        """Whether a price with this condition holds for it."""
        return (
            condition.service in ("", self.service)
            and condition.threshold <= self.passed
            and (
                condition.window is None
                or (self.span is not None and holds(condition.window, self.span))
            )
        )


def holds(window: Window, span: Span) -> bool:
    """Whether a time of day holds in a span, which it either does throughout or not at all."""
    return window.holds(datetime(2000, 1, 1, *divmod(span.start, _HOUR), tzinfo=UTC))


class ConditionalPrices:
    """A model's prices by what they are prices of, and the conditions on which they hold.

    `services`: the service tiers that they depend on. `spans`: the parts of the day, of which the
    first is one without a price of its own if there is any. `thresholds`: ascending.
    """

    def __init__(self, prices: Iterable[Price]) -> None:
        self._found: dict[str, list[tuple[Condition, Price]]] = {}
        conditions = {ALWAYS}
        for price in prices:
            condition, path = conditioned(price.path)
            self._found.setdefault(path, []).append((condition, price))
            conditions.add(condition)
        self.services = tuple(sorted({one.service for one in conditions if one.service}))
        self.thresholds = tuple(sorted({one.threshold for one in conditions if one.threshold}))
        windows = {one.window for one in conditions if one.window is not None}
        self.spans = tuple(_spans(windows))

    def contexts(self, services: Iterable[str]) -> Iterator[Context]:
        """Every context for some service tiers; the usual prices are those of ""."""
        for service in services:
            for span in self.spans:
                for passed in (0, *self.thresholds):
                    yield Context(service, span, passed)

    def named(self, last_words: Iterable[str]) -> list[str]:
        """The paths, without conditions, whose last word is one of these."""
        return [path for path in self._found if split(path)[-1] in last_words]

    def find(
        self, names: Iterable[str], context: Context, without: Container[str] = ()
    ) -> Price | None:
        """The price that holds in a context: of those of all names, the most special condition's.

        Args:
            names: paths without a condition; of two with the same condition the first counts.
            without: paths of prices that are passed over.
        """
        met = [
            (condition.rank, price)
            for name in names
            for condition, price in self._found.get(name, ())
            if context.meets(condition) and price.path not in without
        ]
        return max(met, key=lambda found: found[0])[1] if met else None


def conditioned(path: str) -> tuple[Condition, str]:
    """The condition that a price's path names, and the path without it."""
    condition, tokens = split_condition(split(path))
    usual = ""
    for token in tokens:
        usual = join(usual, token)
    return condition, usual


def _spans(windows: set[Window]) -> Iterator[Span]:
    # What holds all day divides no day.
    windows = {one for one in windows if one.start != one.end}
    bounds = sorted({bound for one in windows for bound in (one.start, one.end)})
    if not bounds:
        yield ANY_TIME
        return
    found = [Span(*ends) for ends in zip(bounds, [*bounds[1:], bounds[0]], strict=True)]
    yield from sorted(found, key=lambda span: any(holds(window, span) for window in windows))


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02}:{minutes % _HOUR:02}"
