"""Only a part of the time that a file is of."""

import pytest

from pricetrail.audit.spans import Span
from pricetrail.audit.usage.rows import BadRow
from tests.audit.made import usage_row
from tests.support.histories import at

ROWS = [usage_row(n)._replace(at=at(time)) for n, time in enumerate(("10:00", "11:00", "12:00"))]
BAD = BadRow(9, None, None, "it has no time")


@pytest.mark.parametrize(
    ("since", "until", "lines"),
    [
        (None, None, [0, 1, 2, 9]),
        ("11:00", None, [1, 2, 9]),
        (None, "11:00", [0, 9]),
        ("10:30", "12:00", [1, 9]),
        ("13:00", None, [9]),
    ],
)
def test_rows_are_of_the_time_in_which_they_begin(
    since: str | None, until: str | None, lines: list[int]
) -> None:
    first, last = (None if time is None else at(time) for time in (since, until))
    span = Span(first, last)
    for _ in range(2):
        assert [row.line for row in span.within([*ROWS, BAD])] == lines
        assert span.left_out == 4 - len(lines)
