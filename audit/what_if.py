"""The same usage on other models: what each row costs now, and what it would cost then."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pricetrail.audit.pricer import Priced, Pricer, Unpriced
from pricetrail.audit.totals import added
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.amounts import EXACT


@dataclass
class Swapped:
    """One model's rows that can be priced on both sides. `to` is the model itself if none else."""

    to: str
    rows: int = 0
    uncertain: int = 0
    now: Decimal = Decimal(0)
    then: Decimal = Decimal(0)

    def add(self, now: Priced, then: Priced) -> None:
        """One more row."""
        self.rows += 1
        self.uncertain += now.uncertain or then.uncertain
        self.now = EXACT.add(self.now, now.bill.cost)
        self.then = EXACT.add(self.then, then.bill.cost)

    @property
    def difference(self) -> Decimal:
        """What the swap adds; negative saves."""
        return EXACT.subtract(self.then, self.now)


@dataclass
class Comparison:
    """All rows. A row that one side cannot price is in neither sum: like is compared with like."""

    models: dict[str, Swapped] = field(default_factory=dict)

    @property
    def total(self) -> Swapped:
        """The sums over all models."""
        found = self.models.values()
        return Swapped(
            "",
            sum(one.rows for one in found),
            sum(one.uncertain for one in found),
            added(one.now for one in found),
            added(one.then for one in found),
        )


def compare(
    pricer: Pricer, rows: Iterable[Row], swaps: Mapping[str, str], at: datetime | None
) -> tuple[Comparison, Iterable[Unpriced]]:
    """The comparison, which fills while the rows that cannot be compared are read.

    Args:
        at: price everything as of this time, not as of each row's own.
    """
    found = Comparison()
    return found, _walk(found, pricer, rows, swaps, at)


def _walk(
    found: Comparison,
    pricer: Pricer,
    rows: Iterable[Row],
    swaps: Mapping[str, str],
    at: datetime | None,
) -> Iterable[Unpriced]:
    for row in rows:
        if isinstance(row, BadRow):
            yield Unpriced(row.line, row.model, row.at, row.why)
            continue
        if at is not None:
            row = row._replace(at=at, until=None, text=None)  # noqa: PLW2901 - a named tuple's public method
        now = pricer.price(row)
        to = swaps.get(row.model, row.model)
        then = now if to == row.model else pricer.price(row._replace(model=to))
        if isinstance(now, Unpriced):
            yield now
        elif isinstance(then, Unpriced):
            yield then._replace(model=row.model, why=f"{to}: {then.why}")
        else:
            found.models.setdefault(row.model, Swapped(to)).add(now, then)
