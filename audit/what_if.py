"""The same usage on other models: what each row costs now, and what it would cost then."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricetrail.audit.pricer import Pricer
from pricetrail.audit.results import PricedRow, UnpricedRow
from pricetrail.audit.totals import RowCounter, RowSample, exact_sum
from pricetrail.audit.usage.rows import BadRow, Row
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.catalog.amounts import EXACT, percent, plain
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.files.spools import Spool


@dataclass(frozen=True, slots=True)
class SwapCost:
    """What rows cost now and would cost then, in USD; only rows that both sides can price."""

    rows: int
    uncertain: int
    now: Decimal
    then: Decimal

    @property
    def difference(self) -> Decimal:
        """What the swap adds; negative saves."""
        return EXACT.subtract(self.then, self.now)

    @property
    def percent(self) -> Decimal | None:
        """The difference in percent to two digits; None where nothing is paid now."""
        return percent(self.now, self.then)

    def as_json(self) -> dict[str, object]:
        """The contract's shape of the sums, for one model or for all."""
        change = self.percent
        return {
            "rows": self.rows,
            "uncertain": self.uncertain,
            "now": plain(self.now),
            "then": plain(self.then),
            "difference": plain(self.difference),
            "percent": None if change is None else str(change),
        }


@dataclass(frozen=True, slots=True)
class ModelSwap:
    """One model's rows, and the model that they would go to: the same one where none is named."""

    model: str
    to: str
    cost: SwapCost

    def as_json(self) -> dict[str, object]:
        """The contract's shape of an entry of `models`."""
        return {"model": self.model, "to": self.to, **self.cost.as_json()}


@dataclass(frozen=True, slots=True)
class WhatIf:
    """All rows, by model, the largest difference first.

    A row that one side cannot price is in neither sum: like is compared with like.
    `unused`: models that were to be swapped, and are not in the usage.
    """

    swaps: Mapping[str, str]
    models: tuple[ModelSwap, ...]
    unpriced: RowSample[UnpricedRow]
    unused: tuple[str, ...]

    @property
    def total(self) -> SwapCost:
        """The sums over all models."""
        costs = [swap.cost for swap in self.models]
        return SwapCost(
            sum(cost.rows for cost in costs),
            sum(cost.uncertain for cost in costs),
            exact_sum(cost.now for cost in costs),
            exact_sum(cost.then for cost in costs),
        )

    def as_json(self) -> dict[str, object]:
        """The contract's shape, but for its long array `unpriced`."""
        return {
            "currency": "USD",
            "swaps": dict(self.swaps),
            **self.total.as_json(),
            "models": [swap.as_json() for swap in self.models],
        }


def parse_swaps(texts: Iterable[str]) -> dict[str, str]:
    """Read `A=B`: the model used, and the other one.

    Raises:
        InvalidInputError: a text says something else, or two say different things.
    """
    swaps: dict[str, str] = {}
    for text in texts:
        used, _, other = (part.strip() for part in text.partition("="))
        if not used or not other:
            raise InvalidInputError(f"--swap {text!r}: write A=B, the model used and the other one")
        if swaps.setdefault(used, other) != other:
            raise InvalidInputError(f"--swap: {used} is swapped for two models")
    return swaps


def what_if(
    pricer: Pricer,
    rows: Iterable[Row],
    swaps: Mapping[str, str],
    at: datetime | None = None,
    unpriced: Spool | None = None,
    aliases: Aliases = NO_ALIASES,
) -> WhatIf:
    """Price every row on the model that was used, and on the one that it is swapped for.

    Args:
        at: price everything as of this time, not as of each row's own.
        unpriced: gets every row that one of the sides cannot price.
        aliases: names that stand for one model: what is swapped under one is under the others.
    """
    sums: dict[str, _Sums] = {}
    counter: RowCounter[UnpricedRow] = RowCounter()
    to = {name: other for used, other in swaps.items() for name in aliases.others(used)} | {**swaps}
    for row in _unpriced_rows(sums, pricer, rows, to, at):
        counter.add(row.model, row)
        if unpriced is not None:
            unpriced.add(row.as_json())
    models = [each.frozen(model) for model, each in sums.items()]
    models.sort(key=lambda swap: (-abs(swap.cost.difference), swap.model))
    used = {*sums, *counter.by_model}
    unused = [name for name in swaps if used.isdisjoint(aliases.names(name))]
    return WhatIf(swaps, tuple(models), counter.sample(), tuple(unused))


@dataclass
class _Sums:
    """One model's sums, as rows pass."""

    to: str
    rows: int = 0
    uncertain: int = 0
    now: Decimal = Decimal(0)
    then: Decimal = Decimal(0)

    def add(self, now: PricedRow, then: PricedRow) -> None:
        """Add a row."""
        self.rows += 1
        self.uncertain += now.uncertain or then.uncertain
        self.now = EXACT.add(self.now, now.bill.cost)
        self.then = EXACT.add(self.then, then.bill.cost)

    def frozen(self, model: str) -> ModelSwap:
        """The sums so far."""
        return ModelSwap(model, self.to, SwapCost(self.rows, self.uncertain, self.now, self.then))


def _unpriced_rows(
    sums: dict[str, _Sums],
    pricer: Pricer,
    rows: Iterable[Row],
    swaps: Mapping[str, str],
    at: datetime | None,
) -> Iterator[UnpricedRow]:
    """The rows that cannot be compared, while the others are summed up."""
    for row in rows:
        if isinstance(row, BadRow):
            yield UnpricedRow(row.line, row.model, row.at, row.why)
            continue
        now = pricer.price(row, at)
        to = swaps.get(row.model, row.model)
        then = now if to == row.model else pricer.price(row._replace(model=to), at)
        if isinstance(now, UnpricedRow):
            yield now
        elif isinstance(then, UnpricedRow):
            yield then._replace(model=row.model, why=f"{to}: {then.why}")
        else:
            sums.setdefault(row.model, _Sums(to)).add(now, then)
