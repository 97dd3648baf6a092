"""A catalog's rows in bulk, on both databases."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import listings
from tests.support.histories import build, catalog, hourly, model, tokens

PROMPT = "/pricing/text/prompt"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    polls = [catalog(model("m", tokens(str(n), "100")), model("n")) for n in range(1, 9)]
    polls.insert(4, catalog(model("n")))
    build(opened, "s", hourly("10:00", polls))
    yield opened
    opened.close()


def test_the_newest_rows_and_all_recent_ones_are_read(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, None).id
        every = list(listings.listed_prices(connection, source, 9, 0))
        newest = list(listings.listed_prices(connection, source, 9, 9))
        recent = list(listings.listed_prices(connection, source, 8, 3))
    amounts = [
        row.amount for row in every if row.path == PROMPT and row.amount != Decimal("0.000003")
    ]
    assert amounts == [Decimal(n) for n in range(8, 0, -1)]
    assert [row.version for row in newest if row.path == PROMPT][:3] == [9, 8, 7]
    # What held when the recent time began goes along.
    assert [row.version for row in recent if row.path == PROMPT][:5] == [8, 7, 6, 4, 3]


def test_documents_are_those_of_the_version(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, None).id
        assert [one.name for one in listings.listed_documents(connection, source, 4)] == ["m", "n"]
        assert [one.name for one in listings.listed_documents(connection, source, 5)] == ["n"]
        (m, _) = listings.listed_documents(connection, source, 9)
    assert '"8"' in m.document


def test_a_model_is_visible_since_it_last_came(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, None).id
        (m, n) = listings.listed_documents(connection, source, 9)
        assert listings.visible_since(connection, source, 9) == {m.id: 6, n.id: 1}
        assert listings.visible_since(connection, source, 4) == {m.id: 1, n.id: 1}
