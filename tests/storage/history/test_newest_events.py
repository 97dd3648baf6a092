"""The newest events: put together once, and never behind what was recorded."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.events import Event
from pricetrail.storage.database import Database
from pricetrail.storage.history.events import EventFilter, read
from pricetrail.storage.history.newest_events import newest
from tests.support.histories import build, catalog, model, tokens

CHEAP = tokens("0.000002", "0.000015")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A model comes, gets cheaper and goes; another stays."""
    found = Database(database_url)
    build(found, "s", [("10:00", catalog(model("x"))), ("11:00", catalog(model("a"), model("x")))])
    build(
        found,
        "s",
        [("12:00", catalog(model("a", CHEAP), model("x"))), ("13:00", catalog(model("x")))],
    )
    yield found
    found.close()


def test_what_was_read_lately_is_not_put_together_anew(database: Database) -> None:
    def told() -> list[tuple[int, Event]]:
        with database.read() as connection:
            return list(newest(connection, EventFilter()))

    first = told()
    with database.read() as connection:
        assert first == list(read(connection, EventFilter()))[::-1]
    assert all(one is other for (_, one), (_, other) in zip(told(), first, strict=True))
    # What comes meanwhile is there at once.
    build(database, "s", [("14:00", catalog())])
    assert [event.type for _, event in told()] == [
        "model.removed",
        *(event.type for _, event in first),
    ]
