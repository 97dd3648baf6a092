"""What an invoice charges at once, a model or a day of it, and what would be that amount."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal

from pricetrail.audit.invoices.reading import Charge
from pricetrail.audit.reconciliation.causes import Cause
from pricetrail.audit.reconciliation.factors import bits
from pricetrail.audit.reconciliation.histories import PriceHistory, Use
from pricetrail.audit.results import Interval
from pricetrail.audit.totals import IntervalSum, exact_sum
from pricetrail.catalog.amounts import EXACT

# How far around an amount others are counted, in steps of the invoice, to know how rare they are;
# and how many of them there may be in one step.
AROUND, RARE = 16, 0.2
# What it tells besides that a charge is met without any rounding.
_EXACTLY = 4.0
_HALF = Decimal("0.5")


@dataclass
class Unit:
    """One charge, and the use that it is for; `day` is None where it is of all days.

    `fits`: the causes with which it would be what the invoice says; `common` are more of them, of a
    kind that would meet many amounts by chance. `exactly`: one of them gives it to the last digit.
    """

    day: str | None
    charge: Charge
    uses: tuple[Use, ...]
    fits: set[Cause] = field(default_factory=set)
    common: set[Cause] = field(default_factory=set)
    exactly: bool = False

    @property
    def due(self) -> Decimal:
        """What the use costs."""
        return exact_sum(use.cost for use in self.uses)

    @property
    def difference(self) -> Decimal:
        """What is charged beyond what is due."""
        return EXACT.subtract(self.charge.amount, self.due)

    @property
    def differs(self) -> bool:
        """Whether the charge is something else than what is due."""
        return not self.is_charge(self.due)

    @property
    def slack(self) -> Decimal:
        """By how much the charge may differ from the exact amount: it was rounded."""
        return EXACT.multiply(self.charge.unit, _HALF)

    @property
    def bits(self) -> float:
        """How much it tells that a cause gives this charge."""
        return bits(self.difference, self.slack) + (_EXACTLY if self.exactly else 0)

    def is_charge(self, amount: Decimal) -> bool:
        """Whether an amount is what is charged, as far as the rounding tells."""
        return close(self.charge, amount)

    def try_all(self, history: PriceHistory) -> None:
        """Note the causes with which the use costs what is charged.

        They are common where so many come near the charge that one of them would meet it anyway.
        """
        every = {cause for use in self.uses for cause in history.causes(use)}
        totals = {cause: self.total(cause, history) for cause in every}
        fits = {one for one, total in totals.items() if total is not None and self.is_charge(total)}
        near = {
            total
            for total in totals.values()
            if total is not None
            and self.slack < abs(EXACT.subtract(total, self.charge.amount)) <= self.slack * AROUND
        }
        known = self.fits if len(near) <= RARE * AROUND else self.common
        known |= fits
        self.exactly = any(totals[cause] == self.charge.amount for cause in fits)

    def total(self, cause: Cause, history: PriceHistory) -> Decimal | None:
        """What the use would cost with a cause at work; None where a price lacks."""
        costs = [history.cost(cause, use) for use in self.uses]
        known = [cost for cost in costs if cost is not None]
        return exact_sum(known) if len(known) == len(costs) else None


def close(charge: Charge, amount: Decimal) -> bool:
    """Within half of the smallest step of the invoice: rounding, and nothing more."""
    return abs(EXACT.subtract(charge.amount, amount)) * 2 <= charge.unit


def uses_of(sums: Iterable[tuple[Interval, IntervalSum]]) -> Iterator[Use]:
    """The uses of some intervals, one for each situation."""
    for interval, summed in sums:
        for situation, used in summed.used.items():
            # Cost is linear in the quantities, once it is known of which situation each is.
            yield Use(interval, situation, used, interval.tariff.bill(used, situation).cost)
