"""Sums over the rows of an audit, exact: in all, per model, and per price interval."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Generic, TypeVar

from pricetrail.audit import documents
from pricetrail.audit.documents import Spool
from pricetrail.audit.pricer import Interval, Priced, Result, Unpriced
from pricetrail.catalog.amounts import EXACT

_FIRST = 5
_Found = TypeVar("_Found")


@dataclass
class IntervalSum:
    """What rows cost that fell into one price interval.

    `used` holds their quantities by name, for each threshold of prompt length that was passed.
    """

    rows: int = 0
    cost: Decimal = Decimal(0)
    used: dict[int, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, found: Priced) -> None:
        """One more row."""
        self.rows += 1
        self.cost = _add(self.cost, found.bill.cost)
        used = self.used.get(found.passed)
        if used is None:
            used = self.used[found.passed] = {}
        for name, quantity in found.row.used.items():
            used[name] = _add(used[name], quantity) if name in used else quantity


_add = EXACT.add


@dataclass
class Listing(Generic[_Found]):
    """Rows to be named: their number per model, and the first few."""

    first: list[_Found] = field(default_factory=list)
    by_model: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def add(self, model: str | None, found: _Found) -> None:
        """One more row."""
        self.number += 1
        # Names that a file makes up without end must not fill the memory.
        if model is not None and (model in self.by_model or len(self.by_model) < _MANY):
            self.by_model[model] += 1
        if len(self.first) < _FIRST:
            self.first.append(found)


_MANY = 100_000


@dataclass
class Totals:
    """Sums as rows pass; every row is in exactly one of `intervals` and `unpriced`."""

    intervals: dict[Interval, IntervalSum] = field(default_factory=dict)
    unpriced: Listing[Unpriced] = field(default_factory=Listing)
    uncertain: Listing[Priced] = field(default_factory=Listing)

    def watch(self, results: Iterable[Result]) -> Iterator[Result]:
        """Hand on every result, added up."""
        for found in results:
            self.add(found)
            yield found

    def add(self, found: Result) -> None:
        """One more row."""
        if isinstance(found, Unpriced):
            self.unpriced.add(found.model, found)
            return
        place = self.intervals.get(found.interval)
        if place is None:
            place = self.intervals[found.interval] = IntervalSum()
        place.add(found)
        if found.uncertain:
            self.uncertain.add(found.row.model, found)

    @property
    def total(self) -> Decimal:
        """The cost of all priced rows."""
        return added(place.cost for place in self.intervals.values())

    @property
    def rows(self) -> int:
        """How many rows were read."""
        return self.unpriced.number + sum(place.rows for place in self.intervals.values())

    def by_model(self) -> dict[str, list[tuple[Interval, IntervalSum]]]:
        """Per model, costliest first, the intervals its rows fell into, oldest first."""
        found: dict[str, list[tuple[Interval, IntervalSum]]] = {}
        for interval, place in self.intervals.items():
            found.setdefault(interval.model, []).append((interval, place))
        for places in found.values():
            places.sort(key=lambda pair: pair[0].first)
        cost = {name: added(place.cost for _, place in found[name]) for name in found}
        return {name: found[name] for name in sorted(found, key=lambda name: (-cost[name], name))}


def added(amounts: Iterable[Decimal]) -> Decimal:
    """The exact sum."""
    total = Decimal(0)
    for amount in amounts:
        total = EXACT.add(total, amount)
    return total


@dataclass
class Spools:
    """The long arrays of the JSON document; `lines` only where they go nowhere else."""

    lines: Spool | None
    unpriced: Spool = field(default_factory=Spool)
    uncertain: Spool = field(default_factory=Spool)

    def watch(self, results: Iterable[Result]) -> Iterator[Result]:
        """Hand on every result, written down."""
        for found in results:
            self.add(found)
            yield found

    def add(self, found: Result) -> None:
        """One more row."""
        if isinstance(found, Unpriced):
            self.unpriced.add(documents.unpriced(found))
            return
        if self.lines is not None:
            self.lines.add(documents.priced(found))
        if found.uncertain:
            self.uncertain.add(documents.uncertain(found))

    def arrays(self) -> dict[str, Spool]:
        """By their names in the document."""
        own = {} if self.lines is None else {"lines": self.lines}
        return own | {"unpriced": self.unpriced, "uncertain": self.uncertain}

    def close(self) -> None:
        """Give the disk back."""
        for spool in self.arrays().values():
            spool.close()
