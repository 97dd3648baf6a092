"""Rows of a request that another row has named."""

from pricetrail.audit.reconciliation.repeats import mark_repeats
from pricetrail.audit.results import PricedRow, RowResult
from tests.audit.made import interval, priced_row, unpriced_row


def priced(line: int, request: str | None) -> PricedRow:
    found = priced_row(interval(), line)
    return found._replace(row=found.row._replace(request=request))


def test_the_second_row_is_marked_with_the_line_of_the_first() -> None:
    rows: list[RowResult] = [
        priced(2, "x"),
        priced(3, "y"),
        unpriced_row(),
        priced(5, "x"),
        priced(6, "x"),
    ]
    marked = list(mark_repeats(rows))
    assert [getattr(row, "repeats", None) for row in marked] == [None, None, None, 2, 2]


def test_rows_without_an_id_repeat_nothing() -> None:
    marked = mark_repeats([priced(2, None), priced(3, None), priced(4, ""), priced(5, "")])
    assert {getattr(row, "repeats", 0) for row in marked} == {None}
