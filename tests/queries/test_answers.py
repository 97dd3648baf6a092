"""What all answers share."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pricetrail.queries.answers import Pieces, time_or_null


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (None, None),
        (datetime(2026, 3, 1, 10, 0, tzinfo=UTC), "2026-03-01T10:00:00Z"),
        (datetime(2026, 3, 1, 10, 0, tzinfo=timezone(timedelta(hours=2))), "2026-03-01T08:00:00Z"),
    ],
)
def test_a_time_is_utc_and_none_is_null(moment: datetime | None, written: str | None) -> None:
    assert time_or_null(moment) == written


def test_pieces_are_read_anew_each_time() -> None:
    begun = []

    def read() -> Iterator[int]:
        begun.append(1)
        yield from (1, 2)

    pieces = Pieces(read)
    assert begun == []
    assert (list(pieces), list(pieces), len(begun)) == ([1, 2], [1, 2], 2)
