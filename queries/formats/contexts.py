"""What a price depends on, as the writers of price files go through it: one context at a time.

Where a model's prices depend on a service tier, on the time of day and on the length of the
prompt, every combination of them is a context, and in each of them a quantity has one price.
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple

from pricetrail.catalog.conditions import Condition, Window, split_condition
from pricetrail.catalog.pointers import join, split
from pricetrail.catalog.situations import Situation

_HOUR = 60


class Span(NamedTuple):
    """A part of the day in which no price changes: minutes since midnight, in UTC.

    From `start` on and before `end`; over midnight where it ends before it starts, and the whole
    day where both are the same.
    """

    start: int
    end: int

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

    @property
    def situation(self) -> Situation:
        """The same as a bill is made for."""
        minute = None if self.span is None else self.span.start
        return Situation(self.service, minute, self.passed)


class Contexts:
    """What the prices of a model depend on.

    `services`: the service tiers. `spans`: the parts of the day, of which the first is one without
    a price of its own if there is any. `thresholds`: ascending, those of every condition.
    """

    def __init__(self, conditions: Iterable[Condition]) -> None:
        every = tuple(conditions)
        self.services = tuple(sorted({one.service for one in every if one.service}))
        self.thresholds = tuple(sorted({one.threshold for one in every if one.threshold}))
        self.spans = tuple(_spans({one.window for one in every if one.window is not None}))

    def all(self, services: Iterable[str]) -> Iterator[Context]:
        """Every context for some service tiers; the usual prices are those of ""."""
        for service in services:
            for span in self.spans:
                for passed in (0, *self.thresholds):
                    yield Context(service, span, passed)


# A catalog has few paths, and asks for each of them many times a model.
@lru_cache(maxsize=4096)
def conditioned(path: str) -> tuple[Condition, str]:
    """The condition that a price's path names, but for a day, and the path without it."""
    condition, tokens = split_condition(split(path))
    usual = ""
    for token in tokens:
        usual = join(usual, token)
    return condition.undated, usual


def _spans(windows: set[Window]) -> Iterator[Span]:
    # What holds all day divides no day.
    windows = {one for one in windows if one.start != one.end}
    bounds = sorted({bound for one in windows for bound in (one.start, one.end)})
    if not bounds:
        yield ANY_TIME
        return
    found = [Span(*ends) for ends in zip(bounds, [*bounds[1:], bounds[0]], strict=True)]
    yield from sorted(found, key=lambda span: any(one.covers(span.start) for one in windows))


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02}:{minutes % _HOUR:02}"
