"""The last event of each source."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.event_tops import Top, tops
from pricetrail.storage.history.events import EventFilter
from tests.support.histories import at, build, catalog, hourly, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    build(opened, "one", hourly("10:00", [catalog(model(name)) for name in "abc"]))
    build(opened, "two", [("09:00", catalog(model("a"))), ("09:30", catalog(model("b")))])
    build(opened, "silent", [("10:00", catalog(model("a")))])
    yield opened
    opened.close()


def test_each_source_with_events_has_its_last(database: Database) -> None:
    with database.read() as connection:
        numbers = {event.source: number for number, event in events.read(connection, EventFilter())}
        assert sorted(tops(connection), key=lambda top: top.number) == [
            Top(1, numbers["one"], at("12:00")),
            Top(2, numbers["two"], at("09:30")),
        ]


def test_what_came_later_is_not_looked_at(database: Database) -> None:
    with database.read() as connection:
        log = list(events.read(connection, EventFilter()))
        for count in range(1, len(log)):
            known = {event.source for _, event in log[:count]}
            found = tops(connection, log[count - 1][0])
            assert max(top.number for top in found) == log[count - 1][0]
            assert len(found) == len(known)
