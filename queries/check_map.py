"""Does a map of prices that somebody has agree with a gateway: which models differ, since when?"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from pricetrail.catalog import units
from pricetrail.catalog.amounts import percent, plain, same_price
from pricetrail.catalog.conditions import day_of
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.pointers import dotted
from pricetrail.catalog.times import rfc3339
from pricetrail.queries import models
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.map_names import Names
from pricetrail.queries.map_prices import NotCompared, Unequal, compared
from pricetrail.queries.price_maps import PriceMap
from pricetrail.storage.database import Transaction
from pricetrail.storage.history import trails, versions
from pricetrail.storage.history.trails import PriceRow, Window
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.coverage import END_OF_TIME
from pricetrail.text.sums import counted

_ENDLESS, _UNKNOWN = Decimal("Infinity"), Decimal(-1)


@dataclass(frozen=True, slots=True)
class Turn:
    """When a price changed: the version that did it, and the times between which it came."""

    version: int
    window: Window

    def as_json(self) -> dict[str, object]:
        """Its version and times; `not_before` is null for what was there at first."""
        return {
            "version": self.version,
            "not_before": time_or_null(self.window.not_before),
            "not_after": rfc3339(self.window.not_after),
        }


@dataclass(frozen=True, slots=True)
class PriceDifference:
    """A price that the map has otherwise than the gateway, or not at all (`in_map` is None).

    `since` is when the gateway's price became what it is. `right_until` is when the gateway went
    away from the map's price; None where it never had it.
    """

    path: str
    in_map: Decimal | None
    at_gateway: Decimal
    since: Turn
    right_until: Turn | None

    @property
    def unit(self) -> str:
        """What it is a price of."""
        return units.unit(self.path)

    @property
    def percent(self) -> Decimal | None:
        """By how much the gateway's price is above the map's; None where there is no ratio."""
        return percent(self.in_map, self.at_gateway)

    @property
    def size(self) -> Decimal:
        """How large the difference is: endless from zero, and none that is known from nothing."""
        if self.in_map is None:
            return _UNKNOWN
        by = self.percent
        return _ENDLESS if by is None else abs(by)

    def as_json(self) -> dict[str, object]:
        """The entry of `prices`."""
        by = self.percent
        return {
            "path": self.path,
            "unit": self.unit,
            "map": None if self.in_map is None else plain(self.in_map),
            "gateway": plain(self.at_gateway),
            "percent": None if by is None else str(by),
            "since": self.since.as_json(),
            "right_until": None if self.right_until is None else self.right_until.as_json(),
        }


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """A model of which prices differ, largest difference first; `named` is its name in the map."""

    model: str
    named: str
    prices: tuple[PriceDifference, ...]

    def as_json(self) -> dict[str, object]:
        """The entry of `differences`."""
        prices = [price.as_json() for price in self.prices]
        return {"model": self.model, "named": self.named, "prices": prices}


@dataclass(frozen=True, slots=True)
class CheckMapAnswer:
    """What became of every model of a map and of a gateway, as it was at a time.

    `compared` is the number of models of the map that the gateway has; `agreeing` of prices that
    are the same. `differences` begin with the largest one.
    """

    source: str
    format: str
    at: datetime
    version: int
    compared: int
    agreeing: int
    differences: tuple[ModelDifference, ...]
    only_in_map: tuple[str, ...]
    only_at_gateway: tuple[str, ...]
    not_compared: tuple[NotCompared, ...]

    @property
    def agrees(self) -> bool:
        """Whether no price differs."""
        return not self.differences

    def as_json(self) -> dict[str, object]:
        """The document of `check-map`."""
        return {
            "source": self.source,
            "format": self.format,
            "at": rfc3339(self.at),
            "version": self.version,
            "compared": self.compared,
            "agreeing_prices": self.agreeing,
            "differences": [one.as_json() for one in self.differences],
            "only_in_map": list(self.only_in_map),
            "only_at_gateway": list(self.only_at_gateway),
            "not_compared": [one.as_json() for one in self.not_compared],
        }

    def in_words(self) -> str:
        """How many models were compared, how many differ, and how many are in one list alone."""
        differ = len(self.differences)
        parts = [
            f"{counted(self.compared, 'model')} compared: {differ:,} differ{'s' * (differ == 1)}",
            f"{len(self.only_in_map):,} only in the map",
            f"{len(self.only_at_gateway):,} only at {self.source}",
        ]
        return ", ".join(parts)


def ask(
    transaction: Transaction,
    source: str | None,
    price_map: PriceMap,
    at: datetime | None = None,
    names: Names | None = None,
) -> CheckMapAnswer:
    """What differs between a map and a gateway at a time; None for as it was last seen.

    Raises:
        SourceNeededError: there are several sources, and none is named.
        NotFoundError: no such source, no snapshot then, or not one model that both have.
    """
    found = models.locate(transaction, source, at)
    texts = models.texts_of(transaction, found)
    pairs = dict((names or Names()).pairs(price_map.models, texts.keys(), found.source))
    if not pairs:
        raise NotFoundError(_nothing_shared(price_map.models, texts))
    differences: list[ModelDifference] = []
    not_compared: list[NotCompared] = []
    agreeing = 0
    moment = at or coverage.last_seen(transaction, found.source_id) or END_OF_TIME
    for named, model in pairs.items():
        outcome = compared(price_map, named, model, texts[model], day_of(moment))
        agreeing += outcome.agreeing
        not_compared += outcome.not_compared
        if outcome.unequal:
            history = _History(transaction, found.source_id, model, found.version)
            prices = sorted(map(history.difference, outcome.unequal), key=_largest_first)
            differences.append(ModelDifference(model, named, tuple(prices)))
    differences.sort(key=lambda one: (_largest_first(one.prices[0]), one.model, one.named))
    return CheckMapAnswer(
        source=found.source,
        format=price_map.format,
        at=moment,
        version=found.version,
        compared=len(pairs),
        agreeing=agreeing,
        differences=tuple(differences),
        only_in_map=tuple(sorted(price_map.models.keys() - pairs.keys())),
        only_at_gateway=tuple(sorted(texts.keys() - set(pairs.values()))),
        not_compared=tuple(not_compared),
    )


def _largest_first(price: PriceDifference) -> tuple[Decimal, str]:
    return -price.size, dotted(price.path)


def _nothing_shared(named: Iterable[str], ids: Mapping[str, object]) -> str:
    """That no model is in both; and what would help where names have something before the id."""
    for name in named:
        before, slash, rest = name.partition("/")
        if slash and rest in ids:
            return (
                f"no name in the map is a model of the gateway, but {name} would be without "
                f"{before}/: say --model '{before}/*=*'"
            )
    return "no name in the map is a model of the gateway: say which is which with --model old=new"


class _History:
    """The prices of one model over time, up to a version."""

    def __init__(self, transaction: Transaction, source_id: int, model: str, version: int) -> None:
        self._transaction, self._source_id = transaction, source_id
        row = versions.model_id(transaction, source_id, model)
        self._rows = trails.price_rows(transaction, source_id, row, version)

    def difference(self, unequal: Unequal) -> PriceDifference:
        """The difference, with when it began."""
        rows = [row for row in self._rows if row.path == unequal.gateway_path]
        began = _began(rows, unequal.at_gateway)
        ended = None if unequal.in_map is None else _ended(rows[:began], unequal.in_map)
        turns = self._turns([rows[began], *([] if ended is None else [rows[ended]])])
        return PriceDifference(
            unequal.path,
            unequal.in_map,
            unequal.at_gateway,
            next(turns),
            next(turns, None),
        )

    def _turns(self, rows: Sequence[PriceRow]) -> Iterator[Turn]:
        found = trails.windows(self._transaction, self._source_id, [row.version for row in rows])
        yield from (Turn(row.version, found[row.version]) for row in rows)


def _began(rows: Sequence[PriceRow], amount: Decimal) -> int:
    """Which row brought the amount that the last ones have; a float's noise is no change."""
    first = len(rows) - 1
    while first and _is(rows[first - 1], amount):
        first -= 1
    return first


def _ended(earlier: Sequence[PriceRow], amount: Decimal) -> int | None:
    """Which row took an amount away that stood there before; None where it never did."""
    last = next((i for i in reversed(range(len(earlier))) if _is(earlier[i], amount)), None)
    return None if last is None else last + 1


def _is(row: PriceRow, amount: Decimal) -> bool:
    return row.amount is not None and same_price(row.amount, amount)
