"""Pages by number and by size, and cursors that name an entry."""

import pytest

from pricetrail.catalog.times import utc
from pricetrail.mcp import paging
from pricetrail.mcp.paging import BUDGET, Between, CursorError


@pytest.mark.parametrize(
    ("sizes", "limit", "shown"),
    [
        ([], 5, 0),
        ([1, 1, 1], 5, 3),
        ([1, 1, 1], 2, 2),
        ([1000] * 10, 2, 2),
        ([BUDGET * 2, 1], 5, 1),
        ([1, BUDGET * 2], 5, 1),
    ],
)
def test_a_page_has_at_least_one_entry_and_no_more_than_fits(
    sizes: list[int], limit: int, shown: int
) -> None:
    # A text of its own is cut; many short ones are not.
    entries = [["x" * 96] * (size // 100) for size in sizes]
    assert paging.first(entries, limit) == shown
    assert paging.newest(entries[::-1], limit) == len(entries) - shown


def test_entries_of_one_place_stay_together() -> None:
    assert paging.newest(["a", "b", "c", "d"], 2, [1, 2, 2, 3]) == 1
    assert paging.newest(["a", "b"], 1, [1, 1]) == 0
    assert paging.newest([], 1, []) == 0


def test_a_cursor_is_read_as_it_was_written() -> None:
    assert paging.version(None) is None
    assert paging.version("12") == 12
    assert paging.time("2026-03-01T10:00:00.5Z") == utc("2026-03-01T10:00:00.5Z")
    assert paging.between(str(Between("3", "17", 50)), "x", "y") == ("3", "17", 50)
    assert paging.between(None, "latest~1", "latest") == ("latest~1", "latest", 0)


@pytest.mark.parametrize("cursor", ["", "x", "1:2", "-1", "٣", "1" * 10])
def test_any_other_cursor_is_refused_with_what_to_do(cursor: str) -> None:
    for read in (
        paging.version,
        paging.time,
        lambda text: paging.between(text, "1", "2"),
    ):
        with pytest.raises(CursorError, match="give the `next` of a page before"):
            read(cursor)
