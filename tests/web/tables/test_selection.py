"""Which rows are wanted, and in which order."""

from decimal import Decimal

import pytest

from pricetrail.queries.model_listings import Begin, ModelListing, PriceListing
from pricetrail.storage.history.trails import Window
from pricetrail.web.tables.rows import Row
from pricetrail.web.tables.selection import PAGE, Selection, Wanted, matching, select
from tests.support.histories import at

SINCE = Window(None, at("10:00"))


def row(name: str, *prices: tuple[str, str], kind: str = "token") -> Row:
    listed = tuple(
        PriceListing(f"/pricing/{path}", "USD", Decimal(amount), None, SINCE, None)
        for path, amount in prices
    )
    came = Begin(1, SINCE, silent=True)
    return Row(ModelListing(name, f"The {name}", "openai", kind, came, listed, {}))


ROWS = (
    row("a", ("text/prompt", "2"), ("text/completion", "10")),
    row("b", ("text/prompt", "10")),
    row("c", ("generation/image/per_image", "1"), kind="generation"),
    row("d", ("text/prompt", "2"), ("cache/read", "0.1")),
)


def names(wanted: Wanted) -> str:
    return "".join(row.model.id for row in matching(ROWS, wanted))


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("", "abcd"),
        ("-id", "dcba"),
        ("text.prompt", "adbc"),
        ("-text.prompt", "badc"),
        ("/pricing/text/prompt", "adbc"),
        ("-cache.read", "dabc"),
        ("no.such", "abcd"),
    ],
)
def test_rows_are_sorted_as_numbers_and_those_without_come_last(sort: str, order: str) -> None:
    assert names(Wanted(sort=sort)) == order


def test_all_words_must_be_there_in_id_or_name() -> None:
    assert names(Wanted(q="the B")) == "b"
    assert names(Wanted(q="the", kind="generation")) == "c"
    assert names(Wanted(type="gemini")) == ""


def columns(wanted: Wanted) -> list[str]:
    return [path.removeprefix("/pricing/") for path in select(ROWS, wanted).columns]


def test_the_columns_are_those_that_the_rows_have_in_common() -> None:
    assert columns(Wanted()) == ["text/prompt", "text/completion"]
    assert columns(Wanted(kind="generation")) == ["generation/image/per_image"]
    assert columns(Wanted(q="nothing")) == ["text/prompt", "text/completion"]
    assert columns(Wanted(sort="cache.read"))[2:] == ["cache/read"]


def page_of(number: int) -> Selection:
    return select([row(f"{n:03}") for n in range(2 * PAGE + 1)], Wanted(page=number))


def test_a_page_beyond_the_last_is_the_last() -> None:
    assert [row.model.id for row in page_of(99).rows] == ["200"]
    assert (page_of(2).page, page_of(2).pages, page_of(2).matching) == (2, 3, 201)
    assert page_of(-5).rows[0].model.id == "000"
