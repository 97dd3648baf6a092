"""Buckets of time, as usage APIs page them: a stretch of time, and its results."""

from collections.abc import Iterator, Sequence

from pricetrail.audit.usage.formats.format import Document

RESULTS = "results"


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
