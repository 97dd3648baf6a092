"""Tables with a header: which column says what, and which of several is taken."""

from pathlib import Path

import pytest

from pricetrail.audit.usage import tables
from pricetrail.audit.usage.errors import UsageFileError
from pricetrail.audit.usage.options import DEFAULTS, ReadingOptions
from pricetrail.audit.usage.reading import Reading
from pricetrail.audit.usage.rows import BadRow, Row, UsageRow


def read(head: str, *lines: str, options: ReadingOptions = DEFAULTS) -> list[Row]:
    reading = Reading(Path("u.csv"), options)
    cells = ((n, line.split(",")) for n, line in enumerate(lines, 2))
    return list(tables.read(reading, head.split(","), cells))


def test_a_row_has_as_many_cells_as_the_header() -> None:
    first, second = read("time,model,images", "2026-03-05,m,1", "2026-03-05,m")
    assert isinstance(first, UsageRow)
    assert isinstance(second, BadRow)
    assert (second.line, second.why) == (3, "it has 2 cells, the header has 3")


def test_a_column_that_stands_in_is_taken_where_nothing_else_says_it() -> None:
    counts = "num_model_requests,model,input_tokens,output_tokens"
    both = read(f"start_time,start_time_iso,{counts}", "1772668800,nonsense,1,m,2,3")
    alone = read(f"start_time_iso,{counts}", "2026-03-05T00:00:00+00:00,1,m,2,3")
    for (row,) in (both, alone):
        assert isinstance(row, UsageRow)
        assert row.time_text == "2026-03-05T00:00:00Z"


def test_the_index_of_a_data_frame_has_no_name_and_means_nothing() -> None:
    (row,) = read(",time,model,images", "0,2026-03-05,m,1")
    assert isinstance(row, UsageRow)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("time,model,images,images", "is there twice"),
        ("time,created_at,model,images", "mean the same: leave one out"),
        ("time,model,team", "no column is a quantity"),
        ("model,images", "there is no column 'time'"),
    ],
)
def test_a_header_that_means_nothing_is_refused(head: str, said: str) -> None:
    with pytest.raises(UsageFileError, match=said):
        read(head)


def test_a_member_of_details_proves_the_style_of_its_row_alone() -> None:
    head = "time,model,prompt_tokens,prompt_tokens_details.cached_tokens"
    first, second = read(head, "2026-03-05,m,1000,600", "2026-03-05,m,1000,")
    assert isinstance(first, UsageRow)
    assert isinstance(second, UsageRow)
    assert first.used == {"prompt": 400, "cache_read": 600}
    assert second.used == {"prompt": 1000}
