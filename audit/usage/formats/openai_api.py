"""The pages of OpenAI's usage API: buckets of time with a result for each model, key, project."""

from collections.abc import Iterator

from pricetrail.audit.usage.formats import openai_usage
from pricetrail.audit.usage.formats.buckets import AMOUNT, refuse_costs, rows_of_bucket
from pricetrail.audit.usage.formats.format import Document, Format, marks
from pricetrail.audit.usage.quantities import OPENAI


def _rows(bucket: Document) -> Iterator[Document]:
    return rows_of_bucket(bucket, ("start_time", "end_time", "start_time_iso", "end_time_iso"))


FORMAT = Format(
    "openai-api",
    openai_usage.COLUMNS | {AMOUNT: AMOUNT},
    marks("start_time end_time results"),
    style=OPENAI,
    prepare=refuse_costs,
    unfold=_rows,
    missing_model='it names no model: ask the API with group_by=["model"]',
)
