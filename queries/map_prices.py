"""One model's prices in a map beside the gateway's: what differs, and what cannot be compared.

Compared is what a request costs, and not how it is written: a map that repeats the usual price
above a threshold says the same as a list that has no other price there.
"""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.amounts import same_price
from pricetrail.catalog.bills import (
    CACHE_READ,
    CACHE_WRITE,
    CACHE_WRITE_1H,
    COMPLETION,
    PATHS,
    REASONING,
)
from pricetrail.catalog.conditions import Condition
from pricetrail.catalog.strict_json import dumps
from pricetrail.queries.formats.contexts import Context, Span, conditioned
from pricetrail.queries.formats.priced import PricedCatalog, PricedModel, Rate
from pricetrail.queries.formats.registry import WRITERS
from pricetrail.queries.price_maps import PriceMap

_NOT_LISTED = "the gateway lists no such price"
_NO_AMOUNT = "what stands there is no amount"
_REASONING, _COMPLETION = PATHS[REASONING], PATHS[COMPLETION]
# What genai-prices asks for where two meet, and a bill charges as one of them.
_CHARGED_AS = {
    "/pricing/native/cache_image_read": PATHS[CACHE_READ],
    "/pricing/native/cache_image_write": PATHS[CACHE_WRITE],
    "/pricing/native/cache_image_write_1h": PATHS[CACHE_WRITE_1H],
    "/pricing/native/output_image_reasoning": _REASONING,
}
_QUANTITIES = {path: quantity for quantity, path in PATHS.items()}


class NotCompared(NamedTuple):
    """A price that is in one of both and cannot be compared; `path` is of the unified schema."""

    model: str
    path: str
    why: str

    def as_json(self) -> dict[str, object]:
        """The entry of `not_compared`."""
        return self._asdict()


class Unequal(NamedTuple):
    """A price that differs: `path` says for what, `gateway_path` by which price that is charged."""

    path: str
    in_map: Decimal | None
    at_gateway: Decimal
    gateway_path: str


class Outcome(NamedTuple):
    """What came of comparing one model; `agreeing` counts the prices that are the same."""

    agreeing: int
    unequal: tuple[Unequal, ...]
    not_compared: tuple[NotCompared, ...]


def compared(
    price_map: PriceMap, named: str, model: str, text: str | bytes, day: int = 0
) -> Outcome:
    """Every price that a map or the gateway has for a model, both ways.

    Args:
        named: its name in the map.
        text: its document at the gateway.
        day: on which the prices of both are to hold, as of a condition.
    """
    gateway = PricedModel(model, text, date.today, day)
    mapped = PricedModel(named, dumps(price_map.models[named]), date.today, day)
    cannot = _not_carried(price_map.format, gateway)
    agreeing, unequal, not_compared = 0, [], []
    for path in _paths(gateway, mapped):
        condition, usual = conditioned(path)
        if usual == _REASONING and all(_only_follows(one, condition) for one in (gateway, mapped)):
            continue
        ours = _rate(gateway, _CHARGED_AS.get(usual, usual), condition)
        theirs = _rate(mapped, usual, condition)
        if ours is not None and theirs is not None and same_price(ours.amount, theirs.amount):
            agreeing += 1
        elif ours is not None and path in cannot:
            not_compared.append(NotCompared(model, path, cannot[path]))
        elif ours is None or not _is_listed(gateway, condition):
            flagged = any(price.path == path for price in gateway.prices)
            why = _NO_AMOUNT if flagged else _NOT_LISTED
            not_compared.append(NotCompared(model, path, why))
        else:
            amount = None if theirs is None else theirs.amount
            unequal.append(Unequal(path, amount, ours.amount, ours.path))
    return Outcome(agreeing, tuple(unequal), tuple(not_compared))


def _paths(*both: PricedModel) -> Iterator[str]:
    """One path of each price, whether it is one of a day or not."""
    found: dict[object, str] = {}
    for model in both:
        for price in model.prices:
            found.setdefault(conditioned(price.path), price.path)
    yield from found.values()


def _rate(model: PricedModel, usual: str, condition: Condition) -> Rate | None:
    """What a quantity costs where a condition is met, and no other."""
    window = condition.window
    span = None if window is None else Span(window.start, window.end)
    context = Context(condition.service, span, condition.threshold)
    return model.rate_in(_QUANTITIES.get(usual, usual), context)


def _only_follows(model: PricedModel, condition: Condition) -> bool:
    """Whether reasoning costs what completion does: then it is the same price."""
    reasoning, completion = (_rate(model, one, condition) for one in (_REASONING, _COMPLETION))
    return (reasoning and reasoning.amount) == (completion and completion.amount)


def _is_listed(gateway: PricedModel, condition: Condition) -> bool:
    """Whether a gateway says anything of a service tier."""
    return not condition.service or condition.service in gateway.contexts.services


def _not_carried(form: str, model: PricedModel) -> dict[str, str]:
    """Why a map in this format cannot have a price of a model, by the price's path."""
    written = WRITERS[form](PricedCatalog("", None, (model,)))
    return {item.path: item.why for item in written.left_out if item.path is not None}
