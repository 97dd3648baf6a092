"""LiteLLM's `model_prices_and_context_window.json`: USD a token, one flat object a model.

`https://github.com/BerriAI/litellm`, `litellm_core_utils/llm_cost_calc/utils.py` reads it.
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
    told_apart,
)

_TOKENS = {
    bills.PROMPT: "input_cost_per_token",
    bills.COMPLETION: "output_cost_per_token",
    bills.CACHE_READ: "cache_read_input_token_cost",
    bills.CACHE_WRITE: "cache_creation_input_token_cost",
    bills.CACHE_WRITE_1H: "cache_creation_input_token_cost_above_1hr",
}
# Of these it knows one price, however long the prompt is.
_FLAT = {
    bills.INPUT_IMAGE: "input_cost_per_image_token",
    bills.OUTPUT_IMAGE: "output_cost_per_image_token",
    bills.IMAGES: "output_cost_per_image",
    bills.VIDEO_SECONDS: "output_cost_per_second",
    bills.AUDIO_SECONDS: "output_cost_per_second",
}
_REASONING = "output_cost_per_reasoning_token"
# Where `output_cost_per_second` is the audio's.
_VIDEO = "output_cost_per_video_per_second"
_MODES = {
    bills.IMAGES: "image_generation",
    bills.VIDEO_SECONDS: "video_generation",
    bills.AUDIO_SECONDS: "audio_speech",
}
_PROVIDER = re.compile(r"[a-z0-9_-]{1,40}")
# The others have no reckoning of their own there: where text costs nothing, nothing does.
_RECKONED = frozenset({"openai", "anthropic", "gemini"})
_TAKEN_FOR_TEXT = "LiteLLM would charge it for text, which is free"
_TAKEN_FOR_FREE = "LiteLLM charges nothing where text is free"

_Costs = dict[str, object]


def write(catalog: PricedCatalog) -> PriceFile:
    """Each model that has a price under its own id; ids are told apart whatever their case."""
    document: dict[str, object] = {}
    kept, left_out = told_apart(catalog)
    for model in kept:
        line, missing = model.once(_entry)
        left_out += missing
        if line is not None:
            document[model.id] = line
    return PriceFile(document, 1, tuple(left_out))


def _entry(model: PricedModel) -> Entry:
    costs, left_out = _costs(model)
    if costs:
        return Entry(Line({**_head(model), **costs}), tuple(left_out))
    return Entry(None, (*left_out, LeftOut(model.id, None, NO_PRICES)))


def _head(model: PricedModel) -> _Costs:
    head: _Costs = {"litellm_provider": _provider(model), "mode": _mode(model)}
    if model.context_length is not None:
        head["max_input_tokens"] = model.context_length
    return head


def _provider(model: PricedModel) -> str:
    target = model.document.get("type_target")
    return target if isinstance(target, str) and _PROVIDER.fullmatch(target) else "openai"


def _mode(model: PricedModel) -> str:
    if model.kind != "token":
        for quantity, mode in _MODES.items():
            if model.own_rate(quantity) is not None:
                return mode
    return "chat"


def _costs(model: PricedModel) -> tuple[_Costs, list[LeftOut]]:
    costs: _Costs = {}
    carried: set[str] = set()
    whys: dict[str, str] = {}
    free = _is_taken_for_free(model)
    for part in (_token_costs(model), _reasoning_cost(model), _flat_costs(model, whys)):
        for path, (key, amount) in part.items():
            if amount and free:
                whys[path] = _TAKEN_FOR_FREE
                continue
            carried.add(path)
            if key is not None:
                costs[key] = amount
    return costs, model.left_out(carried, whys)


def _is_taken_for_free(model: PricedModel) -> bool:
    if _mode(model) != "chat" or _provider(model) in _RECKONED:
        return False
    rates = (model.rate(bills.PROMPT), model.rate(bills.COMPLETION))
    return not any(rate is not None and rate.amount for rate in rates)


# Of each price that is carried: the key that says it, or None where another's says it too.
_Part = dict[str, tuple[str | None, Decimal]]


def _token_costs(model: PricedModel) -> _Part:
    part: _Part = {}
    for quantity, key in _TOKENS.items():
        for threshold in (0, *model.thresholds):
            rate = model.rate(quantity, threshold)
            if rate is not None:
                part.setdefault(rate.path, (_above(key, threshold), rate.amount))
    return part


def _above(key: str, threshold: int) -> str:
    if not threshold:
        return key
    thousands, rest = divmod(threshold, 1000)
    return f"{key}_above_{threshold if rest else f'{thousands}k'}_tokens"


def _reasoning_cost(model: PricedModel) -> _Part:
    """One price, however long the prompt; without one, reasoning costs what completion costs."""
    own, completion = model.own_rate(bills.REASONING), model.rate(bills.COMPLETION)
    follows = own is None or (completion is not None and own.amount == completion.amount)
    part: _Part = {}
    for threshold in model.thresholds:
        rate = model.rate(bills.REASONING, threshold)
        charged = model.rate(bills.COMPLETION, threshold) if follows else own
        if rate is not None and charged is not None and rate.amount == charged.amount:
            part[rate.path] = (None, rate.amount)
    if own is not None:
        # What only follows would, once it is written, hold above the thresholds too.
        implied = follows and bool(model.thresholds)
        part[own.path] = (None if implied else _REASONING, own.amount)
    return part


def _flat_costs(model: PricedModel, whys: dict[str, str]) -> _Part:
    part: _Part = {}
    completion = model.rate(bills.COMPLETION)
    both_seconds = model.own_rate(bills.AUDIO_SECONDS) is not None
    for quantity, key in _FLAT.items():
        rate = model.own_rate(quantity)
        if rate is None:
            continue
        if quantity == bills.OUTPUT_IMAGE and completion is not None and not completion.amount:
            whys[rate.path] = _TAKEN_FOR_TEXT
            continue
        is_video = quantity == bills.VIDEO_SECONDS
        part[rate.path] = (_VIDEO if is_video and both_seconds else key, rate.amount)
    return part
