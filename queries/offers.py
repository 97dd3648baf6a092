"""What several sources ask for one model: in order, cheapest first, and price by price."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple, Protocol, TypeVar

from pricetrail.catalog import units
from pricetrail.catalog.amounts import same_price
from pricetrail.catalog.prices import Price
from pricetrail.catalog.times import rfc3339
from pricetrail.queries.answers import time_or_null
from pricetrail.queries.price import PriceAnswer
from pricetrail.storage.history.price_catalogs import Since
from pricetrail.storage.history.trails import Window
from pricetrail.text.price_order import place_of

# What the cheapest offer is first judged by; others follow: first those that hold usually.
_FIRST = (
    "/pricing/text/prompt",
    "/pricing/text/completion",
    "/pricing/generation/image/per_image",
    "/pricing/generation/video/per_second",
    "/pricing/generation/audio/per_second",
)
_Offer = TypeVar("_Offer", bound="Offered")
# Dearer than every amount (`catalog.amounts`).
_NOT_OFFERED = Decimal("Infinity")


class Offered(Protocol):
    """What a source asks for a model: its amounts by path, how certain they are, and since when."""

    @property
    def source(self) -> str:
        """Whose offer it is."""

    @property
    def name(self) -> str:
        """The model as it is listed there."""

    @property
    def certainty(self) -> str:
        """`observed`, `bracketed` or `gap`."""

    @property
    def since(self) -> "Since | Window | None":
        """When the prices began to be these; None where it is not known."""

    def amounts(self) -> Mapping[str, Decimal]:
        """Its amounts by path."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What one source asked for a model at the time, as `price` answers it.

    `since` says when the prices began to be these; None where they have none, or the model was
    not visible before.
    """

    answer: PriceAnswer
    since: Since | None

    @property
    def source(self) -> str:
        """Whose offer it is."""
        return self.answer.source

    @property
    def name(self) -> str:
        """The model as it is listed there."""
        return self.answer.model

    @property
    def certainty(self) -> str:
        """`observed`, `bracketed` or `gap`; then the prices are those that were seen before."""
        return self.answer.certainty

    @property
    def version(self) -> int:
        """The version of the source's catalog that it stands in."""
        return self.answer.before.version

    @property
    def visible(self) -> bool:
        """Whether the model was visible before the time, and not only after it."""
        return self.answer.before.visible

    @property
    def pricing(self) -> object:
        """As served; None where the model has none, or was not visible before the time."""
        return self.answer.before.pricing

    @property
    def prices(self) -> tuple[Price, ...]:
        """Its prices, by path."""
        return self.answer.before.prices

    def amounts(self) -> dict[str, Decimal]:
        """Its amounts by path, without what is none."""
        return {price.path: price.amount for price in self.prices if price.amount is not None}

    def as_json(self, model: str | None = None) -> dict[str, object]:
        """The entry of `offers`; what `price` adds where it is not observed is added here too.

        Args:
            model: what it is compared as: a name of it that is another is told.
        """
        began = self.since and {
            "not_before": time_or_null(self.since.not_before),
            "not_after": rfc3339(self.since.not_after),
        }
        return {
            "source": self.source,
            **({} if model in (None, self.name) else {"name": self.name}),
            "certainty": self.certainty,
            "version": self.version,
            "observed": self.answer.seen(),
            "since": began,
            **self.answer.before.priced(),
            **self.answer.both_sides(),
        }


class Asked(NamedTuple):
    """The amount that one source asks for a model as it lists it, in the unit of the price."""

    source: str
    amount: Decimal
    name: str = ""


@dataclass(frozen=True, slots=True)
class Ranking:
    """One price of a model over the sources that have it, cheapest first."""

    path: str
    unit: str
    asked: tuple[Asked, ...]

    @property
    def cheapest(self) -> tuple[Asked, ...]:
        """Those who ask least; several where they ask the same."""
        least = self.asked[0].amount
        return tuple(one for one in self.asked if same_price(one.amount, least))

    @property
    def dearer(self) -> tuple[Asked, ...]:
        """All others, cheapest first."""
        return self.asked[len(self.cheapest) :]


@dataclass(frozen=True, slots=True)
class ComparedModel:
    """One model and its offers: cheapest first by prompt, then completion, then other prices.

    A price that an offer does not have comes after all that there are; equal ones are in order of
    the sources' names.
    """

    model: str
    offers: tuple[Offer, ...]

    def rankings(self) -> tuple[Ranking, ...]:
        """Each price that any of the offers has, in the order in which offers are judged."""
        return rankings(self.offers)

    def as_json(self) -> dict[str, object]:
        """The entry of `models`."""
        offers = [offer.as_json(self.model) for offer in self.offers]
        return {"model": self.model, "offers": offers}


def rankings(offers: Iterable[Offered]) -> tuple[Ranking, ...]:
    """Each price that any of the offers for a model has, in the order in which they are judged."""
    asked: dict[str, list[Asked]] = {}
    for offer in offers:
        for path, amount in _prices(offer).items():
            asked.setdefault(path, []).append(Asked(offer.source, amount, offer.name))
    return tuple(
        Ranking(path, units.unit(path), tuple(sorted(asked[path], key=_least_first)))
        for path in _in_order(asked)
    )


def cheapest_first(offers: Sequence[_Offer]) -> list[_Offer]:
    """Offers for one model in order: by prompt, then completion, then other prices."""
    paths = _in_order(path for offer in offers for path in _prices(offer))

    def rank(offer: _Offer) -> tuple[list[Decimal], str, str]:
        amounts = _prices(offer)
        return [amounts.get(path, _NOT_OFFERED) for path in paths], offer.source, offer.name

    return sorted(offers, key=rank)


def _prices(offer: Offered) -> dict[str, Decimal]:
    """Its amounts, but for a discount: of that the larger is not the dearer."""
    amounts = offer.amounts().items()
    return {path: amount for path, amount in amounts if units.unit(path) != units.RATIO}


def _in_order(paths: Iterable[str]) -> list[str]:
    """Paths of prices, each once, in the order in which offers are judged."""
    known = set(paths)
    rest = sorted(known - set(_FIRST), key=place_of)
    return [path for path in _FIRST if path in known] + rest


def _least_first(asked: Asked) -> tuple[Decimal, str, str]:
    return asked.amount, asked.source, asked.name
