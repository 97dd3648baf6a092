"""What the rows of a file tell together: which causes explain all that differs in a model."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import islice

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.reconciliation.causes import FACTOR, TWICE, UNCERTAIN, ZONE, Cause
from pricetrail.audit.reconciliation.choices import Alternatives, Fits, choose
from pricetrail.audit.reconciliation.factors import FactorFit, bits
from pricetrail.audit.reconciliation.histories import PriceHistory, Use
from pricetrail.audit.reconciliation.steps import Steps
from pricetrail.audit.reconciliation.zones import ZoneFit, cost_at
from pricetrail.audit.results import PricedRow
from pricetrail.audit.totals import Totals
from pricetrail.audit.usage.files import UsageTable
from pricetrail.audit.usage.rows import UsageRow
from pricetrail.catalog.amounts import EXACT

# So many rows tell whether a file has costs, and how they are rounded.
_FIRST = 10_000
# How surprising it must be that a cause fits a row, in halvings of the chance that one would.
_ENOUGH_BITS = 5.0
# What it tells besides that a cost is met without any rounding.
_EXACTLY = 12.0
# How many are tried besides the changes of price, more or less.
_OTHER_CAUSES = 6
# What befalls one row, and leaves the one beside it alone.
_OF_SINGLE_ROWS = frozenset({TWICE, UNCERTAIN})


def steps_of(table: UsageTable) -> Steps | None:
    """How the costs of a file are written; None where its first rows have none."""
    steps, found = Steps(), False
    for row in islice(table.read(), _FIRST):
        if isinstance(row, UsageRow) and row.reported is not None:
            steps.add(row.reported)
            found = True
    return steps if found else None


@dataclass
class _ModelEvidence:
    """One model: what differs, what agrees, and what fits all of it."""

    fits: Fits = field(default_factory=Fits)
    agreeing: Totals = field(default_factory=Totals)
    factors: FactorFit = field(default_factory=FactorFit)
    zones: ZoneFit = field(default_factory=ZoneFit)


class Evidence:
    """The rows of a file that has costs, as they pass; then what explains those that differ."""

    def __init__(self, pricer: Pricer, steps: Steps) -> None:
        self.steps = steps
        self.change_of = pricer.change
        self._pricer = pricer
        self._models: dict[str, _ModelEvidence] = {}
        self._histories: dict[str, PriceHistory] = {}
        self._all = FactorFit()

    def add(self, rows: Iterable[object]) -> None:
        """Take in rows; those without a price or a cost tell nothing."""
        for row in rows:
            if isinstance(row, PricedRow) and row.row.reported is not None:
                self._add(row)

    def _add(self, row: PricedRow) -> None:
        asked, due = row.row.reported, row.bill.cost
        if asked is None:
            return
        model = self._models.get(row.interval.model)
        if model is None:
            model = self._models[row.interval.model] = _ModelEvidence()
        slack = self.steps.slack(asked)
        if abs(EXACT.subtract(asked, due)) <= slack:
            model.agreeing.add(row)
        else:
            causes, exactly = self._causes(row, asked, slack)
            told = bits(EXACT.subtract(asked, due), slack) + (_EXACTLY if exactly else 0)
            model.fits.add(causes, told)
        # What may have cost something else says nothing about what holds for all rows.
        if row.other_cost in (None, due):
            model.factors.add(asked, due, slack)
            self._all.add(asked, due, slack)
            if model.zones.mask:
                model.zones.add(row, self.history(row.interval.model), _asked(asked, slack))

    def history(self, model: str) -> PriceHistory:
        """All prices that a model ever had."""
        if model not in self._histories:
            intervals = self._pricer.intervals(model)
            self._histories[model] = PriceHistory(intervals, self._pricer.change)
        return self._histories[model]

    def _causes(
        self, row: PricedRow, asked: Decimal, slack: Decimal
    ) -> tuple[frozenset[Cause], bool]:
        """The causes that explain one row by itself; and whether one does to the last digit."""
        other, is_asked = row.other_cost, _asked(asked, slack)
        if other is not None and is_asked(other):
            return frozenset({Cause(UNCERTAIN)}), asked == other
        history, use = self.history(row.interval.model), Use.of(row)
        costs = {cause: history.cost(cause, use) for cause in history.causes(use)}
        found = frozenset(
            cause for cause, cost in costs.items() if cost is not None and is_asked(cost)
        )
        return found, any(costs[cause] == asked for cause in found)

    def explains(self, cause: Cause, row: PricedRow) -> bool:
        """Whether a cause, of those that were chosen, explains what the file says of a row."""
        asked, history = row.row.reported, self.history(row.interval.model)
        if asked is None:
            return False
        cost: Decimal | None
        if cause.kind == UNCERTAIN:
            cost = row.other_cost
        elif cause.kind == FACTOR and isinstance(cause.of, Decimal):
            cost = EXACT.multiply(row.bill.cost, cause.of)
        elif cause.kind == ZONE and isinstance(cause.of, tuple):
            cost = cost_at(row.row, history, cause.of[0])
        else:
            cost = history.cost(cause, Use.of(row))
        return cost is not None and self.steps.same(asked, cost)

    def choices(self) -> "dict[str, tuple[Alternatives, ...]]":
        """Per model, the causes that are to be named."""
        return {name: self._choices(name, model) for name, model in self._models.items()}

    def _choices(self, name: str, model: _ModelEvidence) -> tuple[Alternatives, ...]:
        factor = model.factors.factor if self._all.factor is None else self._all.factor
        throughout = [Cause(FACTOR, factor)] if factor is not None else []
        zone = model.zones.cause
        throughout += [zone] if zone is not None else []
        fits = model.fits.with_all(throughout)
        every = {cause for causes in fits.rows for cause in causes}
        contradicted = {one for one in every if self._is_contradicted(one, name, model)}
        # Of many rows that differ, and many prices there were, one or the other is met by chance.
        tried = max(1, fits.rows.total()) * (_OTHER_CAUSES + len(self.history(name).changes))
        enough = _ENOUGH_BITS + math.log2(tried)
        return choose(fits, contradicted, enough)

    def _is_contradicted(self, cause: Cause, name: str, model: _ModelEvidence) -> bool:
        """Whether a cause would have changed rows that are as they should be."""
        if cause.kind in _OF_SINGLE_ROWS:
            return False
        history = self.history(name)
        for interval, summed in model.agreeing.intervals.items():
            for situation, used in summed.used.items():
                cost = interval.tariff.bill(used, situation).cost
                if history.cost(cause, Use(interval, situation, used, cost)) != cost:
                    return True
        return False


def _asked(asked: Decimal, slack: Decimal) -> Callable[[Decimal], bool]:
    """Whether a cost that was worked out is what the file says."""
    low, high = EXACT.subtract(asked, slack), EXACT.add(asked, slack)
    return lambda cost: low <= cost <= high
