"""OpenAI's usage: the CSV of its dashboard, and the rows of its API."""

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import ELSE, Format, columns, marks
from pricetrail.audit.usage.quantities import OPENAI
from pricetrail.catalog import bills

# Image and audio tokens of the input are those that did not come from the cache, as OpenAI's
# reference says since 2026: the cached ones are all in `input_cached_tokens`.
COLUMNS = columns(
    {
        c.TIME: "start_time",
        c.TIME + ELSE: "start_time_iso date",
        c.END: "end_time",
        c.END + ELSE: "end_time_iso",
        c.MODEL: "model",
        c.PROJECT: "project_name project_id",
        c.USER: "user_email user_id",
        c.KEY: "api_key_name api_key_id",
        c.BATCH: "batch",
        c.SERVICE: "service_tier",
        bills.REQUESTS: "num_model_requests",
        bills.PROMPT: "input_tokens",
        bills.COMPLETION: "output_tokens",
        bills.CACHE_READ: "input_cached_tokens",
        bills.CACHE_WRITE: "input_cache_write_tokens",
        bills.INPUT_AUDIO: "input_audio_tokens",
        bills.OUTPUT_AUDIO: "output_audio_tokens",
        bills.INPUT_IMAGE: "input_image_tokens",
        bills.OUTPUT_IMAGE: "output_image_tokens",
        bills.IMAGES: "images num_images",
        bills.SECONDS: "seconds num_seconds",
        c.IGNORED: "object input_uncached_tokens input_text_tokens output_text_tokens "
        "input_cached_text_tokens input_cached_audio_tokens input_cached_image_tokens "
        "organization_id organization_name size source api_source",
    }
)
MISSING_MODEL = "it names no model: export usage grouped by model"

FORMAT = Format(
    "openai-usage",
    COLUMNS,
    marks(
        "start_time num_model_requests input_tokens",
        # A time in which nothing was used has no other columns.
        "start_time_iso end_time_iso",
        "start_time_iso num_model_requests",
        "start_time input_tokens input_cached_tokens input_uncached_tokens",
    ),
    style=OPENAI,
    missing_model=MISSING_MODEL,
)
