"""A catalog as the writers of price files see it: what each quantity costs, below and above.

Amounts are those that a bill is made of (`catalog.bills`), so that a file that was read by another
tool makes the same bill.
"""

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import NamedTuple, Protocol

from pricetrail.catalog.amounts import EXACT, normalised
from pricetrail.catalog.bills import PATHS, Tariff
from pricetrail.catalog.documents import Document
from pricetrail.catalog.prices import Price
from pricetrail.catalog.strict_json import dumps, loads, printable
from pricetrail.catalog.times import TimeError, utc
from pricetrail.queries.formats.contexts import Context, Contexts
from pricetrail.storage.remembered import Remembered

NO_PLACE = "the format has no place for it"
NO_AMOUNT = "it is no amount"
NOT_THEN = "it does not hold on the day that the file is of"
NO_PRICES = "no price that the format has a place for"
SAME_ID = "another model has its id, but for upper and lower case"


class LeftOut(NamedTuple):
    """A price, or a whole model where `path` is None, that a file cannot carry, and why."""

    model: str
    path: str | None
    why: str


class Rate(NamedTuple):
    """What one of a quantity costs, in USD, and the path of the price that says so."""

    path: str
    amount: Decimal


class Line(dict[str, object]):
    """What a file says of a model: an object on one line, whose text is made once."""

    @cached_property
    def text(self) -> str:
        """The line, as a command prints it."""
        return printable(dumps(self))


class Entry(NamedTuple):
    """What a file says of a model, None where it has nothing to say; and what it cannot."""

    line: Line | None
    left_out: tuple[LeftOut, ...]


class PricedModel:
    """One model of a catalog, read when it is looked into.

    Args:
        text: its document.
        since: the day by which its prices were seen.
        day: on which they are to hold, as of a condition; 0 for before all days.
    """

    def __init__(
        self, name: str, text: str | bytes, since: Callable[[], date], day: int = 0
    ) -> None:
        self.id, self._text, self._since, self._day = name, text, since, day

    def once(self, make: Callable[["PricedModel"], Entry], *about: object) -> Entry:
        """What a writer makes of it: it is remembered for the next catalog that has it.

        Args:
            about: what follows from more than the document, and makes a difference.
        """
        text = self._text
        dated = _DATED in text if isinstance(text, str) else _DATED.encode() in text
        key = (*about, self._day if dated else 0)
        return _ENTRIES.get((make, text, key), lambda: make(self))

    @cached_property
    def document(self) -> Document:
        """The model as it was served."""
        document: Document = loads(self._text)
        return document

    @cached_property
    def tariff(self) -> Tariff:
        """What each quantity costs on its day."""
        return self._every.on(self._day)

    @property
    def days(self) -> tuple["PricedModel", ...]:
        """It on each day on which its prices change, before all of them first."""
        days = sorted({0, *(one.since for one in self._every.conditions)})
        return tuple(PricedModel(self.id, self._text, self._since, day) for day in days)

    @property
    def day(self) -> int:
        """On which its prices are to hold, as of a condition."""
        return self._day

    @cached_property
    def _every(self) -> Tariff:
        return Tariff(self.document.get("pricing"))

    @property
    def thresholds(self) -> tuple[int, ...]:
        """The lengths of a prompt above which other prices hold."""
        return self.contexts.thresholds

    @cached_property
    def priced_since(self) -> date:
        """The day by which its prices were seen."""
        return self._since()

    @property
    def prices(self) -> tuple[Price, ...]:
        """All of its prices of the day, by path."""
        return self.tariff.prices

    @property
    def name(self) -> str:
        """What people call it."""
        shown = self.document.get("display_name")
        return shown if isinstance(shown, str) and shown else self.id

    @property
    def kind(self) -> object:
        """The kind of its pricing, as served."""
        pricing = self.document.get("pricing")
        return pricing.get("kind") if isinstance(pricing, dict) else None

    @property
    def context_length(self) -> int | None:
        """How many tokens it takes, where the list says so."""
        length = self.document.get("context_length")
        return length if isinstance(length, int) and not isinstance(length, bool) else None

    @property
    def released(self) -> date:
        """The day of its `created_at`, else the day since which its prices are known."""
        created = self.document.get("created_at")
        try:
            return utc(created).date() if isinstance(created, str) else self.priced_since
        except TimeError:
            return self.priced_since

    @cached_property
    def contexts(self) -> Contexts:
        """What its prices depend on."""
        return Contexts(self.tariff.conditions)

    def rate(self, quantity: str, passed: int = 0) -> Rate | None:
        """What a quantity of `catalog.bills` costs once a prompt has passed a threshold.

        None where there is no amount for it.
        """
        return self.rate_in(quantity, Context("", self.contexts.spans[0], passed))

    def rate_in(self, quantity: str, context: Context) -> Rate | None:
        """What a quantity costs in a context; None where there is no amount for it.

        Args:
            quantity: one of `catalog.bills`, or the path of its price.
        """
        return rate_of(self.tariff, quantity, context)

    def tariff_without(self, paths: Container[str]) -> Tariff:
        """What each quantity costs if there were no prices at some paths."""
        return self.tariff.without(paths)

    def own_rate(self, quantity: str) -> Rate | None:
        """The usual price under the quantity's own name: not what it only follows."""
        rate = self.rate(quantity)
        return rate if rate is not None and rate.path == PATHS.get(quantity, rate.path) else None

    def left_out(self, carried: Iterable[str], whys: dict[str, str] | None = None) -> list[LeftOut]:
        """Its prices but for those that are carried; `whys` says more than `NO_PLACE`, by path."""
        known = set(carried)
        holding = {price.path for price in self.prices}
        whys = dict.fromkeys((one.path for one in self._every.prices), NOT_THEN) | {
            path: (whys or {}).get(path, NO_PLACE) for path in holding
        }
        return [
            LeftOut(self.id, price.path, _why(price, whys))
            for price in self._every.prices
            if price.path not in known
        ]


def rate_of(tariff: Tariff, quantity: str, context: Context) -> Rate | None:
    """What a quantity costs by a tariff in a context; None where there is no amount for it."""
    found = tariff.price(quantity, context.situation)
    return None if isinstance(found, str) else Rate(*found)


def _why(price: Price, whys: dict[str, str]) -> str:
    return NO_AMOUNT if price.amount is None else whys[price.path]


@dataclass(frozen=True, slots=True)
class PricedCatalog:
    """The models of a source, in order of their ids; `url` is None where it is not known."""

    source: str
    url: str | None
    models: tuple[PricedModel, ...]

    @property
    def base_url(self) -> str | None:
        """What a client's base URL is, if the source is the list of models below it."""
        return None if self.url is None else self.url.removesuffix("/models").rstrip("/")


def told_apart(catalog: PricedCatalog) -> tuple[list[PricedModel], list[LeftOut]]:
    """The models for a reader to whom upper and lower case are one: of such ids, the first."""
    first: dict[str, PricedModel] = {}
    for model in catalog.models:
        first.setdefault(model.id.lower(), model)
    kept = list(first.values())
    rest = [model for model in catalog.models if first[model.id.lower()] is not model]
    return kept, [LeftOut(model.id, None, SAME_ID) for model in rest]


class PriceFile(NamedTuple):
    """A file as values, decimals exact; its objects are laid out down to `levels`, for diffs."""

    document: object
    levels: int
    left_out: tuple[LeftOut, ...]


class Writer(Protocol):
    """Writes a catalog in one format."""

    def __call__(self, catalog: PricedCatalog) -> PriceFile:
        """The file, and what is not in it."""


def times(amount: Decimal, factor: int) -> Decimal:
    """A price of so many at once, exactly and without trailing zeros."""
    return normalised(EXACT.multiply(amount, Decimal(factor)))


# What a price of a day has in the text of its document.
_DATED = '"from_'
# Of all formats together: some ten megabytes.
_MOST = 6000
_ENTRIES: Remembered[
    tuple[Callable[[PricedModel], Entry], str | bytes, tuple[object, ...]], Entry
] = Remembered(_MOST)
