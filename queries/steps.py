"""One price over time as steps, and what may be said of them: low, usual, high, since when."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from operator import attrgetter
from typing import NamedTuple

from pricetrail.catalog import units
from pricetrail.catalog.amounts import plain, same_price, without_noise
from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null


class Step(NamedTuple):
    """What stands at a price's place from a version on.

    It came between `not_before` (None: nothing was seen before) and `not_after`, when it was
    first seen. `amount` is None where what came is no amount, and `flagged` is its text then; both
    are None where the price went. `event_id` is None where no event tells of it: a baseline, or a
    binary float's noise; and of what came before the range that is told.
    """

    not_before: datetime | None
    not_after: datetime
    amount: Decimal | None
    flagged: str | None
    version: int
    event_id: str | None

    @property
    def absent(self) -> bool:
        """Whether no price stands there."""
        return self.amount is None and self.flagged is None

    @property
    def window(self) -> tuple[datetime | None, datetime]:
        """The times between which it came."""
        return self.not_before, self.not_after

    def same_price(self, other: "Step") -> bool:
        """Whether both are one price as prices are compared: noise of binary floats is none."""
        if self.amount is None or other.amount is None:
            return (self.amount, self.flagged) == (other.amount, other.flagged)
        return same_price(self.amount, other.amount)

    def as_json(self) -> dict[str, object]:
        """The step with its exact amount, as text."""
        return {
            "not_before": time_or_null(self.not_before),
            "not_after": rfc3339(self.not_after),
            "amount": None if self.amount is None else plain(self.amount),
            "flagged": self.flagged,
            "version": self.version,
            "event": self.event_id,
        }


class Range(NamedTuple):
    """The lowest amount, the one that held longest, and the highest."""

    low: Decimal
    usual: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class PriceTrail:
    """One price over a range of time.

    `steps` begin with what stood there when the range began, if anything did. `held_since` is when
    the amount in force came, as the times between which it did; None where none is in force at the
    end. `range` is None where no amount stood there.
    """

    path: str
    unit: str
    steps: Sequence[Step]
    range: Range | None
    held_since: tuple[datetime | None, datetime] | None

    @property
    def in_force(self) -> Step | None:
        """What stands there at the end of the range; None where nothing does."""
        return None if self.steps[-1].absent else self.steps[-1]

    @property
    def last(self) -> Step:
        """What stood there last, be it that nothing does any more."""
        return next(step for step in reversed(self.steps) if not step.absent)

    def stood_throughout(self, since: datetime, gone_with: int | None) -> bool:
        """Whether it was an amount from a time on, at every poll, until a version or the end."""
        last = self.steps[-1]
        steps = self.steps[:-1] if last.absent and last.version == gone_with else self.steps
        return steps[0].not_after <= since and all(step.amount is not None for step in steps)

    def as_json(self) -> dict[str, object]:
        """The price with its steps; amounts are exact texts."""
        low, usual, high = map(plain, self.range) if self.range else (None, None, None)
        return {
            "path": self.path,
            "unit": self.unit,
            "low": low,
            "usual": usual,
            "high": high,
            "steps": [step.as_json() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class PriceGroup:
    """Prices that one chart can show: of one unit, one part of the pricing, one condition."""

    name: str
    unit: str
    condition: Condition
    prices: Sequence[PriceTrail]


def price_trail(
    path: str,
    steps: Sequence[Step],
    begin: datetime,
    end: datetime,
    figures: "Figures | None" = None,
) -> PriceTrail | None:
    """A price from `begin` to `end`; None where nothing stood there in all that time.

    Args:
        steps: oldest first, from the first that ever stood there.
        figures: those of all the steps, where they are known.
    """
    earlier = bisect_right(steps, begin, key=_seen)
    shown = steps[earlier - 1 :] if earlier > 1 else steps
    if shown and shown[0].absent:
        shown = shown[1:]
    if not shown:
        return None
    if shown[0].not_after < begin and shown[0].event_id is not None:
        # It is no event of this time.
        shown = [shown[0]._replace(event_id=None), *shown[1:]]
    held = None if shown[-1].absent else _held_since(steps)
    if figures is None or shown is not steps or shown[0].not_after < begin:
        figures = Figures.of(shown, begin)
    return PriceTrail(path, units.unit(path), shown, figures.range(shown[-1], begin, end), held)


def _held_since(steps: Sequence[Step]) -> tuple[datetime | None, datetime]:
    """When the last price came, be it with other digits behind the twelfth since."""
    first = len(steps) - 1
    while first and steps[first - 1].same_price(steps[-1]):
        first -= 1
    return steps[first].window


_EVER = datetime.min.replace(tzinfo=UTC)


class Figures(NamedTuple):
    """How long each amount held up to the last of some steps, and how each was written last.

    Each counts from when it was first seen until the next was. An amount is known here without
    the noise of binary floats; those that came later are behind. `longest` held longest.
    """

    steps: int
    held: Mapping[Decimal, timedelta]
    written: Mapping[Decimal, Decimal]
    low: Decimal | None
    high: Decimal | None
    longest: Decimal | None

    @classmethod
    def of(
        cls,
        steps: Sequence[Step],
        begin: datetime = _EVER,
        known: "Figures | None" = None,
    ) -> "Figures":
        """The figures of steps from a time on, going on from those of the first of them."""
        count, held, written, low, high, _ = known or cls(0, {}, {}, None, None, None)
        held, written = dict(held), dict(written)
        # The last that was known has ended, if another came.
        for step, following in pairwise(steps[max(0, count - 1) :]):
            if step.amount is not None:
                one = without_noise(step.amount)
                length = max(following.not_after, begin) - max(step.not_after, begin)
                # Put anew at its end: the later of two that held as long is the usual one.
                held[one] = held.pop(one, timedelta(0)) + length
        for step in steps[count:]:
            if step.amount is not None:
                written[without_noise(step.amount)] = step.amount
                low = step.amount if low is None else min(low, step.amount)
                high = step.amount if high is None else max(high, step.amount)
        longest = max(reversed(held), key=held.__getitem__, default=None)
        return cls(len(steps), held, written, low, high, longest)

    def range(self, last: Step, begin: datetime, end: datetime) -> Range | None:
        """Low, usual and high where the last step holds to an end; None without any amount."""
        if self.low is None or self.high is None:
            return None
        usual = self.longest
        if last.amount is not None:
            one = without_noise(last.amount)
            length = max(end, begin) - max(last.not_after, begin)
            length += self.held.get(one, timedelta(0))
            if usual is None or length >= self.held[usual]:
                usual = one
        return None if usual is None else Range(self.low, self.written[usual], self.high)


class Visible(NamedTuple):
    """A stretch of time in which the model was visible.

    It appeared between the times of `begin`, and was gone between those of `end`; None: it still
    is. `baseline` says that it was there when the history began.
    """

    begin: tuple[datetime | None, datetime]
    end: tuple[datetime | None, datetime] | None
    begin_version: int
    end_version: int | None
    baseline: bool


def steps_by_path(
    rows: Sequence[tuple[int, str, Decimal | None, str | None]],
    windows: Mapping[int, tuple[datetime | None, datetime]],
    ended: Sequence[int],
    event_of: Mapping[tuple[int, bool], str],
    known: Mapping[str, Sequence[Step]] | None = None,
) -> dict[str, Sequence[Step]]:
    """The steps of each path, oldest first.

    Args:
        rows: (version, path, amount, flagged), by version.
        windows: when each version came.
        ended: the versions that the model was gone with, which end all of its prices.
        event_of: the event of a version that tells of amounts (True), or of anything else.
        known: the steps before these rows, which are left as they are.
    """
    earlier = known or {}
    found: dict[str, list[Step]] = {}
    standing = [path for path, steps in earlier.items() if not steps[-1].absent]
    for version, path, amount, flagged in _with_ends(rows, ended, standing):
        steps = found.get(path)
        if steps is None:
            steps = found[path] = list(earlier.get(path, ()))
        before = steps[-1] if steps else None
        came = Step(*windows[version], amount, flagged, version, None)
        if before is None or before.absent:
            if came.absent:
                continue
            before = None
        if before is not None and before.same_price(came):
            steps.append(came)
            continue
        priced = amount is not None or (before is not None and before.amount is not None)
        told = event_of.get((version, priced)) or event_of.get((version, not priced))
        steps.append(Step(*windows[version], amount, flagged, version, told))
    return {**earlier, **{path: steps for path, steps in found.items() if steps}}


def _with_ends(
    rows: Sequence[tuple[int, str, Decimal | None, str | None]],
    ended: Sequence[int],
    paths: Iterable[str],
) -> Iterator[tuple[int, str, Decimal | None, str | None]]:
    """The rows, and one that ends each price where the model was gone."""
    standing = dict.fromkeys(paths)
    ends = list(ended)
    for row in rows:
        while ends and ends[0] < row[0]:
            yield from ((ends[0], path, None, None) for path in standing)
            standing.clear()
            del ends[0]
        yield row
        standing[row[1]] = None
    for end in ends:
        yield from ((end, path, None, None) for path in standing)
        standing.clear()


_seen = attrgetter("not_after")
