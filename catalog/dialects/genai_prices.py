"""genai-prices' `data.json`: a list of providers, each with models and their prices a million.

`https://github.com/pydantic/genai-prices`, `packages/python/genai_prices/types.py` reads it.
"""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal

from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.dated_prices import Flat, Listed, effective, flat, merge, when
from pricetrail.catalog.dialects.members import whole_number
from pricetrail.catalog.dialects.readings import (
    ABSENT,
    NOT_UNDERSTOOD,
    Entry,
    ModelReader,
    Reading,
    Remark,
)
from pricetrail.catalog.documents import model_id
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
# What says in a request, and so in a variant's `when`, which service tier it is for.
_SERVICES = frozenset({"service_tier", "processing", "speed"})
# Each price is said for each date and time of day that it holds at: more than anybody lists, and
# a poll would have neither memory nor time for it.
_MOST_CASES = 5_000


def read(native: object) -> Reading:
    """Read a whole native list; a model's id is `provider/model`."""
    providers = fields.members(native).get("providers", native)
    listed = providers if isinstance(providers, list) else []
    if not any("models" in fields.members(part) for part in listed):
        raise CatalogError("not genai-prices' file: no provider with `models` in it")
    return fields.gathered(_all(listed))


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
    _take(reader, _listed(reader, entry.get("prices")), _variants(reader, entry))
    document = reader.document(
        display_name=fields.text(entry.get("name")),
        context_length=fields.tokens(entry.get("context_window")),
    )
    return Entry(document, entry), reader


def _listed(reader: ModelReader, prices: object) -> list[Listed]:
    if not isinstance(prices, list):
        return [Listed("", ALWAYS, "/prices", prices)]
    listed = []
    for index, item in enumerate(prices):
        field, told = f"/prices/{index}", fields.members(item)
        found = when(told.get("constraint"))
        if found is None:
            reader.remark(NOT_UNDERSTOOD, field, "a constraint that is not known")
            names = ("constrained", str(index))
            fields.keep_native(reader, names, f"{field}/prices", told.get("prices"))
        else:
            listed.append(Listed(*found, f"{field}/prices", told.get("prices")))
    return listed


def _variants(reader: ModelReader, entry: fields.Native) -> list[Listed]:
    """The prices that some requests have instead, as far as a service tier says which."""
    variants = entry.get("price_variants")
    listed = []
    for index, item in enumerate(variants if isinstance(variants, list) else ()):
        field, told = f"/price_variants/{index}", fields.members(item)
        found, tier = when(told.get("constraint")), _tier_of(told.get("when"))
        if found is None or tier is None:
            reader.remark(
                NOT_UNDERSTOOD, field, "not told by a service tier: kept by what tells it"
            )
            name = "_".join(str(value) for value in fields.members(told.get("when")).values())
            names = ("variants", name or str(index), found[0] if found and found[0] else "always")
            fields.keep_native(reader, names, f"{field}/prices", told.get("prices"))
            continue
        condition = replace(found[1], service=tier.service)
        listed.append(Listed(found[0], condition, f"{field}/prices", told.get("prices")))
    return listed


def _tier_of(asked: object) -> Condition | None:
    told = fields.members(asked)
    names = [value for key, value in told.items() if key in _SERVICES and isinstance(value, str)]
    return fields.service(names[0]) if len(told) == len(names) == 1 else None


def _take(reader: ModelReader, listed: list[Listed], variants: list[Listed]) -> None:
    """Take a model's prices over, date by date; a variant's own go before the usual ones."""
    if _are_too_many([*listed, *variants]):
        _keep_apart(reader, [*listed, *variants])
        return
    by_date: dict[str, Flat] = {}
    used: set[str] = set()
    remarks: dict[Remark, None] = {}
    for since in sorted({"", *(item.since for item in (*listed, *variants))}):
        of_date = ModelReader(reader.model)
        usual = effective(listed, since)
        for item in usual:
            used.add(item.field)
            _prices(of_date, item.field, item.prices, item.condition)
        known = [item for item in variants if item.since <= since]
        used |= _take_variants(of_date, known, _tiered_hours(usual))
        remarks |= dict.fromkeys(of_date.remarks)
        by_date[since] = flat(of_date.pricing)
    reader.remarks += remarks
    merge(reader, by_date)
    _tell_unused(reader, listed, variants, used)


def _keep_apart(reader: ModelReader, listed: list[Listed]) -> None:
    """Keep prices that hold on too many dates and times where nothing is charged by them."""
    said = "more dates and times of day than are read: kept, and never charged by itself"
    reader.remark(NOT_UNDERSTOOD, "/prices", said)
    for number, item in enumerate(listed):
        fields.keep_native(reader, ("prices", str(number)), item.field, item.prices)


def _are_too_many(every: list[Listed]) -> bool:
    """Whether too many prices may come of some, each for each date and time of day."""
    dates = {item.since for item in every}
    hours = {item.condition.window for item in every}
    cases = len(dates) * len(hours)
    # Prices that hold always, and for everybody, are as many as they are.
    return cases > 1 and cases * sum(fields.size(item.prices) for item in every) > _MOST_CASES


def _tiered_hours(usual: list[Listed]) -> set[Window]:
    """The times of day at which the length of a prompt makes a difference.

    Two conditions go before one: what a variant replaces at any time is said for these as well.
    """
    return {
        item.condition.window
        for item in usual
        if item.condition.window is not None
        and any("tiers" in fields.members(price) for price in fields.members(item.prices).values())
    }


def _take_variants(reader: ModelReader, variants: list[Listed], hours: set[Window]) -> set[str]:
    """Take each price of the first variant that has it; gives the fields that were taken."""
    taken: dict[tuple[Condition, str], str] = {}
    for item in variants:
        condition = item.condition
        own = {
            key: value
            for key, value in fields.members(item.prices).items()
            if taken.keys().isdisjoint({(condition, key), (replace(condition, window=None), key)})
        }
        _prices(reader, item.field, own, condition)
        for window in hours if condition.window is None else ():
            _prices(reader, item.field, own, replace(condition, window=window))
        taken |= {(condition, key): join(item.field, key) for key in own}
    return set(taken.values())


def _tell_unused(
    reader: ModelReader, listed: list[Listed], variants: list[Listed], used: set[str]
) -> None:
    unused = [item.field for item in listed]
    for item in variants:
        unused += [join(item.field, key) for key in fields.members(item.prices)]
    for field in unused:
        if field not in used:
            reader.remark(ABSENT, field, "never holds: another goes before it on any day")


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
        reader.tree(place, field, value, scale=scale, condition=condition)
        return
    for key, member in value.items():
        if key == "base":
            reader.tree(place, f"{field}/base", member, scale=scale, condition=condition)
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
    start = whole_number(told.get("start"))
    if start is None or start < 0 or not isinstance(told.get("price"), int | Decimal | str):
        reader.remark(NOT_UNDERSTOOD, field, "a tier without its start or its price")
        fields.keep_native(
            reader, (f"{place[-1]}_by", "tiers", field.rpartition("/")[2]), field, tier
        )
        return
    above = replace(condition, threshold=start)
    reader.tree(place, f"{field}/price", told["price"], scale=scale, condition=above)
    for key, value in told.items():
        if key not in ("start", "price"):
            names = (f"{place[-1]}_by", key)
            fields.keep_native(reader, names, join(field, key), value, condition=above)


def _place(key: str) -> tuple[tuple[str, ...], int]:
    """Where a price goes, and the power of ten to the unit that it has there."""
    scale = next((scale for end, scale in _SCALES.items() if key.endswith(end)), 0)
    if key in _PLACES:
        return tuple(_PLACES[key].split("/")), scale
    return ("native", key.rpartition("_")[0] if scale else key), scale
