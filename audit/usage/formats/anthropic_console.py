"""The CSV of usage that Anthropic's Console exports: a row a day, model, key and workspace."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import Cells, Format, columns, marks
from pricetrail.catalog import bills

SPEED = "speed"
FAST = "fast"


def with_speed(cells: Cells) -> str | None:
    """A fast mode is a service tier by its own prices; everything else is no other speed."""
    speed = str(cells.pop(SPEED, None) or "").strip().lower()
    if speed == FAST:
        cells[c.SERVICE] = FAST
    return None


FORMAT = Format(
    "anthropic-console",
    columns(
        {
            c.TIME: "usage_date_utc",
            c.MODEL: "model_version",
            c.KEY: "api_key",
            c.PROJECT: "workspace",
            c.SERVICE: "usage_type",
            c.WINDOW: "context_window",
            SPEED: "speed",
            bills.PROMPT: "usage_input_tokens_no_cache",
            bills.CACHE_WRITE: "usage_input_tokens_cache_write_5m",
            bills.CACHE_WRITE_1H: "usage_input_tokens_cache_write_1h",
            bills.CACHE_READ: "usage_input_tokens_cache_read",
            bills.COMPLETION: "usage_output_tokens",
            bills.WEB_SEARCHES: "web_search_count",
            c.IGNORED: "inference_geo",
        }
    ),
    marks("usage_date_utc usage_output_tokens", "usage_input_tokens_no_cache usage_output_tokens"),
    prepare=with_speed,
    days=True,
)
