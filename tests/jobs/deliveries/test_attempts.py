"""Attempts written down: what is due again and when, what is dead, and who is paused."""

import logging
from collections.abc import Iterator, Sequence
from datetime import timedelta

import pytest

from pricetrail.alerts.outcomes import DEAD, DELIVERED, DISABLE, RETRY, Outcome
from pricetrail.alerts.webhooks import STRICT, Webhook
from pricetrail.catalog.events import PAUSED
from pricetrail.jobs.deliveries.attempts import DELAYS, AttemptRecorder, AttemptResult
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.storage.outbox import delivery_counts, leases, webhooks
from pricetrail.storage.outbox.deliveries import Delivery
from tests.jobs.stage import Stage, many, staged

HOOK = Webhook(name="main", url="http://127.0.0.1:9/", ordering="none")
TAKEN = Outcome(DELIVERED, status=200)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url, webhooks={"main": HOOK}) as made:
        made.poll(many(2))
        made.poll(many(4))
        yield made


def claimed(stage: Stage, most: int = 2, *, token: str = "ours") -> list[Delivery]:
    with stage.database.write() as connection:
        return leases.claim(
            connection,
            "main",
            ordered=False,
            token=token,
            now=stage.now,
            lease_until=stage.now + timedelta(seconds=90),
            most=most,
        )


def written(
    stage: Stage,
    results: Sequence[tuple[Delivery, Outcome]],
    rest: Sequence[Delivery] = (),
    hook: Webhook = HOOK,
) -> tuple[Tally, bool]:
    recorder = AttemptRecorder(stage.database, {"main": hook}, chance=lambda: 0.5)
    return recorder.write(
        hook, [AttemptResult(one, outcome, stage.now) for one, outcome in results], rest
    )


def states(stage: Stage) -> list[str]:
    return [delivery.state for delivery in stage.owed("main")]


def taken(stage: Stage) -> int:
    """How many messages are counted as delivered."""
    with stage.database.read() as connection:
        return delivery_counts.counts(connection)["main"]["delivered"]


def test_what_was_taken_is_done_with_and_more_may_follow(stage: Stage) -> None:
    first, second = claimed(stage)
    assert written(stage, [(first, TAKEN)], [second]) == (Tally(delivered=1), True)
    assert states(stage) == ["delivered", "leased"]
    assert taken(stage) == 1


@pytest.mark.parametrize("attempts", [1, 2, 5])
def test_each_failure_waits_longer_than_the_one_before(
    stage: Stage, attempts: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "pricetrail.service")
    for _ in range(attempts):
        stage.now = max(stage.now, stage.owed("main")[0].next_at)
        [first] = claimed(stage, 1)
        written(stage, [(first, Outcome(RETRY, status=503, error="HTTP 503"))])
    failed = next(one for one in stage.owed("main") if one.id == first.id)
    assert failed.next_at - stage.now == DELAYS[failed.attempts - 1]
    # A receiver that begins to fail is a warning; that it goes on is none.
    levels = [record.levelname for record in caplog.records]
    assert levels == ["WARNING", "INFO", "INFO", "INFO", "INFO"][:attempts]


def test_a_receiver_that_is_silent_gets_no_more_and_the_rest_goes_back(stage: Stage) -> None:
    first, second = claimed(stage)
    silent = Outcome(RETRY, error="no answer", not_before=stage.now + timedelta(hours=3))
    assert written(stage, [(first, silent)], [second]) == (Tally(retrying=1), False)
    assert states(stage) == ["pending", "pending"]
    # Where there is no order, whoever asked for a pause gets it for every message.
    with stage.database.read() as connection:
        state = webhooks.state(connection, "main")
    assert state.waits_until == stage.now + timedelta(hours=3)


@pytest.mark.parametrize(("ordering", "going_on"), [("none", True), (STRICT, False)])
def test_a_failure_holds_the_others_back_only_where_there_is_an_order(
    stage: Stage, ordering: str, going_on: bool
) -> None:
    first, second = claimed(stage)
    hook = Webhook(name="main", url=HOOK.url, ordering=ordering)
    failed = Outcome(RETRY, status=500, error="HTTP 500")
    assert written(stage, [(first, failed)], [second], hook) == (Tally(retrying=1), going_on)


def test_a_message_at_fault_is_dead_and_the_next_one_goes(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    first, second = claimed(stage)
    refused = Outcome(DEAD, status=413, error="HTTP 413")
    assert written(stage, [(first, refused)], [second]) == (Tally(dead=1), True)
    assert states(stage) == ["dead", "leased"]
    assert [record.levelname for record in caplog.records] == ["ERROR"]


def test_a_lease_that_somebody_took_over_counts_for_them(stage: Stage) -> None:
    [first] = claimed(stage, 1)
    stage.pass_time(minutes=10)
    claimed(stage, token="theirs")
    assert written(stage, [(first, TAKEN)]) == (Tally(), False)
    assert "delivered" not in states(stage)
    # The receiver has it, though.
    assert taken(stage) == 1


def test_a_webhook_that_is_gone_is_paused_and_somebody_hears_of_it(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    [first, _] = claimed(stage)
    assert written(stage, [(first, Outcome(DISABLE, status=410, error="HTTP 410"))])[1] is False
    with stage.database.read() as connection:
        state = webhooks.state(connection, "main")
    assert (state.disabled_at, state.why) == (stage.now, "HTTP 410")
    assert [record.levelname for record in caplog.records] == ["ERROR"]
    [notice] = stage.events(PAUSED)
    assert "The webhook main is paused: HTTP 410." in str(notice.payload()["text"])
