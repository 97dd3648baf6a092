"""models.dev's `api.json`: by provider and model, with costs in USD a million tokens.

`https://github.com/anomalyco/models.dev`. What it asks for and no list says (whether a model calls
tools, what it may answer at most) is `false` and 0.
"""

import re

from pricetrail.catalog import bills
from pricetrail.queries.formats.contexts import conditioned
from pricetrail.queries.formats.priced import (
    Entry,
    LeftOut,
    Line,
    PricedCatalog,
    PricedModel,
    PriceFile,
    times,
)

_COSTS = {
    bills.PROMPT: "input",
    bills.COMPLETION: "output",
    bills.REASONING: "reasoning",
    bills.CACHE_READ: "cache_read",
    bills.CACHE_WRITE: "cache_write",
}
_MILLION = 1_000_000
# The one threshold that has a member of its own, from before there was `tiers`.
_OVER_200K = 200_000
_UNKNOWN = "unknown"
_NO_TIME = "the format knows no time of day"
# A mode has a price, but is above all what a client must send to get it.
_NO_SERVICE = "the format has a service tier only with how to ask for it, which no list says"

_Costs = dict[str, object]


def write(catalog: PricedCatalog) -> PriceFile:
    """One provider, which is the source."""
    models: dict[str, object] = {}
    left_out: list[LeftOut] = []
    for model in catalog.models:
        line, missing = model.once(_entry, model.priced_since)
        left_out += missing
        models[model.id] = line
    return PriceFile({catalog.source: {**_provider(catalog), "models": models}}, 3, tuple(left_out))


def _entry(model: PricedModel) -> Entry:
    cost, carried = _cost(model)
    whys = {price.path: why for price in model.prices if (why := _why(price.path)) is not None}
    return Entry(Line(_model(model, cost)), tuple(model.left_out(carried, whys)))


def _why(path: str) -> str | None:
    """Why a price cannot be carried that depends on more than the length of the prompt."""
    condition, _ = conditioned(path)
    if condition.window is not None:
        return _NO_TIME
    return _NO_SERVICE if condition.service else None


def _provider(catalog: PricedCatalog) -> dict[str, object]:
    words = re.sub(r"[^A-Z0-9]+", "_", catalog.source.upper()).strip("_")
    provider: dict[str, object] = {
        "id": catalog.source,
        "name": catalog.source,
        "env": [f"{words or 'GATEWAY'}_API_KEY"],
        "npm": "@ai-sdk/openai-compatible",
        "doc": catalog.url or _UNKNOWN,
    }
    if catalog.base_url is not None:
        provider["api"] = catalog.base_url
    return provider


def _model(model: PricedModel, cost: _Costs) -> dict[str, object]:
    reads = ["text", *(["image"] if model.own_rate(bills.INPUT_IMAGE) else [])]
    document: dict[str, object] = {
        "id": model.id,
        "name": model.name,
        "attachment": len(reads) > 1,
        "reasoning": "reasoning" in cost,
        "tool_call": False,
        "open_weights": False,
        "release_date": model.released.isoformat(),
        "last_updated": max(model.released, model.priced_since).isoformat(),
        "modalities": {"input": reads, "output": _outputs(model)},
        "limit": {"context": model.context_length or 0, "output": 0},
    }
    return {**document, "cost": cost} if cost else document


def _outputs(model: PricedModel) -> list[str]:
    kinds = {
        "image": (bills.OUTPUT_IMAGE, bills.IMAGES),
        "audio": (bills.AUDIO_SECONDS,),
        "video": (bills.VIDEO_SECONDS, bills.VIDEO_SECONDS_WITH_AUDIO),
    }
    made = [kind for kind, of in kinds.items() if any(model.own_rate(name) for name in of)]
    return made if made and model.kind != "token" else ["text", *made]


def _cost(model: PricedModel) -> tuple[_Costs, set[str]]:
    """The costs, and the paths of the prices that are in them."""
    names = [name for name in _COSTS if model.own_rate(name) is not None]
    cost, carried = _at(model, names, 0)
    tiers = []
    for threshold in model.thresholds if names else ():
        above, paths = _at(model, names, threshold)
        if not any(path.startswith("/pricing/tiers/") for path in paths):
            continue
        carried |= paths
        tiers.append({**above, "tier": {"type": "context", "size": threshold}})
        if threshold == _OVER_200K:
            cost["context_over_200k"] = above
    if tiers:
        cost["tiers"] = tiers
    return cost, carried


def _at(model: PricedModel, names: list[str], threshold: int) -> tuple[_Costs, set[str]]:
    """What all of them cost above a threshold: a reader need not look elsewhere."""
    cost: _Costs = {}
    paths: set[str] = set()
    for name in names:
        rate = model.rate(name, threshold)
        if rate is not None:
            cost[_COSTS[name]] = times(rate.amount, _MILLION)
            paths.add(rate.path)
    return cost, paths
