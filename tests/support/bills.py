"""Made bills: random use of a model around a change of its price, charged with one cause at work.

What is charged is worked out here from the price documents alone, with none of the code that looks
for the cause.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.strict_json import loads
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from pricetrail.storage.sources import choose

BEFORE, AFTER, CACHED, TIER = "before", "after", "cached", "tier"
TWICE, ZONE, FACTOR = "twice", "zone", "factor"
CAUSES = (BEFORE, AFTER, CACHED, TIER, TWICE, ZONE, FACTOR)
_HOURS = (-11, -8, -7, -5, -4, -3, 1, 2, 3, 5, 8, 9, 10, 12)
_FACTORS = ("0.5", "0.8", "0.9", "0.95", "1.05", "1.055", "1.1", "1.2", "1.25", "1.5")
_LONG = 200_000
# What is less can be anything, on an invoice with six decimals.
_LEAST = Decimal("0.0001")
# Where a price changes all the time, hardly any time is surely on one side of a change.
_TRIES = 200
_LEAVES = {
    "prompt": ("text", "prompt"),
    "completion": ("text", "completion"),
    "cache_read": ("cache", "read"),
}

Used: TypeAlias = dict[str, int]


class Step(NamedTuple):
    """A price, since when it was seen, and when the one before was last seen."""

    since: datetime
    seen_before: datetime
    pricing: Mapping[str, Any]


class MadeRow(NamedTuple):
    """A use, what is due for it, and what is charged."""

    at: datetime
    used: Used
    due: Decimal
    charged: Decimal


@dataclass(frozen=True)
class MadeBill:
    """The rows of one model around the change to a version, and the cause that is at work."""

    model: str
    cause: str
    since: datetime
    rows: tuple[MadeRow, ...]

    @property
    def total(self) -> Decimal:
        """What is charged in all."""
        return sum((row.charged for row in self.rows), Decimal(0))

    @property
    def difference(self) -> Decimal:
        """What is charged beyond what is due."""
        return self.total - sum((row.due for row in self.rows), Decimal(0))


def price_of(pricing: Mapping[str, Any], used: Used, *, tiered: bool = True) -> Decimal:
    """What a use costs by a price document: told plainly, for tokens alone."""
    is_long = used["prompt"] + used.get("cache_read", 0) > _LONG
    tier = pricing.get("tiers", {}).get("over_200k", {}) if tiered and is_long else {}
    total = Decimal(0)
    for name, number in used.items():
        group, leaf = _LEAVES[name]
        usual = pricing.get(group, {}).get(leaf)
        total += number * Decimal(str(tier.get(group, {}).get(leaf, usual)))
    return total


def at_full_price(used: Used) -> Used:
    """The same use with nothing read from a cache."""
    return {
        "prompt": used["prompt"] + used.get("cache_read", 0),
        "completion": used["completion"],
    }


def histories(database: Database, source: str) -> dict[str, list[Step]]:
    """Every model whose price changed, with all its prices; of tokens, and never away."""
    found: dict[str, list[Step]] = {}
    with database.read() as connection:
        owner = choose(connection, source).id
        times = {row.version: row for row in versions.snapshots(connection, owner)}
        names = {
            m.model for v in (1, max(times)) for m in versions.catalog_at(connection, owner, v)
        }
        for name in sorted(names):
            states = versions.states(connection, versions.model_id(connection, owner, name))
            steps: list[Step] = []
            for state in states:
                pricing, began = loads(state.document)["pricing"], times[state.valid_from]
                # The noise of a binary float is no other price.
                if not steps or not Tariff(pricing).agrees(Tariff(steps[-1].pricing)):
                    before = began.not_before or began.not_after
                    steps.append(Step(began.not_after, before, pricing))
            away = states[-1].valid_to is not None
            away |= any(one.valid_to != other.valid_from for one, other in pairwise(states))
            if len(steps) > 1 and not away and all(map(_is_plain, steps)):
                found[name] = steps
    return found


def _is_plain(step: Step) -> bool:
    text = step.pricing.get("text", {})
    amounts = [text.get("prompt", "0"), text.get("completion", "0")]
    return "generation" not in step.pricing and all(Decimal(str(one)) > 0 for one in amounts)


class BillMaker:
    """Makes bills of a model whose price has changed."""

    def __init__(self, model: str, steps: Sequence[Step], chance: random.Random) -> None:
        self.model, self._steps, self._chance = model, steps, chance
        self._charge: dict[str, Callable[[int, Sequence[MadeRow]], list[Decimal]]] = {
            BEFORE: lambda place, rows: self._with_change(place, rows, late=True),
            AFTER: lambda place, rows: self._with_change(place, rows, late=False),
            CACHED: lambda _, rows: [self._price(r.at, at_full_price(r.used)) for r in rows],
            TIER: lambda _, rows: [self._price(r.at, r.used, tiered=False) for r in rows],
            TWICE: self._twice,
            ZONE: self._moved,
            FACTOR: self._times_factor,
        }

    def can(self, cause: str) -> bool:
        """Whether the model's prices let a cause be at work."""
        if cause == CACHED:
            return all("read" in step.pricing.get("cache", {}) for step in self._steps)
        return cause != TIER or any("tiers" in step.pricing for step in self._steps)

    def make(self, cause: str, rows: int = 12) -> MadeBill | None:
        """A bill around one of the changes; None where the cause makes no difference to it."""
        place = self._chance.randrange(1, len(self._steps))
        used, times = [], self._when(place, rows, near=cause == ZONE)
        if len(times) < rows:
            return None
        for at in times:
            use = self._use(cause)
            due = self._price(at, use)
            used.append(MadeRow(at, use, due, due))
        charged = self._charge[cause](place, used)
        made = tuple(row._replace(charged=one) for row, one in zip(used, charged, strict=True))
        bill = MadeBill(self.model, cause, self._steps[place].since, made)
        return bill if abs(bill.difference) > _LEAST else None

    def _step(self, at: datetime) -> int:
        return max(n for n, step in enumerate(self._steps) if n == 0 or step.since <= at)

    def _price(self, at: datetime, used: Used, *, tiered: bool = True) -> Decimal:
        return price_of(self._steps[self._step(at)].pricing, used, tiered=tiered)

    def _when(self, place: int, rows: int, *, near: bool) -> list[datetime]:
        """Times around a change, each sure to be on one side of it and of every other."""
        change, chance = self._steps[place].since, self._chance
        # Half of them so near that another zone takes them over it.
        spans = [timedelta(hours=11), timedelta(days=chance.choice((2, 5, 20)))]
        first = self._steps[0].since + timedelta(hours=12)
        times: list[datetime] = []
        for _ in range(_TRIES):
            span = spans[not (near and len(times) < rows // 2)].total_seconds()
            at = change + timedelta(seconds=round(chance.uniform(-span, span)))
            sure = not any(step.seen_before < at < step.since for step in self._steps[1:])
            if sure and at >= min(first, change - timedelta(hours=1)):
                times.append(at)
            if len(times) == rows:
                break
        return sorted(times)

    def _use(self, cause: str) -> Used:
        chance, pricings = self._chance, [step.pricing for step in self._steps]
        used = {"prompt": chance.randrange(1_000, 150_000)}
        used["completion"] = chance.randrange(100, 8_000)
        is_cached = cause == CACHED or chance.random() < 0.5
        if is_cached and all("read" in one.get("cache", {}) for one in pricings):
            used["cache_read"] = chance.randrange(500, 45_000)
        if any("tiers" in one for one in pricings) and (cause == TIER or chance.random() < 0.3):
            used["prompt"] = chance.randrange(200_001, 600_000)
        return used

    def _with_change(self, place: int, rows: Sequence[MadeRow], *, late: bool) -> list[Decimal]:
        change, other = self._steps[place].since, self._steps[place - late].pricing
        return [
            price_of(other, row.used) if (row.at >= change) is late else row.due for row in rows
        ]

    def _twice(self, _: int, rows: Sequence[MadeRow]) -> list[Decimal]:
        double = self._chance.randrange(len(rows))
        return [row.due * 2 if n == double else row.due for n, row in enumerate(rows)]

    def _moved(self, _: int, rows: Sequence[MadeRow]) -> list[Decimal]:
        hours = timedelta(hours=self._chance.choice(_HOURS))
        return [self._price(row.at + hours, row.used) for row in rows]

    def _times_factor(self, _: int, rows: Sequence[MadeRow]) -> list[Decimal]:
        factor = Decimal(self._chance.choice(_FACTORS))
        return [row.due * factor for row in rows]
