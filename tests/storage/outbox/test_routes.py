"""Fates of events: the first verdict stands, and nothing is dropped unsaid."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.outbox import routes as routing
from pricetrail.storage.outbox.routes import DELIVERY, DIGEST, FILTERED, Route
from tests.support.histories import at

NOW = at("10:00")
FIRST, SECOND = "evt_" + "01" * 20, "evt_" + "02" * 20


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_the_first_verdict_on_an_event_at_a_webhook_stands(database: Database) -> None:
    routes = [Route(FIRST, "b", DELIVERY, "d1"), Route(FIRST, "a", FILTERED, "min_percent")]
    with database.write() as connection:
        routing.record(connection, [], NOW)
        routing.record(connection, routes, NOW)
        routing.record(connection, [Route(FIRST, "b", FILTERED, "models")], NOW)
        assert routing.of_event(connection, FIRST) == [routes[1], routes[0]]
        assert routing.of_event(connection, SECOND) == []


def test_a_digest_gathers_until_it_is_sent(database: Database) -> None:
    with database.write() as connection:
        routing.record(
            connection,
            [
                Route(FIRST, "w", DIGEST, None),
                Route(SECOND, "w", DIGEST, None),
                Route(FIRST, "other", DIGEST, None),
                Route(SECOND, "other", FILTERED, None),
            ],
            NOW,
        )
        assert sorted(routing.gathered(connection, "w")) == [FIRST, SECOND]
        assert routing.gathered_counts(connection) == {"other": 1, "w": 2}
        routing.sent_in_digest(connection, "w", {FIRST: "d1"})
        assert routing.gathered(connection, "w") == [SECOND]
        assert routing.gathered(connection, "other") == [FIRST]
        assert Route(FIRST, "w", DIGEST, "d1") in routing.of_event(connection, FIRST)


def test_what_was_gathered_for_a_webhook_that_is_gone_is_kept_back(database: Database) -> None:
    with database.write() as connection:
        sent, waiting = Route(FIRST, "w", DIGEST, "d1"), Route(SECOND, "w", DIGEST, None)
        routing.record(connection, [sent, waiting, Route(SECOND, "v", DIGEST, None)], NOW)
        assert routing.drop_gathered(connection, "w") == 1
        assert routing.gathered(connection, "v") == [SECOND]
        assert sent in routing.of_event(connection, FIRST)
        assert Route(SECOND, "w", FILTERED, "removed") in routing.of_event(connection, SECOND)
