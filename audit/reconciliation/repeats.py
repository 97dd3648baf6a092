"""Rows that name a request which another row before them has named."""

from collections.abc import Iterable, Iterator

from pricetrail.audit.reconciliation.requests import SeenRequests
from pricetrail.audit.results import PricedRow, RowResult


def mark_repeats(results: Iterable[RowResult]) -> Iterator[RowResult]:
    """Hand on every result; one whose request has come before with the line of that."""
    seen = SeenRequests()
    try:
        for result in results:
            if isinstance(result, PricedRow) and result.row.request:
                first = seen.first_line(result.row.request, result.row.line)
                yield result if first is None else result._replace(repeats=first)
            else:
                yield result
    finally:
        seen.close()
