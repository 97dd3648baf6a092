"""What an audit says: totals per model and price interval, doubts, and the invoice's side."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from pricetrail.audit.groups import Group
from pricetrail.audit.invoices.comparisons import Comparison
from pricetrail.audit.reconciliation.causes import ChangeOf
from pricetrail.audit.reconciliation.sums import Reconciliation
from pricetrail.audit.results import PriceChange, PricedRow, UnpricedRow
from pricetrail.audit.totals import IntervalUse, RowSample, Totals, exact_sum
from pricetrail.catalog.amounts import plain

NO_ROWS: RowSample[PricedRow] = RowSample(0, ())


@dataclass(frozen=True, slots=True)
class IntervalTotal:
    """What a model's rows cost while one price stood; `until` is None while it still stands."""

    since: PriceChange
    until: PriceChange | None
    rows: int
    cost: Decimal

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `intervals`."""
        return {
            "from": self.since.as_json(),
            "until": None if self.until is None else self.until.as_json(),
            "rows": self.rows,
            "cost": plain(self.cost),
        }


@dataclass(frozen=True, slots=True)
class ModelTotal:
    """What a model's rows cost, and in which price intervals, oldest first."""

    model: str
    rows: int
    cost: Decimal
    intervals: tuple[IntervalTotal, ...]

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `models`."""
        return {
            "model": self.model,
            "rows": self.rows,
            "cost": plain(self.cost),
            "intervals": [interval.as_json() for interval in self.intervals],
        }


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit says of all rows, in USD; models costliest first.

    `rates`: what one of other currencies is worth, where that was given. `out`: the file that got
    a line for each row. `reasons`: the most frequent ones why rows have no price, and of how many
    rows. `comparison` is the invoice's side, where there is one; `reconciliation` that of the
    file's own costs. `left_out`: rows outside the time that was asked for. `focus_rows`: rows of
    FOCUS that were written.
    """

    source: str
    total: Decimal
    rows: int
    models: tuple[ModelTotal, ...]
    unpriced: RowSample[UnpricedRow]
    uncertain: RowSample[PricedRow]
    rates: Mapping[str, Decimal]
    ignored_columns: tuple[str, ...]
    out: str | None
    reasons: tuple[tuple[str, int], ...] = ()
    repeated: RowSample[PricedRow] = NO_ROWS
    comparison: Comparison | None = None
    reconciliation: Reconciliation | None = None
    groups: tuple[Group, ...] | None = None
    left_out: int = 0
    focus_rows: int | None = None

    @property
    def written(self) -> int:
        """How many lines `out` got: of FOCUS, none for rows without a price."""
        return self.rows if self.focus_rows is None else self.focus_rows

    @property
    def priced(self) -> int:
        """How many rows could be priced."""
        return self.rows - self.unpriced.number

    def as_json(self) -> dict[str, object]:
        """The contract's shape, but for its long arrays: `lines`, `unpriced`, `uncertain`,
        `repeated`."""
        document: dict[str, object] = {
            "source": self.source,
            "total": plain(self.total),
            "currency": "USD",
            "rows": self.rows,
            "models": [model.as_json() for model in self.models],
        }
        if self.rates:
            document["rates"] = {code: plain(worth) for code, worth in self.rates.items()}
        if self.groups is not None:
            document["groups"] = [group.as_json() for group in self.groups]
        if self.reconciliation is not None:
            document["reconciliation"] = self.reconciliation.as_json()
        if self.comparison is not None:
            document |= self.comparison.as_json()
        document["ignored_columns"] = list(self.ignored_columns)
        if self.out is not None:
            document["out"] = self.out
        return document


def model_totals(totals: Totals, change_of: ChangeOf) -> tuple[ModelTotal, ...]:
    """The sums of each model, costliest first."""
    return tuple(
        ModelTotal(
            model,
            sum(use.sum.rows for use in uses),
            exact_sum(use.sum.cost for use in uses),
            tuple(_interval_total(use, change_of) for use in uses),
        )
        for model, uses in totals.by_model().items()
    )


def _interval_total(use: IntervalUse, change_of: ChangeOf) -> IntervalTotal:
    interval, interval_sum = use
    until = None if interval.end is None else change_of(interval.end)
    return IntervalTotal(change_of(interval.first), until, interval_sum.rows, interval_sum.cost)
