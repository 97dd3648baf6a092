"""Why an invoice differs from what usage costs: per model, and per change of its price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TypeAlias

from pricetrail.audit.invoices import Charge
from pricetrail.audit.pricer import Interval
from pricetrail.audit.totals import IntervalSum, Totals, added
from pricetrail.catalog.amounts import EXACT
from pricetrail.catalog.bills import Tariff

BEFORE, AFTER = "before", "after"
Places: TypeAlias = Sequence[tuple[Interval, IntervalSum]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """What the model would cost in all, had one change of its price been charged too late or early.

    `charged`: `before` where all use since the change goes by the prices before it, `after`
    where all use until the change goes by the prices after it. `version` is the change's.
    `explains`: that is what the invoice says, as far as its rounding tells.
    """

    version: int
    charged: str
    total: Decimal
    explains: bool


@dataclass(frozen=True, slots=True)
class Comparison:
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


def compare(invoice: Mapping[str, Charge], totals: Totals) -> list[Comparison]:
    """Every model of either side, the largest difference first."""
    usage = totals.by_model()
    names = [*usage, *(name for name in totals.unpriced.by_model if name not in usage)]
    names += [name for name in invoice if name not in dict.fromkeys(names)]
    found = [_one(name, invoice.get(name), usage.get(name, []), totals) for name in names]
    return sorted(found, key=lambda one: (-abs(one.difference), one.model))


def _one(name: str, charge: Charge | None, places: Places, totals: Totals) -> Comparison:
    audited = added(place.cost for _, place in places) if places else None
    return Comparison(
        name,
        charge,
        audited,
        totals.unpriced.by_model[name],
        totals.uncertain.by_model[name],
        tuple(_explanations(charge, audited, places)),
    )


def _explanations(
    charge: Charge | None, audited: Decimal | None, places: Places
) -> Iterable[Explanation]:
    if charge is None or audited is None or _close(charge, audited):
        return
    for old, new in _changes(places):
        since = [pair for pair in places if pair[0].first >= new.first]
        until = [pair for pair in places if pair[0].first <= old.first]
        for charged, moved, tariff in ((BEFORE, since, old.tariff), (AFTER, until, new.tariff)):
            total = _with(audited, moved, tariff) if moved else None
            if total is not None:
                yield Explanation(new.first, charged, total, _close(charge, total))


def _changes(places: Places) -> list[tuple[Interval, Interval]]:
    """The changes of price at either end of the intervals that were used, oldest first."""
    found: dict[int, tuple[Interval, Interval]] = {}
    for interval, _ in places:
        if interval.before is not None:
            found[interval.first] = (interval.before, interval)
        if interval.after is not None:
            found[interval.after.first] = (interval, interval.after)
    changes = [found[first] for first in sorted(found)]
    return [(old, new) for old, new in changes if not old.tariff.agrees(new.tariff)]


def _with(audited: Decimal, moved: Places, tariff: Tariff) -> Decimal | None:
    """The model's cost with some intervals' use at other prices; None where they lack one."""
    total = audited
    for _, place in moved:
        other = _cost(place, tariff)
        if other is None:
            return None
        total = EXACT.add(EXACT.subtract(total, place.cost), other)
    return total


def _cost(place: IntervalSum, tariff: Tariff) -> Decimal | None:
    # Cost is linear in the quantities, once it is known which tier each falls under.
    total = Decimal(0)
    for passed, used in place.used.items():
        bill = tariff.bill(used, passed)
        if bill.missing:
            return None
        total = EXACT.add(total, bill.cost)
    return total


def _close(charge: Charge, amount: Decimal) -> bool:
    """Within half of the smallest step of the invoice: rounding, and nothing more."""
    return abs(EXACT.subtract(charge.amount, amount)) * 2 <= charge.unit
