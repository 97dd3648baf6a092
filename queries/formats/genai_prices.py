"""genai-prices' `data.json`: a list of providers, each with models and their prices a million.

`https://github.com/pydantic/genai-prices`. Its reader refuses a price without the one that it is a
part of (the cache without the input), and two that can meet without one for where they meet (image
tokens from the cache): there the cache's price, and reasoning's, hold for all tokens, as in a bill.
A time of day is a price with a constraint, of which the last that is met holds; a service tier is
a variant, which replaces single prices where a request says so. A day from which on prices hold is
a constraint too, but of no price beside a time of day, and it ends no variant: with either, and
where a price ends, the file has the prices of one day.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import cached_property
from itertools import pairwise

from pricetrail.catalog import bills
from pricetrail.catalog.conditions import BATCH, day_name
from pricetrail.queries.formats.contexts import Context, Span
from pricetrail.queries.formats.priced import (
    NO_PRICES,
    Entry,
    LeftOut,
    Line,
    PricedCatalog,
    PricedModel,
    PriceFile,
    times,
    told_apart,
)

_MILLION, _HOUR, _THOUSAND = 1_000_000, 3600, 1000
# The quantity, its key, how many the price is for, and the quantities that it is a part of.
_PRICES = (
    (bills.PROMPT, "input_mtok", _MILLION, ()),
    (bills.COMPLETION, "output_mtok", _MILLION, ()),
    (bills.CACHE_READ, "cache_read_mtok", _MILLION, (bills.PROMPT,)),
    (bills.CACHE_WRITE, "cache_write_mtok", _MILLION, (bills.PROMPT,)),
    (bills.CACHE_WRITE_1H, "cache_write_1h_mtok", _MILLION, (bills.PROMPT, bills.CACHE_WRITE)),
    (bills.REASONING, "output_reasoning_mtok", _MILLION, (bills.COMPLETION,)),
    (bills.INPUT_IMAGE, "input_image_mtok", _MILLION, (bills.PROMPT,)),
    (bills.OUTPUT_IMAGE, "output_image_mtok", _MILLION, (bills.COMPLETION,)),
    (bills.AUDIO_SECONDS, "audio_hours", _HOUR, ()),
    (bills.WEB_SEARCHES, "web_searches_kcount", _THOUSAND, ()),
    (bills.REQUESTS, "requests_kcount", _THOUSAND, ()),
)
# Where two meet: the keys of both, the key of that, and whose price it has.
_MEETINGS = (
    ("input_image_mtok", "cache_read_mtok", "cache_image_read_mtok"),
    ("input_image_mtok", "cache_write_mtok", "cache_image_write_mtok"),
    ("input_image_mtok", "cache_write_1h_mtok", "cache_image_write_1h_mtok"),
    ("output_image_mtok", "output_reasoning_mtok", "output_image_reasoning_mtok"),
)
_WHOLE_MISSING = "the format has it only beside the price of what it is a part of"
_NO_BASE = "the format has it only beside a price for shorter prompts"
_REASONING = "/text/internal_reasoning"
# Matches no address.
_NOWHERE = "(?!)"

# What one million of each costs: an amount, or amounts by the length of the prompt.
_PriceSet = dict[str, object]


def write(catalog: PricedCatalog) -> PriceFile:
    """One provider, which is the source; models are found by their ids, whatever the case."""
    models: list[object] = []
    kept, left_out = told_apart(catalog)
    for model in kept:
        line, missing = model.once(_entry)
        left_out += missing
        if line is not None:
            models.append(line)
    provider = {**_provider(catalog), "models": models}
    return PriceFile([provider], 3, tuple(left_out))


def _entry(model: PricedModel) -> Entry:
    found = _Prices(model)
    document, every = found.document, [found]
    by_day = [_Prices(one) for one in model.days]
    if len(by_day) > 1 and _can_follow(by_day):
        document, every = {"prices": _by_day(by_day)}, by_day
    whys = {path: why for one in every for path, why in one.whys.items()}
    carried = {path for one in every for path in one.carried} - whys.keys()
    left_out = tuple(model.left_out(carried, whys))
    if not found.usual:
        return Entry(None, (*left_out, LeftOut(model.id, None, NO_PRICES)))
    return Entry(Line({**_head(model), **document}), left_out)


def _can_follow(by_day: list["_Prices"]) -> bool:
    """Whether the prices of each day are plain, and none of them ends: the file says the days."""
    kept = all(one.prices.keys() <= other.prices.keys() for one, other in pairwise(by_day))
    return kept and all(one.usual and one.is_plain for one in by_day)


def _by_day(by_day: list["_Prices"]) -> list[dict[str, object]]:
    """The prices before all days, then from each of them on."""
    return [
        {"constraint": {"start_date": day_name(one.day)}, "prices": one.prices}
        if one.day
        else {"prices": one.prices}
        for one in by_day
    ]


def _provider(catalog: PricedCatalog) -> dict[str, object]:
    return {
        "id": catalog.source,
        "name": catalog.source,
        "api_pattern": re.escape(catalog.base_url) if catalog.base_url else _NOWHERE,
        # The reader asks in lower case.
        "provider_match": {"equals": catalog.source},
    }


def _head(model: PricedModel) -> dict[str, object]:
    document: dict[str, object] = {
        "id": model.id,
        "name": model.name,
        "match": {"equals": model.id},
    }
    if model.context_length is not None:
        document["context_window"] = model.context_length
    return document


class _Prices:
    """A model's prices in every context: the usual ones, those of a time of day, the variants.

    `carried`: the paths of the prices that are in them; `whys`: why others are not.
    """

    def __init__(self, model: PricedModel) -> None:
        self._model, self.day = model, model.day
        self.carried: set[str] = set()
        self.whys: dict[str, str] = {}
        self._usual = {span: self._set("", span) for span in model.contexts.spans}
        # What has no usual price would be free where no service tier is named.
        self.usual = all(self._usual.values())
        self.variants = [
            variant for service in model.contexts.services for variant in self._variants(service)
        ]

    @property
    def is_plain(self) -> bool:
        """Whether neither the time of day nor a service tier makes a difference."""
        return not self.variants and len(self._usual) == 1

    @property
    def prices(self) -> _PriceSet:
        """The usual prices."""
        return next(iter(self._usual.values()))

    @property
    def document(self) -> dict[str, object]:
        """The members of the model's entry."""
        found: dict[str, object] = {"prices": self._by_time()}
        return {**found, "price_variants": self.variants} if self.variants else found

    def _by_time(self) -> object:
        (_, first), *others = self._usual.items()
        other = [
            {"constraint": _constraint(span), "prices": prices}
            for span, prices in others
            if prices != first
        ]
        return [{"prices": first}, *other] if other else first

    def _variants(self, service: str) -> list[dict[str, object]]:
        """What a service tier replaces; at all times where that is the same."""
        when = {"processing": BATCH} if service == BATCH else {"service_tier": service}
        replaced = {
            span: _difference(usual, self._set(service, span))
            for span, usual in self._usual.items()
        }
        prices = list(replaced.values())
        if all(one == prices[0] for one in prices):
            return [{"when": when, "prices": prices[0]}] if prices[0] else []
        return [
            {"when": when, "prices": prices, "constraint": _constraint(span)}
            for span, prices in replaced.items()
            if prices
        ]

    def _set(self, service: str, span: Span) -> _PriceSet:
        """All that is priced for a service tier at a time of day."""
        prices: _PriceSet = {}
        priced: set[str] = set()
        for quantity, key, number, wholes in _PRICES:
            found = self._amounts(quantity, service, span, number)
            if not found or (quantity == bills.REASONING and not self._reasons):
                continue
            if 0 not in found:
                self._leave_out(found, _NO_BASE)
            elif not priced.issuperset(wholes):
                self._leave_out(found, _WHOLE_MISSING)
            else:
                priced.add(quantity)
                prices[key] = _price({passed: amount for passed, (_, amount) in found.items()})
                self.carried.update(path for path, _ in found.values())
        for one, other, meeting in _MEETINGS:
            if one in prices and other in prices:
                prices[meeting] = prices[other]
        return prices

    def _amounts(
        self, quantity: str, service: str, span: Span, number: int
    ) -> dict[int, tuple[str, Decimal]]:
        """Each price's path and amount by the length that the prompt has passed."""
        found = {}
        for passed in (0, *self._model.thresholds):
            rate = self._model.rate_in(quantity, Context(service, span, passed))
            if rate is not None:
                found[passed] = rate.path, times(rate.amount, number)
        return found

    @cached_property
    def _reasons(self) -> bool:
        """Whether reasoning has a price of its own anywhere, and does not only follow."""
        return any(price.path.endswith(_REASONING) for price in self._model.prices)

    def _leave_out(self, found: Mapping[int, tuple[str, Decimal]], why: str) -> None:
        self.whys.update((path, why) for path, _ in found.values())


def _price(amounts: Mapping[int, Decimal]) -> object:
    """The price, by the length of the prompt where that makes a difference."""
    if len(set(amounts.values())) == 1:
        return amounts[0]
    tiers = [{"start": start, "price": amount} for start, amount in amounts.items() if start]
    return {"base": amounts[0], "tiers": tiers}


def _difference(usual: Mapping[str, object], prices: Mapping[str, object]) -> _PriceSet:
    return {key: price for key, price in prices.items() if usual.get(key) != price}


def _constraint(span: Span) -> dict[str, str]:
    start, end = (f"{clock}:00Z" for clock in span.clock)
    return {"start_time": start, "end_time": end}
