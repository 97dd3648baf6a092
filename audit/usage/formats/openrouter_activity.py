"""OpenRouter's activity: a row a day, model and endpoint, from the page or the API."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import ELSE, Format, columns, marks
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.catalog import bills

FORMAT = Format(
    "openrouter-activity",
    columns(
        {
            c.TIME: "date",
            c.MODEL: "model slug",
            c.MODEL + ELSE: "model_permaslug",
            c.COST: "usage",
            c.MORE_COST: "byok_usage_inference byok_usage",
            c.KEY: "api_key_name",
            c.USER: "user",
            bills.REQUESTS: "requests",
            bills.PROMPT: "prompt_tokens",
            bills.COMPLETION: "completion_tokens",
            bills.REASONING: "reasoning_tokens",
            c.IGNORED: "endpoint_id provider_name app_name byok_requests byok_fee",
        }
    ),
    marks(
        "date model_permaslug prompt_tokens",
        "date usage requests prompt_tokens completion_tokens",
        "byok_usage_inference prompt_tokens completion_tokens",
    ),
    style=OPENAI,
    # The page's CSV says `2026-05-12 00:00:00` of a day.
    days=True,
)
