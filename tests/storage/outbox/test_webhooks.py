"""Run-time state of webhooks: a row only where something happened."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, webhooks
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.outbox.webhooks import WebhookState
from tests.support.histories import at


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_one_that_nothing_happened_to_has_no_row(database: Database) -> None:
    with database.write() as connection:
        webhooks.succeeded(connection, "w")
        assert not webhooks.enable(connection, "w")
        assert webhooks.state(connection, "w") == WebhookState("w")
        assert webhooks.states(connection) == {}


def test_failing_counts_from_the_first_failure_to_the_first_success(database: Database) -> None:
    with database.write() as connection:
        assert webhooks.failed(connection, "w", at("10:00")) == at("10:00")
        assert webhooks.failed(connection, "w", at("11:00")) == at("10:00")
        assert webhooks.failed(connection, "other", at("11:00")) == at("11:00")
        webhooks.succeeded(connection, "w")
        assert webhooks.state(connection, "w").failing_since is None
        assert webhooks.failed(connection, "w", at("12:00")) == at("12:00")


def test_one_is_paused_once_with_its_reason_and_goes_on_afresh(database: Database) -> None:
    with database.write() as connection:
        webhooks.failed(connection, "w", at("09:00"))
        assert webhooks.disable(connection, "w", "410 Gone", at("10:00"))
        assert not webhooks.disable(connection, "w", "404", at("11:00"))
        paused = webhooks.states(connection)["w"]
        assert (paused.disabled_at, paused.why) == (at("10:00"), "410 Gone")
        assert webhooks.enable(connection, "w")
        assert webhooks.state(connection, "w") == WebhookState("w")


def test_a_digest_is_due_at_its_time_until_it_is_out(database: Database) -> None:
    with database.write() as connection:
        webhooks.plan_digest(connection, "b", at("10:00"))
        webhooks.plan_digest(connection, "a", at("10:00"))
        webhooks.plan_digest(connection, "later", at("10:01"))
        assert webhooks.digests_due(connection, at("09:59")) == []
        assert webhooks.digests_due(connection, at("10:00")) == ["a", "b"]
        webhooks.digest_sent(connection, "a")
        assert webhooks.digests_due(connection, at("10:00")) == ["b"]


def test_a_pause_that_a_receiver_asks_for_is_of_one_webhook_and_the_longest_counts(
    database: Database,
) -> None:
    now = at("10:00")
    with database.write() as connection:
        webhooks.postpone(connection, "w", at("10:05"), now)
        webhooks.postpone(connection, "w", at("10:01"), now)
        state = webhooks.state(connection, "w")
        assert [state.waits(at(time)) for time in ("10:00", "10:04", "10:05")] == [
            True,
            True,
            False,
        ]
        assert not webhooks.state(connection, "other").waits(now)
        webhooks.disable(connection, "w", "410 Gone", now)
        webhooks.enable(connection, "w")
        assert not webhooks.state(connection, "w").waits(now)


def test_a_pause_of_a_clock_that_was_ahead_is_none_and_gives_way(database: Database) -> None:
    now = at("10:00")
    with database.write() as connection:
        webhooks.postpone(connection, "w", at("2056-01-01"), at("2055-12-31"))
        assert not webhooks.state(connection, "w").waits(now)
        webhooks.postpone(connection, "w", at("10:05"), now)
        assert webhooks.state(connection, "w").waits_until == at("10:05")


def test_messages_that_are_sent_again_by_hand_end_a_pause(database: Database) -> None:
    now = at("10:00")
    with database.write() as connection:
        deliveries.enqueue(connection, [NewDelivery("dlv_1", "w", ("e",))], now)
        for name in ("w", "other"):
            webhooks.postpone(connection, name, at("10:05"), now)
        assert deliveries.requeue(connection, [1], now) == 1
        assert not webhooks.state(connection, "w").waits(now)
        assert webhooks.state(connection, "other").waits(now)
