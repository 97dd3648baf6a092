"""Sums over the rows of an audit, exact, while the rows pass: per model and price interval."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, NamedTuple, TypeVar

from pricetrail.audit.results import Interval, PricedRow, RowResult, UnpricedRow
from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.situations import Situation

_FIRST = 5
_MANY = 100_000
# Reasons that differ in each row tell nothing when they are counted.
_FEW = 1_000
_Row = TypeVar("_Row")
_add = EXACT.add


@dataclass
class IntervalSum:
    """What rows cost that fell into one price interval.

    `used` holds their quantities by name, for each situation that decides by which prices.
    """

    rows: int = 0
    cost: Decimal = Decimal(0)
    used: dict[Situation, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, priced: PricedRow, rows: int = 1) -> None:
        """Add a row, or the sum of several."""
        self.rows += rows
        self.cost = _add(self.cost, priced.bill.cost)
        used = self.used.get(priced.situation)
        if used is None:
            used = self.used[priced.situation] = {}
        for name, quantity in priced.row.used.items():
            used[name] = _add(used[name], quantity) if name in used else quantity


class IntervalUse(NamedTuple):
    """A price interval of a model, and the rows that fell into it."""

    interval: Interval
    sum: IntervalSum


class RowSample(NamedTuple, Generic[_Row]):
    """How many rows there were, and the first few of them."""

    number: int
    first: tuple[_Row, ...]


@dataclass
class RowCounter(Generic[_Row]):
    """Rows to be named: their number, that of each model, and the first few."""

    first: list[_Row] = field(default_factory=list)
    by_model: Counter[str] = field(default_factory=Counter)
    number: int = 0
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, model: str | None, row: _Row, reason: str | None = None) -> None:
        """Count a row."""
        self.number += 1
        if reason is not None and (reason in self.reasons or len(self.reasons) < _FEW):
            self.reasons[reason] += 1
        # Names that a file makes up without end must not fill the memory.
        if model is not None and (model in self.by_model or len(self.by_model) < _MANY):
            self.by_model[model] += 1
        if len(self.first) < _FIRST:
            self.first.append(row)

    def sample(self) -> RowSample[_Row]:
        """What was counted so far."""
        return RowSample(self.number, tuple(self.first))


@dataclass
class Totals:
    """Sums as rows pass; every row is in exactly one of `intervals` and `unpriced`.

    `daily`: also by model and day, in `days`.
    """

    daily: bool = False
    days: dict[tuple[str, str], dict[Interval, IntervalSum]] = field(default_factory=dict)
    intervals: dict[Interval, IntervalSum] = field(default_factory=dict)
    unpriced: RowCounter[UnpricedRow] = field(default_factory=RowCounter)
    uncertain: RowCounter[PricedRow] = field(default_factory=RowCounter)
    repeated: RowCounter[PricedRow] = field(default_factory=RowCounter)

    def watch(self, results: Iterable[RowResult]) -> Iterator[RowResult]:
        """Hand on every result, added up."""
        for result in results:
            self.add(result)
            yield result

    def add(self, result: RowResult) -> None:
        """Add a row."""
        if isinstance(result, UnpricedRow):
            self.unpriced.add(result.model, result, result.why)
            return
        interval = result.interval
        self.add_sum(result, 1)
        if self.daily:
            day = (result.row.model, result.row.at.date().isoformat())
            self.days.setdefault(day, {}).setdefault(interval, IntervalSum()).add(result)
        if result.uncertain:
            self.uncertain.add(result.row.model, result)
        if result.repeats is not None:
            self.repeated.add(result.row.model, result)

    def add_sum(self, priced: PricedRow, rows: int) -> None:
        """Add what several rows of one interval cost, whose price is certain."""
        interval_sum = self.intervals.get(priced.interval)
        if interval_sum is None:
            interval_sum = self.intervals[priced.interval] = IntervalSum()
        interval_sum.add(priced, rows)

    @property
    def total(self) -> Decimal:
        """The cost of all priced rows."""
        return exact_sum(each.cost for each in self.intervals.values())

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.unpriced.number + sum(each.rows for each in self.intervals.values())

    def by_model(self) -> dict[str, list[IntervalUse]]:
        """Per model, costliest first, the intervals its rows fell into, oldest first."""
        models: dict[str, list[IntervalUse]] = {}
        for interval, interval_sum in self.intervals.items():
            models.setdefault(interval.model, []).append(IntervalUse(interval, interval_sum))
        for uses in models.values():
            uses.sort(key=lambda use: use.interval.first)
        cost = {model: exact_sum(use.sum.cost for use in models[model]) for model in models}
        return {model: models[model] for model in sorted(models, key=lambda m: (-cost[m], m))}


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    total = Decimal(0)
    for amount in amounts:
        total = _add(total, amount)
    return total
