"""The generations that OpenRouter's log exports: a row a request."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import Cells, Format, columns, marks
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.catalog import bills

_VARIANT = "variant"
# Variants that are models of their own in the catalog, with other prices. The rest only choose
# among providers (`nitro`, `floor`, `exacto`), or are the usual one.
_MODELS = frozenset({"free", "extended", "thinking", "beta"})


def _prepare(cells: Cells) -> str | None:
    variant, model = cells.pop(_VARIANT, None), cells.get(c.MODEL)
    if variant in _MODELS and isinstance(model, str) and ":" not in model:
        cells[c.MODEL] = f"{model}:{variant}"
    return None


FORMAT = Format(
    "openrouter-generations",
    columns(
        {
            c.TIME: "created_at",
            c.MODEL: "model_permaslug",
            c.REQUEST_ID: "generation_id",
            c.COST: "cost_total",
            c.MORE_COST: "byok_usage_inference",
            c.USER: "user",
            c.KEY: "api_key_name",
            c.PROJECT: "app_name",
            _VARIANT: "variant",
            bills.PROMPT: "tokens_prompt",
            bills.COMPLETION: "tokens_completion",
            bills.REASONING: "tokens_reasoning",
            bills.CACHE_READ: "tokens_cached",
            c.IGNORED: "cost_web_search cost_cache cost_file_processing provider_name cancelled "
            "streamed finish_reason_raw finish_reason_normalized generation_time_ms "
            "time_to_first_token_ms api_key_disabled",
        }
    ),
    marks("generation_id tokens_prompt", "model_permaslug tokens_prompt"),
    style=OPENAI,
    prepare=_prepare,
)
