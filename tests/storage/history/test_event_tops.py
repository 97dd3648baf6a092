"""Where the log ends, and how late each source can stand in it."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.events import FAILING
from pricetrail.storage.database import Database
from pricetrail.storage.history import event_counts, events
from pricetrail.storage.history.event_tops import Latest, last_number, latest
from pricetrail.storage.history.events import EventFilter
from tests.support.histories import at, build, catalog, failed, hourly, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    build(opened, "one", hourly("10:00", [catalog(model(name)) for name in "abc"]))
    build(opened, "two", [("09:00", catalog(model("a"))), ("09:30", catalog(model("b")))])
    build(opened, "silent", [("10:00", catalog(model("a")))])
    failed(opened, "one", "13:00")
    yield opened
    opened.close()


def test_a_source_with_events_of_snapshots_alone_ends_with_its_last_snapshot(
    database: Database,
) -> None:
    with database.read() as connection:
        assert sorted(latest(connection)) == [Latest(1, at("12:00")), Latest(2, at("09:30"))]
        assert last_number(connection) == max(
            number for number, _ in events.read(connection, EventFilter())
        )


def test_other_events_may_be_as_late_as_its_last_poll(database: Database) -> None:
    with database.write() as connection:
        event_counts.add(connection, 1, {FAILING: 1})
    with database.read() as connection:
        assert sorted(latest(connection)) == [Latest(1, at("13:00")), Latest(2, at("09:30"))]


def test_an_empty_log(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as connection:
        assert (latest(connection), last_number(connection)) == ([], 0)
    database.close()
