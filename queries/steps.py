"""One price over time as steps, and what may be said of them: low, usual, high, since when."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog import units
from pricetrail.catalog.amounts import plain, same_price, without_noise
from pricetrail.catalog.pointers import split
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null


class Step(NamedTuple):
    """What stands at a price's place from a version on.

    It came between `not_before` (None: nothing was seen before) and `not_after`, when it was
    first seen. `amount` is None where what came is no amount, and `flagged` is its text then; both
    are None where the price went. `event_id` is None where no event tells of it: a baseline, or a
    binary float's noise.
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
    """Prices that one chart can show: of one unit, and of one part of the pricing."""

    name: str
    unit: str
    prices: Sequence[PriceTrail]


def price_trail(
    path: str, steps: Sequence[Step], begin: datetime, end: datetime
) -> PriceTrail | None:
    """A price from `begin` to `end`; None where nothing stood there in all that time.

    Args:
        steps: oldest first, from the first that ever stood there.
    """
    earlier = sum(1 for step in steps if step.not_after <= begin)
    shown = steps[max(0, earlier - 1) :]
    if shown and shown[0].absent:
        shown = shown[1:]
    if not shown:
        return None
    held = None if shown[-1].absent else _held_since(steps)
    return PriceTrail(path, units.unit(path), shown, _range(shown, begin, end), held)


def _held_since(steps: Sequence[Step]) -> tuple[datetime | None, datetime]:
    """When the last price came, be it with other digits behind the twelfth since."""
    first = len(steps) - 1
    while first and steps[first - 1].same_price(steps[-1]):
        first -= 1
    return steps[first].window


def _range(steps: Sequence[Step], begin: datetime, end: datetime) -> Range | None:
    """Each amount counts from when it was first seen until the next was; of two the later one."""
    held: dict[Decimal, timedelta] = {}
    shown: dict[Decimal, Decimal] = {}
    for step, until in zip(steps, [*(step.not_after for step in steps[1:]), end], strict=True):
        if step.amount is None:
            continue
        one = without_noise(step.amount)
        length = max(until, begin) - max(step.not_after, begin)
        # Put anew at its end: the later of two that held as long is the usual one.
        held[one] = held.pop(one, timedelta(0)) + length
        shown[one] = step.amount
    if not held:
        return None
    amounts = [step.amount for step in steps if step.amount is not None]
    usual = max(reversed(held), key=held.__getitem__)
    return Range(min(amounts), shown[usual], max(amounts))


def grouped(prices: Sequence[PriceTrail]) -> tuple[PriceGroup, ...]:
    """The prices in the groups that people think in: text, cache, …, then tiers, then native."""
    groups: dict[tuple[str, str], list[PriceTrail]] = {}
    for one in prices:
        groups.setdefault((group_name(one.path), one.unit), []).append(one)
    ordered = sorted(groups.items(), key=lambda item: (_rank(item[0][0]), *item[0]))
    return tuple(
        PriceGroup(name, unit, tuple(sorted(some, key=_order))) for (name, unit), some in ordered
    )


def group_name(path: str) -> str:
    """`text`, `cache`, `generation`, `native`; `tiers.over_200k`, `tiers.priority.over_200k`."""
    match split(path)[1:]:
        case ["tiers", *tiers, _, _] if tiers:
            return ".".join(["tiers", *tiers])
        case [group, _, *_]:
            return group
    return "other"


def _rank(group: str) -> int:
    first = group.partition(".")[0]
    return _GROUPS.index(first) if first in _GROUPS else len(_GROUPS)


def _order(trail: PriceTrail) -> tuple[int, str]:
    leaf = tuple(split(trail.path)[-2:])
    return (_LEAVES.index(leaf) if leaf in _LEAVES else len(_LEAVES)), trail.path


_GROUPS = ("text", "cache", "multimodal", "generation", "tiers", "native")
_LEAVES = (
    ("text", "prompt"),
    ("text", "completion"),
    ("text", "internal_reasoning"),
    ("cache", "read"),
    ("cache", "write"),
    ("cache", "write_1h"),
    ("multimodal", "input_image"),
    ("multimodal", "output_image"),
)


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
