"""genai-prices' `data.json`: a list of providers, each with models and their prices a million.

`https://github.com/pydantic/genai-prices`, `packages/python/genai_prices/types.py` reads it. Where
a model has a list of prices, the last one whose constraint is met holds, and no other.
"""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import NamedTuple

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.readings import (
    FLAGGED,
    NOT_UNDERSTOOD,
    Entry,
    ModelReader,
    Reading,
    Remark,
)
from pricetrail.catalog.documents import Document, model_id
from pricetrail.catalog.errors import CatalogError
from pricetrail.catalog.pointers import join

VERSION = 1

_PLACES = {
    "input_mtok": "text/prompt",
    "output_mtok": "text/completion",
    "output_reasoning_mtok": "text/internal_reasoning",
    "cache_read_mtok": "cache/read",
    "cache_write_mtok": "cache/write",
    "cache_write_1h_mtok": "cache/write_1h",
    "input_image_mtok": "multimodal/input_image",
    "output_image_mtok": "multimodal/output_image",
    "requests_kcount": "native/request",
    "web_searches_kcount": "native/web_search",
}
# The end of a name says how many the price is for; as a power of ten.
_SCALES = {"_mtok": -6, "_kcount": -3}
_WINDOW = frozenset({"start_time", "end_time"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])(?::00(?:\.0+)?)?"
    r"(?:Z|(?P<sign>[+-])(?P<east>[01][0-9]):?(?P<past>[0-5][0-9]))?",
    re.ASCII,
)
_HOUR, _DAY = 60, 1440


class _Listed(NamedTuple):
    """Prices of a list: from a date on ("": always), at a time of day if one is named."""

    since: str
    condition: Condition
    field: str
    prices: object


def read(native: object) -> Reading:
    """Read a whole native list; a model's id is `provider/model`."""
    providers = fields.members(native).get("providers", native)
    if not isinstance(providers, list) or not any(_models(part) for part in providers):
        raise CatalogError("not genai-prices' file: no provider with `models` in it")
    return fields.gathered(_all(providers))


def _models(provider: object) -> list[object]:
    models = fields.members(provider).get("models")
    return models if isinstance(models, list) else []


def _all(providers: list[object]) -> Iterator[tuple[Entry, ModelReader]]:
    for provider in providers:
        for entry in _models(provider):
            # Refused where either has no id.
            yield _model(f"{model_id(provider)}/{model_id(entry)}", fields.members(entry))


def _model(name: str, entry: fields.Native) -> tuple[Entry, ModelReader]:
    reader = ModelReader(name)
    prices = entry.get("prices")
    if isinstance(prices, list):
        _list(reader, prices)
    else:
        _prices(reader, "/prices", prices, ALWAYS)
    document = reader.document(
        display_name=fields.text(entry.get("name")),
        context_length=fields.tokens(entry.get("context_window")),
    )
    return Entry(document, entry), reader


def _list(reader: ModelReader, listed: list[object]) -> None:
    """Take a list of prices over; of those by date, none is taken for the usual price.

    Which of them holds depends on the day on which one asks, and a list does not say which day
    that is: what all agree on is the price, the rest is kept by its dates.
    """
    items = []
    for index, item in enumerate(listed):
        field, told = f"/prices/{index}", fields.members(item)
        found = _when(told.get("constraint"))
        if found is not None:
            items.append(_Listed(*found, f"{field}/prices", told.get("prices")))
            continue
        reader.remark(NOT_UNDERSTOOD, field, "a constraint that is not known")
        fields.keep_native(reader, ("constrained", str(index)), field, told.get("prices"))
    by_date: dict[str, _Flat] = {}
    used: set[str] = set()
    remarks: dict[Remark, None] = {}
    for since in sorted({"", *(item.since for item in items)}):
        of_date = ModelReader(reader.model)
        for item in _effective(items, since):
            used.add(item.field)
            _prices(of_date, item.field, item.prices, item.condition)
        remarks |= dict.fromkeys(of_date.remarks)
        by_date[since] = _flat(of_date.pricing)
    reader.remarks += remarks
    for item in items:
        if item.field not in used:
            reader.remark(FLAGGED, item.field, "never holds: those behind it go before it")
    _merge(reader, by_date)


def _effective(items: list[_Listed], since: str) -> list[_Listed]:
    """What can hold on a day, the usual prices first: nothing before the last for all day can."""
    active = [item for item in items if item.since <= since]
    all_day = [index for index, item in enumerate(active) if not item.condition]
    return active[all_day[-1] :] if all_day else active


_Flat = dict[tuple[str, ...], str]


def _merge(reader: ModelReader, by_date: dict[str, _Flat]) -> None:
    dates = [since for since in by_date if since]
    if dates:
        reader.remark(FLAGGED, "/prices", f"prices change on {', '.join(dates)}: kept by date")
    for since, flat in by_date.items():
        named = ("from", since) if since else ("until", *dates[:1])
        for path, amount in flat.items():
            place = path if _agree(path, by_date) else ("native", *named, *path)
            reader.price(place, "/prices", amount)


def _agree(path: tuple[str, ...], by_date: dict[str, _Flat]) -> bool:
    told = [flat.get(path) for flat in by_date.values()]
    return len({parse_amount(amount) or amount for amount in told}) == 1


def _flat(pricing: Document, above: tuple[str, ...] = ()) -> _Flat:
    flat: _Flat = {}
    for key, member in pricing.items():
        if isinstance(member, dict):
            flat |= _flat(member, (*above, key))
        else:
            flat[(*above, key)] = member
    return flat


def _when(constraint: object) -> tuple[str, Condition] | None:
    """From which date on prices hold, and at which time; None where that is not understood."""
    if constraint is None:
        return "", ALWAYS
    told = {key: value for key, value in fields.members(constraint).items() if value is not None}
    since = told.pop("start_date", "")
    if not isinstance(since, str) or (since and not _DATE.fullmatch(since)):
        return None
    if told.keys() == _WINDOW:
        start, end = _minutes(told["start_time"]), _minutes(told["end_time"])
        if start is not None and end is not None:
            return since, Condition(window=Window(start, end))
    return (since, ALWAYS) if since and not told else None


def _minutes(clock: object) -> int | None:
    match = _CLOCK.fullmatch(clock) if isinstance(clock, str) else None
    if match is None:
        return None
    minutes = int(match["hours"]) * _HOUR + int(match["minutes"])
    east = int(match["east"] or 0) * _HOUR + int(match["past"] or 0)
    return (minutes + (east if match["sign"] == "-" else -east)) % _DAY


def _prices(reader: ModelReader, field: str, prices: object, condition: Condition) -> None:
    if not isinstance(prices, dict):
        fields.keep_native(reader, ("prices",), field, prices, condition=condition)
    for key, value in fields.members(prices).items():
        place, scale = _place(key)
        where = join(field, key)
        tiers = fields.members(value).get("tiers")
        if not isinstance(tiers, list):
            _price(reader, place, where, value, scale, condition)
            continue
        rest = {name: member for name, member in fields.members(value).items() if name != "tiers"}
        _price(reader, place, where, rest, scale, condition)
        for index, tier in enumerate(tiers):
            _tier(reader, place, f"{where}/tiers/{index}", tier, scale, condition)


def _price(
    reader: ModelReader,
    place: tuple[str, ...],
    field: str,
    value: object,
    scale: int,
    condition: Condition,
) -> None:
    """An amount, or an object with one under `base`; what is beside it is kept by its name."""
    if isinstance(value, list):
        fields.keep_native(reader, (f"{place[-1]}_by",), field, value, condition=condition)
        return
    if not isinstance(value, dict):
        reader.price(place, field, value, scale=scale, condition=condition)
        return
    for key, member in value.items():
        if key == "base":
            reader.price(place, f"{field}/base", member, scale=scale, condition=condition)
        else:
            names = (place[-1] + "_by", key)
            fields.keep_native(reader, names, join(field, key), member, condition=condition)


def _tier(
    reader: ModelReader,
    place: tuple[str, ...],
    field: str,
    tier: object,
    scale: int,
    condition: Condition,
) -> None:
    """A tier holds for prompts of more tokens than its `start`, all of it."""
    told = fields.members(tier)
    start = fields.whole(told.get("start"))
    if start is None or start < 0 or not isinstance(told.get("price"), int | Decimal | str):
        reader.remark(NOT_UNDERSTOOD, field, "a tier without its start or its price")
        fields.keep_native(
            reader, (f"{place[-1]}_by", "tiers", field.rpartition("/")[2]), field, tier
        )
        return
    above = replace(condition, threshold=start)
    reader.price(place, f"{field}/price", told["price"], scale=scale, condition=above)
    for key in told.keys() - {"start", "price"}:
        names = (f"{place[-1]}_by", key)
        fields.keep_native(reader, names, join(field, key), told[key], condition=above)


def _place(key: str) -> tuple[tuple[str, ...], int]:
    """Where a price goes, and the power of ten to the unit that it has there."""
    scale = next((scale for end, scale in _SCALES.items() if key.endswith(end)), 0)
    if key in _PLACES:
        return tuple(_PLACES[key].split("/")), scale
    return ("native", key.rpartition("_")[0] if scale else key), scale
