"""What an engine added up, priced: a class of rows costs what one row with its sums would.

The pricer itself says of each class whether that holds. Where it says that a cost is not certain,
or that there is none, the rows of the class are refused here, and priced one by one.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal

from pricetrail.audit.engines.plan import LEFT_OUT, REST, Plan, RowClass
from pricetrail.audit.engines.stretches import SINCE_1970, PriceStretch
from pricetrail.audit.groups import DAY, MODEL, Groups
from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.prompts import Prompts
from pricetrail.audit.usage.quantities import RowError
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.audit.usage.services import service
from pricetrail.storage.polls.certainty import OBSERVED


@dataclass
class Classes:
    """The classes of an audit's rows, as an engine hands them over.

    `refused` are those whose rows are to be priced one by one; `rest` is how many such rows there
    are, those that no stretch holds among them. `left_out`: rows outside of the time asked for.
    """

    pricer: Pricer
    plan: Plan
    stretches: Sequence[PriceStretch]
    totals: Totals
    groups: Groups
    refused: list[RowClass] = field(default_factory=list)
    rest: int = 0
    left_out: int = 0
    rows: int = 0

    def add(self, rows: RowClass) -> None:
        """Add what a class of rows costs, or refuse it."""
        self.rows += rows.rows
        tier = _tier(rows)
        if rows.number == LEFT_OUT and tier is not None:
            self.left_out += rows.rows
        elif rows.number == REST or not self._add(rows, tier):
            self.rest += rows.rows

    def _add(self, rows: RowClass, tier: str | None) -> bool:
        stretch = self.stretches[rows.number] if rows.number >= 0 else None
        priced = None if stretch is None or tier is None else self._price(rows, stretch, tier)
        if stretch is None or priced is None:
            self.refused.append(rows)
            return False
        self.totals.add_sum(priced, rows.rows)
        if self.groups.ways:
            self.groups.add_sum(self._values(rows, stretch), rows.rows, priced.bill.cost)
        return True

    def _price(self, rows: RowClass, stretch: PriceStretch, tier: str) -> PricedRow | None:
        """One row that costs what all of them do; None where that is not certain."""
        # A prompt of any length between two thresholds is charged alike.
        length = Decimal(stretch.thresholds[rows.passed - 1] + 1 if rows.passed else 0)
        names = (name for bit, name in enumerate(self.plan.quantities) if rows.used >> bit & 1)
        sums = (total for bit, total in enumerate(rows.sums) if rows.used >> bit & 1)
        used = dict(zip(names, sums, strict=True))
        one = UsageRow(0, stretch.model, stretch.start, used, Prompts(length, length), service=tier)
        result = self.pricer.price(one)
        certain = isinstance(result, PricedRow) and result.certainty == OBSERVED
        return result if isinstance(result, PricedRow) and certain else None

    def _values(self, rows: RowClass, stretch: PriceStretch) -> tuple[str | None, ...]:
        """What the class is in each of the ways that rows are added up by."""
        labels = (None if label is None else label.strip() for label in rows.labels)
        known = dict(zip(self.plan.labels, labels, strict=True))
        known[MODEL] = stretch.model
        if rows.day is not None:
            known[DAY] = (SINCE_1970 + timedelta(microseconds=rows.day)).date().isoformat()
        return tuple(known[way] for way in self.groups.ways)


def _tier(rows: RowClass) -> str | None:
    """Their service tier; None where their cells say none, so that they are no rows of usage."""
    try:
        return service(rows.tier, rows.batch)
    except RowError:
        return None
