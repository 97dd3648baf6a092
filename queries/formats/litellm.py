"""LiteLLM's `model_prices_and_context_window.json`: USD a token, one flat object a model.

`https://github.com/BerriAI/litellm`. A price is written where LiteLLM reads it, and only if it then
charges it where it holds and nowhere else (`litellm_keys`): what would be misread is left out.
"""

import re
from decimal import Decimal

from pricetrail.catalog import bills
from pricetrail.queries.formats.contexts import conditioned
from pricetrail.queries.formats.litellm_costs import CostsOf
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

# What is made and not read or written as tokens: one price, whatever the request is.
_MADE = {
    bills.IMAGES: "output_cost_per_image",
    bills.VIDEO_SECONDS: "output_cost_per_second",
    bills.AUDIO_SECONDS: "output_cost_per_second",
}
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
# Their models it reckons otherwise than the map says, or asks a server for their costs: a gateway's
# models are none of theirs, whatever protocol it names.
_OTHERWISE = frozenset(
    {"azure", "azure_ai", "bedrock", "dashscope", "databricks", "deepseek", "fireworks_ai"}
    | {"huggingface", "lemonade", "ollama", "perplexity", "qwen_ai_platform", "qwencloud"}
    | {"tencent", "vertex_ai", "vertex_ai_beta", "xai"}
)

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
    found = CostsOf(model, free_with_text=_is_free_with_text(model))
    made = _made(model)
    carried = found.carried | {path for path, _ in made.values()}
    left_out = model.left_out(carried, found.whys)
    costs = {**found.document, **{key: amount for key, (_, amount) in made.items()}}
    # With prices for some conditions alone all others would be free.
    if any(not conditioned(path)[0] for path in carried):
        return Entry(Line({**_head(model), **costs}), tuple(left_out))
    return Entry(None, (*left_out, LeftOut(model.id, None, NO_PRICES)))


def _head(model: PricedModel) -> _Costs:
    head: _Costs = {"litellm_provider": _provider(model), "mode": _mode(model)}
    if model.context_length is not None:
        head["max_input_tokens"] = model.context_length
    return head


def _provider(model: PricedModel) -> str:
    target = model.document.get("type_target")
    if not isinstance(target, str) or target in _OTHERWISE:
        return "openai"
    return target if _PROVIDER.fullmatch(target) else "openai"


def _mode(model: PricedModel) -> str:
    if model.kind != "token":
        for quantity, mode in _MODES.items():
            if model.own_rate(quantity) is not None:
                return mode
    return "chat"


def _is_free_with_text(model: PricedModel) -> bool:
    return _mode(model) == "chat" and _provider(model) not in _RECKONED


def _made(model: PricedModel) -> dict[str, tuple[str, Decimal]]:
    """The keys of what is made, each with its price's path and amount."""
    found = {}
    both_seconds = model.own_rate(bills.AUDIO_SECONDS) is not None
    for quantity, key in _MADE.items():
        rate = model.own_rate(quantity)
        if rate is not None:
            is_video = quantity == bills.VIDEO_SECONDS
            found[_VIDEO if is_video and both_seconds else key] = rate.path, rate.amount
    return found
