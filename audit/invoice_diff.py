"""Why an invoice differs from what usage costs: per model, and per change of its price."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from pricetrail.audit.invoices import Charge
from pricetrail.audit.results import Interval, PriceChange
from pricetrail.audit.totals import IntervalSum, IntervalUse, Totals, exact_sum
from pricetrail.catalog.amounts import EXACT, plain
from pricetrail.catalog.bills import Tariff

BEFORE, AFTER = "before", "after"
# What tells in which window a version came.
ChangeOf: TypeAlias = Callable[[int], PriceChange]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the model would cost in all, had one change of its price been charged too late or early.

    `charged`: `before` where all use since the change goes by the prices before it, `after`
    where all use until the change goes by the prices after it.
    `explains`: that is what the invoice says, as far as its rounding tells.
    """

    change: PriceChange
    charged: str
    total: Decimal
    explains: bool

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `explanations`."""
        return {
            "change": self.change.as_json(),
            "charged": self.charged,
            "total": plain(self.total),
            "explains": self.explains,
        }


@dataclass(frozen=True, slots=True)
class InvoiceComparison:
    """One model of the invoice, of the usage, or of both; None for the side that lacks it."""

    model: str
    invoiced: Charge | None
    audited: Decimal | None
    unpriced: int
    uncertain: int
    explanations: tuple[Explanation, ...]

    @property
    def difference(self) -> Decimal:
        """What the invoice asks beyond the audit."""
        asked = self.invoiced.amount if self.invoiced is not None else Decimal(0)
        return EXACT.subtract(asked, self.audited or Decimal(0))

    @property
    def agrees(self) -> bool:
        """Whether both say the same, as far as the invoice's rounding tells."""
        if self.invoiced is None or self.audited is None:
            return False
        return _close(self.invoiced, self.audited)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `invoice`."""
        return {
            "model": self.model,
            "invoiced": None if self.invoiced is None else plain(self.invoiced.amount),
            "audited": None if self.audited is None else plain(self.audited),
            "difference": plain(self.difference),
            "agrees": self.agrees,
            "unpriced": self.unpriced,
            "uncertain": self.uncertain,
            "explanations": [explanation.as_json() for explanation in self.explanations],
        }


def compare(
    invoice: Mapping[str, Charge], totals: Totals, change_of: ChangeOf
) -> tuple[InvoiceComparison, ...]:
    """Compare every model of either side, the largest difference first."""
    usage = totals.by_model()
    models = dict.fromkeys([*usage, *totals.unpriced.by_model, *invoice])
    comparisons = [
        _compare_model(model, invoice.get(model), usage.get(model, []), totals, change_of)
        for model in models
    ]
    return tuple(sorted(comparisons, key=lambda each: (-abs(each.difference), each.model)))


def _compare_model(
    model: str,
    charge: Charge | None,
    uses: Sequence[IntervalUse],
    totals: Totals,
    change_of: ChangeOf,
) -> InvoiceComparison:
    audited = exact_sum(use.sum.cost for use in uses) if uses else None
    return InvoiceComparison(
        model,
        charge,
        audited,
        totals.unpriced.by_model[model],
        totals.uncertain.by_model[model],
        tuple(_explanations(charge, audited, uses, change_of)),
    )


def _explanations(
    charge: Charge | None,
    audited: Decimal | None,
    uses: Sequence[IntervalUse],
    change_of: ChangeOf,
) -> Iterable[Explanation]:
    if charge is None or audited is None or _close(charge, audited):
        return
    for old, new in _changes(uses):
        since = [use for use in uses if use.interval.first >= new.first]
        until = [use for use in uses if use.interval.first <= old.first]
        for charged, moved, tariff in ((BEFORE, since, old.tariff), (AFTER, until, new.tariff)):
            total = _total_with(audited, moved, tariff) if moved else None
            if total is not None:
                yield Explanation(change_of(new.first), charged, total, _close(charge, total))


def _changes(uses: Sequence[IntervalUse]) -> list[tuple[Interval, Interval]]:
    """The changes of price at either end of the intervals that were used, oldest first."""
    changes: dict[int, tuple[Interval, Interval]] = {}
    for interval, _ in uses:
        if interval.before is not None:
            changes[interval.first] = (interval.before, interval)
        if interval.after is not None:
            changes[interval.after.first] = (interval, interval.after)
    ordered = [changes[first] for first in sorted(changes)]
    return [(old, new) for old, new in ordered if not old.tariff.agrees(new.tariff)]


def _total_with(audited: Decimal, moved: Sequence[IntervalUse], tariff: Tariff) -> Decimal | None:
    """The model's cost with some intervals' use at other prices; None where they lack one."""
    total = audited
    for _, interval_sum in moved:
        other = _cost(interval_sum, tariff)
        if other is None:
            return None
        total = EXACT.add(EXACT.subtract(total, interval_sum.cost), other)
    return total


def _cost(interval_sum: IntervalSum, tariff: Tariff) -> Decimal | None:
    # Cost is linear in the quantities, once it is known of which situation each is.
    total = Decimal(0)
    for situation, used in interval_sum.used.items():
        bill = tariff.bill(used, situation)
        if bill.missing:
            return None
        total = EXACT.add(total, bill.cost)
    return total


def _close(charge: Charge, amount: Decimal) -> bool:
    """Within half of the smallest step of the invoice: rounding, and nothing more."""
    return abs(EXACT.subtract(charge.amount, amount)) * 2 <= charge.unit
