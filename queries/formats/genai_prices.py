"""genai-prices' `data.json`: a list of providers, each with models and their prices a million.

`https://github.com/pydantic/genai-prices`. Its reader refuses a price without the one that it is a
part of (the cache without the input), and two that can meet without one for where they meet (image
tokens from the cache): there the cache's price, and reasoning's, hold for all tokens, as in a bill.
"""

import re
from decimal import Decimal

from pricetrail.catalog import bills
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

_MILLION, _HOUR = 1_000_000, 3600
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
)
# Where two meet: the keys of both, the key of that, and whose price it has.
_MEETINGS = (
    ("input_image_mtok", "cache_read_mtok", "cache_image_read_mtok"),
    ("input_image_mtok", "cache_write_mtok", "cache_image_write_mtok"),
    ("input_image_mtok", "cache_write_1h_mtok", "cache_image_write_1h_mtok"),
    ("output_image_mtok", "output_reasoning_mtok", "output_image_reasoning_mtok"),
)
_WHOLE_MISSING = "the format has it only beside the price of what it is a part of"
# Matches no address.
_NOWHERE = "(?!)"


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
    prices, left_out = _prices(model)
    if prices:
        return Entry(Line(_model(model, prices)), tuple(left_out))
    return Entry(None, (*left_out, LeftOut(model.id, None, NO_PRICES)))


def _provider(catalog: PricedCatalog) -> dict[str, object]:
    return {
        "id": catalog.source,
        "name": catalog.source,
        "api_pattern": re.escape(catalog.base_url) if catalog.base_url else _NOWHERE,
        # The reader asks in lower case.
        "provider_match": {"equals": catalog.source},
    }


def _model(model: PricedModel, prices: dict[str, object]) -> dict[str, object]:
    document: dict[str, object] = {
        "id": model.id,
        "name": model.name,
        "match": {"equals": model.id},
    }
    if model.context_length is not None:
        document["context_window"] = model.context_length
    return {**document, "prices": prices}


def _prices(model: PricedModel) -> tuple[dict[str, object], list[LeftOut]]:
    prices: dict[str, object] = {}
    carried: set[str] = set()
    whys: dict[str, str] = {}
    priced: set[str] = set()
    for quantity, key, number, wholes in _PRICES:
        rate = model.own_rate(quantity)
        if rate is None:
            continue
        if not priced.issuperset(wholes):
            whys[rate.path] = _WHOLE_MISSING
            continue
        priced.add(quantity)
        prices[key], paths = _price(model, quantity, number)
        carried |= paths
    for one, other, meeting in _MEETINGS:
        if one in prices and other in prices:
            prices[meeting] = prices[other]
    return prices, model.left_out(carried, whys)


def _price(model: PricedModel, quantity: str, number: int) -> tuple[object, set[str]]:
    """The price, by the length of the prompt where that makes a difference; and its paths."""
    amounts: dict[int, Decimal] = {}
    paths: set[str] = set()
    for threshold in (0, *model.thresholds):
        rate = model.rate(quantity, threshold)
        if rate is not None:
            amounts[threshold] = times(rate.amount, number)
            paths.add(rate.path)
    if len(set(amounts.values())) == 1:
        return amounts[0], paths
    tiers = [{"start": start, "price": amount} for start, amount in amounts.items() if start]
    return {"base": amounts[0], "tiers": tiers}, paths
