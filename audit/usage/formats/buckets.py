"""Buckets of time, as usage APIs page them: a stretch of time, and its results."""

from collections.abc import Iterator, Sequence

from pricetrail.audit.usage import columns as c
from pricetrail.audit.usage.formats.format import Cells, Document

# The member that pages of costs have, and pages of usage do not.
AMOUNT = "amount"

RESULTS = "results"
_COSTS = "these are costs, not usage: give the file as --invoice"


def rows_of_bucket(bucket: Document, times: Sequence[str]) -> Iterator[Document]:
    """Each result with the bucket's times; what is no bucket is a row by itself."""
    results = bucket.get(RESULTS)
    if not isinstance(results, list):
        yield bucket
        return
    when = {name: bucket[name] for name in times if name in bucket}
    for result in results:
        if isinstance(result, dict):
            yield when | result


def refuse_costs(cells: Cells) -> str | None:
    """Say of a result of the APIs of costs, which page alike, what it is."""
    amount = cells.pop(AMOUNT, None)
    if amount is None or not c.NO_QUANTITIES.issuperset(cells):
        return None
    return _COSTS
