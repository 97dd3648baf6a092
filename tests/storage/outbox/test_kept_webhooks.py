"""Webhooks that the database keeps: each once, with or without a state."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.outbox import kept_webhooks, webhooks


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_each_is_kept_once(database: Database) -> None:
    with database.write() as connection:
        webhooks.disable(connection, "b", "gone", database.now())
        assert kept_webhooks.add(connection, "b", "{}")
        assert kept_webhooks.add(connection, "a", '{"url":"env:A"}')
        assert not kept_webhooks.add(connection, "a", "{}")
        assert kept_webhooks.settings(connection) == {"a": '{"url":"env:A"}', "b": "{}"}
        assert kept_webhooks.settings_of(connection, "a") == '{"url":"env:A"}'
        # It goes on with the state that it had.
        assert webhooks.state(connection, "b").why == "gone"


def test_one_is_dropped_with_its_state_or_without(database: Database) -> None:
    with database.write() as connection:
        for name in "ab":
            kept_webhooks.add(connection, name, "{}")
            webhooks.disable(connection, name, "gone", database.now())
        kept_webhooks.drop(connection, "a")
        kept_webhooks.forget(connection, "b")
        assert kept_webhooks.settings(connection) == {}
        assert kept_webhooks.settings_of(connection, "c") is None
        assert {name: it.why for name, it in webhooks.states(connection).items()} == {"a": "gone"}
