"""The stretches of time over which a model's price is certain and one: what an engine joins with.

Whatever lies in one of them, and is alike in what else decides about prices, costs the same per
unit. What lies in none (a change, a gap, a time at which a model was not listed) is for the pricer.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import NamedTuple

from pricetrail.audit.model_prices import ModelPrices
from pricetrail.audit.pricer import Pricer
from pricetrail.catalog.conditions import Condition, begin_of
from pricetrail.storage.polls.certainty import BRACKETED, OBSERVED, Span

SINCE_1970 = datetime(1970, 1, 1, tzinfo=UTC)
# A month or so, in microseconds: what a join looks up before it compares times.
BUCKET = 1 << 41
_DAY, _MICROSECOND = timedelta(days=1), timedelta(microseconds=1)
_END = datetime(2100, 1, 1, tzinfo=UTC)


class PriceStretch(NamedTuple):
    """Instants `since <= t < until`, in microseconds since 1970, at which one price is certain.

    `number` tells it from all others. `written` is the model as the usage names it, `model` as it
    is then renamed. `thresholds`: lengths of a prompt, in tokens, above which any prices of the
    model ever differed; ascending.
    """

    number: int
    written: str
    model: str
    since: int
    until: int
    thresholds: tuple[int, ...]

    @property
    def start(self) -> datetime:
        """The first instant."""
        return SINCE_1970 + self.since * _MICROSECOND

    def buckets(self) -> range:
        """The buckets of time that it touches, each by its first microsecond."""
        return range(self.since - self.since % BUCKET, self.until, BUCKET)


def micros(moment: datetime) -> int:
    """An instant as microseconds since 1970."""
    return (moment - SINCE_1970) // _MICROSECOND


def stretches(pricer: Pricer, models: Iterable[tuple[str, str]]) -> list[PriceStretch]:
    """The stretches of models, each given as written and by its name; none of unknown ones."""
    found: list[PriceStretch] = []
    versions = _Versions.of(pricer.spans)
    for written, model in models:
        histories = pricer.histories(model)
        conditions = {one for history in histories for one in history.conditions}
        thresholds = tuple(sorted({one.threshold for one in conditions if one.threshold}))
        places = sorted({place for each in histories for place in _places(versions, each)})
        for since, until in _certain(pricer, model, places):
            for start, end in pairwise(_cuts(since, until, conditions)):
                ends = micros(start), micros(end)
                found.append(PriceStretch(len(found), written, model, *ends, thresholds))
    return found


def _certain(
    pricer: Pricer, model: str, places: Iterable[int]
) -> Iterator[tuple[datetime, datetime]]:
    """Where one price of a model is certain, oldest first.

    Args:
        places: the spans with which that may begin or end.
    """
    since, standing = _END, None
    for place in places:
        start = pricer.spans[place].start
        interval = pricer.certain(model, start)
        if interval is not standing:
            if standing is not None:
                yield since, start
            since, standing = start, interval
    if standing is not None:
        yield since, _END


def _places(versions: "_Versions", history: ModelPrices) -> Iterator[int]:
    """The spans with which something may change for a model."""
    yield from versions.beside_gaps
    for state in history.timeline.states:
        for version in (state.valid_from, state.valid_to):
            if version is not None:
                yield from versions.beside(version)


class _Versions(NamedTuple):
    """Which versions the spans of a calendar are of."""

    number: int
    before: list[int]
    beside_gaps: list[int]

    @classmethod
    def of(cls, spans: Sequence[Span]) -> "_Versions":
        before = [span.around.before.version for span in spans]
        if before != sorted(before):
            # A clock that was set back: each may be the one.
            return cls(len(spans), before, list(range(len(spans))))
        certain = (OBSERVED, BRACKETED)
        gaps = [n for n, span in enumerate(spans) if span.around.certainty not in certain]
        beside = {0, *gaps, *(n + 1 for n in gaps if n + 1 < len(spans))}
        return cls(len(spans), before, sorted(beside))

    def beside(self, version: int) -> Iterator[int]:
        """The first span of a version, and the one before it, during which it came."""
        place = bisect_left(self.before, version)
        return (n for n in (place - 1, place) if 0 <= n < self.number)


def _cuts(since: datetime, until: datetime, conditions: Iterable[Condition]) -> list[datetime]:
    """Both ends, and between them all instants with which other prices hold by the calendar."""
    found = set(conditions)
    cuts = {begin_of(one.since) for one in found if one.since}
    windows = [one.window for one in found if one.window is not None]
    minutes = {minute for window in windows for minute in (window.start, window.end)}
    if minutes:
        midnight = since.replace(hour=0, minute=0, second=0, microsecond=0)
        while midnight < until:
            cuts |= {midnight + timedelta(minutes=minute) for minute in minutes}
            midnight += _DAY
    inside = sorted(cuts)
    return [since, *inside[bisect_right(inside, since) : bisect_left(inside, until)], until]
