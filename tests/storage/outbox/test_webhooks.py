"""Run-time state of webhooks: a row only where something happened."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, delivery_counts, leases, webhooks
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.outbox.webhooks import WebhookState
from tests.support.histories import at

LONGEST_PAUSE = timedelta(hours=29)


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
        assert webhooks.state(connection, "other").failing_since == at("11:00")
        assert webhooks.failed(connection, "w", at("12:00")) == at("12:00")


@pytest.mark.parametrize(("ahead", "since"), [("10:01", "10:01"), ("10:02", "10:00")])
def test_failing_since_later_than_now_is_the_error_of_a_clock_that_was_ahead(
    database: Database, ahead: str, since: str
) -> None:
    with database.write() as connection:
        webhooks.failed(connection, "w", at(ahead))
        assert webhooks.failed(connection, "w", at("10:00")) == at(since)
        assert webhooks.state(connection, "w").failing_since == at(since)


def test_between_two_attempts_no_more_is_counted_than_the_longest_pause(
    database: Database,
) -> None:
    since = at("2026-03-01")
    # In this order: the clock was set back.
    hours = {"w": (60, 20, 70, -10, 200), "other": (40,)}
    with database.write() as connection:
        for webhook, tries in hours.items():
            deliveries.enqueue(connection, [NewDelivery(webhook, webhook, ("e",))], since)
            delivery = deliveries.get(connection, webhook)
            moments = (since + timedelta(hours=number) for number in tries)
            leases.record_attempt(connection, [Attempt(delivery, DEAD, each) for each in moments])

        def counted(until: int) -> timedelta:
            now = since + timedelta(hours=until)
            return webhooks.failing_for(connection, "w", since, now)

        # To 20, not to 60 but 29 further, to 70, and on from there.
        assert counted(20) == timedelta(hours=20)
        assert counted(80) == timedelta(hours=20 + 29 + 10 + 10)
        assert counted(150) == timedelta(hours=20 + 29 + 10 + 29)


def test_what_its_receiver_took_and_the_last_error_are_remembered(database: Database) -> None:
    with database.write() as connection:
        webhooks.count_delivered(connection, "w", 2, at("10:00"))
        assert webhooks.state(connection, "w") == WebhookState("w", succeeded_at=at("10:00"))
        webhooks.count_delivered(connection, "w", 3, at("10:05"))
        webhooks.remember_error(connection, "w", "503", at("10:10"))
        assert webhooks.state(connection, "w") == WebhookState(
            "w", succeeded_at=at("10:05"), failed_at=at("10:10"), last_error="503"
        )
        assert delivery_counts.counts(connection) == {"w": {DELIVERED: 5}}
        webhooks.remember_error(connection, "w", None, at("10:20"))
        state = webhooks.state(connection, "w")
        assert (state.failed_at, state.last_error) == (at("10:20"), "no reason was given")


def test_a_digest_that_is_planned_for_later_is_hastened(database: Database) -> None:
    with database.write() as connection:
        for name in ("a", "b"):
            webhooks.plan_digest(connection, name, at("18:00"))
        webhooks.hasten_digest(connection, "a", at("12:00"))
        webhooks.hasten_digest(connection, "a", at("13:00"))
        webhooks.hasten_digest(connection, "c", at("12:00"))
        planned = {name: each.digest_at for name, each in webhooks.states(connection).items()}
        assert planned == {"a": at("12:00"), "b": at("18:00")}


def test_one_is_paused_once_with_its_reason_and_goes_on_afresh(database: Database) -> None:
    with database.write() as connection:
        webhooks.failed(connection, "w", at("09:00"))
        assert webhooks.disable(connection, "w", "410 Gone", at("10:00"))
        assert not webhooks.disable(connection, "w", "404", at("11:00"))
        paused = webhooks.states(connection)["w"]
        assert (paused.disabled_at, paused.why) == (at("10:00"), "410 Gone")
        assert webhooks.disable(connection, "other", "404", at("11:00"))
        assert webhooks.enable(connection, "w")
        assert webhooks.state(connection, "w") == WebhookState("w")
        assert webhooks.state(connection, "other").why == "404"


def test_a_digest_is_due_at_its_time_until_it_is_out(database: Database) -> None:
    with database.write() as connection:
        webhooks.failed(connection, "b", at("09:00"))
        webhooks.plan_digest(connection, "b", at("10:00"))
        webhooks.plan_digest(connection, "a", at("10:00"))
        webhooks.plan_digest(connection, "later", at("10:01"))
        webhooks.plan_digest(connection, "b", at("11:00"))
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
        waits = {time: state.waits(at(time)) for time in ("10:00", "10:04", "10:05", "10:06")}
        assert waits == {"10:00": True, "10:04": True, "10:05": False, "10:06": False}
        assert not webhooks.state(connection, "other").waits(now)
        webhooks.disable(connection, "w", "410 Gone", now)
        webhooks.enable(connection, "w")
        assert not webhooks.state(connection, "w").waits(now)


def test_a_pause_of_a_clock_that_was_ahead_is_none_and_gives_way(database: Database) -> None:
    now = at("10:00")
    with database.write() as connection:
        webhooks.postpone(connection, "w", now + LONGEST_PAUSE, now)
        webhooks.postpone(connection, "w", at("10:05"), now)
        state = webhooks.state(connection, "w")
        assert (state.waits_until, state.waits(now)) == (now + LONGEST_PAUSE, True)
        ahead = now + LONGEST_PAUSE + timedelta(milliseconds=1)
        webhooks.postpone(connection, "w", ahead, ahead)
        state = webhooks.state(connection, "w")
        assert (state.waits_until, state.waits(now)) == (ahead, False)
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


def test_a_digest_that_somebody_is_sending_is_left_to_them(postgres_url: str) -> None:
    database = Database(postgres_url)
    with database.write() as connection:
        for name in ("a", "b"):
            webhooks.plan_digest(connection, name, at("10:00"))
    with database.write() as sending, database.write() as other:
        webhooks.digest_sent(sending, "a")
        assert webhooks.digests_due(other, at("10:00")) == ["b"]
    database.close()
