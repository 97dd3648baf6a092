"""The pages of Anthropic's usage report: buckets of time with a result for each group."""

from collections.abc import Iterator

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.anthropic_console import SPEED, with_speed
from pricetrail.audit.usage.formats.buckets import AMOUNT, refuse_costs, rows_of_bucket
from pricetrail.audit.usage.formats.format import Cells, Document, Format, columns, marks
from pricetrail.catalog import bills


def _rows(bucket: Document) -> Iterator[Document]:
    return rows_of_bucket(bucket, ("starting_at", "ending_at"))


def _prepare(cells: Cells) -> str | None:
    return refuse_costs(cells) or with_speed(cells)


FORMAT = Format(
    "anthropic-api",
    columns(
        {
            c.TIME: "starting_at",
            c.END: "ending_at",
            c.MODEL: "model",
            c.KEY: "api_key_id",
            c.PROJECT: "workspace_id",
            c.SERVICE: "service_tier",
            c.WINDOW: "context_window",
            SPEED: "speed",
            AMOUNT: "amount",
            bills.PROMPT: "uncached_input_tokens",
            c.WRITTEN_5M: "ephemeral_5m_input_tokens",
            c.WRITTEN_1H: "ephemeral_1h_input_tokens",
            bills.CACHE_READ: "cache_read_input_tokens",
            bills.COMPLETION: "output_tokens",
            bills.WEB_SEARCHES: "web_search_requests",
            c.IGNORED: "inference_geo account_id service_account_id",
        }
    ),
    marks("starting_at results", "uncached_input_tokens output_tokens"),
    prepare=_prepare,
    unfold=_rows,
    missing_model="it names no model: ask the API with group_by[]=model",
)
