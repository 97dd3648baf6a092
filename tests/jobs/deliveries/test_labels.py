"""Webhooks know the labels of sources that the database keeps, where that concerns them."""

from collections.abc import Iterator

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import Event
from pricetrail.jobs.deliveries.labels import KnownLabels
from pricetrail.storage import kept_sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events as log
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.kept_sources import Kept
from tests.support.histories import build, catalog, hourly, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A kept source `s` of a team, with an event."""
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", [catalog(model("a", tokens(p, "1"))) for p in ("3", "2")]))
    with opened.write() as connection:
        settings = '{"labels":{"team":"x"}}'
        kept_sources.add(connection, [Kept("s", settings)], opened.now())
    yield opened
    opened.close()


def events(database: Database) -> list[Event]:
    with database.read() as connection:
        return [event for _, event in log.read(connection, EventFilter())]


def test_those_of_the_database_are_known_and_the_configurations_hold(database: Database) -> None:
    hook = Webhook(name="h", url="https://h.example", sources=("team=x",))
    own = Webhook(name="h", url="https://h.example", labels={"s": {"team": "own"}})
    some = events(database)
    assert some
    with database.read() as connection:
        assert KnownLabels(connection, some).filtering(hook).labels == {"s": {"team": "x"}}
        assert KnownLabels(connection, some).knowing(own) is own


def test_nobody_asks_for_what_no_filter_needs(database: Database) -> None:
    hook = Webhook(name="h", url="https://h.example")
    with database.read() as connection:
        assert KnownLabels(connection, events(database)).filtering(hook) is hook
