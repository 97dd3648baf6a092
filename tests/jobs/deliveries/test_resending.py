"""Sending again: which deliveries are due once more, with the ids that they had."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import NotFoundError
from pricetrail.jobs.deliveries import resending
from pricetrail.jobs.deliveries.resending import Resent
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.storage.database import Transaction
from pricetrail.storage.outbox import leases
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED
from pricetrail.storage.outbox.leases import Attempt
from tests.jobs.stage import START, Stage, many, staged

HOOKS = {name: Webhook(name=name, url="http://127.0.0.1:9/") for name in ("main", "other")}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    """Three changes, each owed to two webhooks; to `main` delivered, dead and pending."""
    with staged(database_url, webhooks=HOOKS) as made:
        for number in (2, 3, 4, 5):
            made.poll(many(number))
        for state in (DELIVERED, DEAD):
            end(made, state)
        yield made


def end(stage: Stage, state: str) -> None:
    with stage.database.write() as transaction:
        [claimed] = leases.claim(
            transaction,
            "main",
            ordered=False,
            token=state,
            now=stage.now,
            lease_until=stage.now + timedelta(seconds=90),
        )
        attempt = Attempt(claimed, state, stage.now, stage.now, 500, None)
        assert leases.record_attempt(transaction, [attempt]) == 1


def states(stage: Stage) -> list[str]:
    return [delivery.state for delivery in stage.owed("main")]


def resend(stage: Stage, act: Callable[[Transaction], int]) -> int:
    with stage.database.write() as transaction:
        return act(transaction)


def test_a_webhooks_dead_and_waiting_ones_are_due_and_what_was_delivered_is_not(
    stage: Stage,
) -> None:
    before = [delivery.id for delivery in stage.owed("main")]
    due = resend(stage, lambda write: resending.retry_webhook(write, "main", stage.now))
    assert (due, states(stage)) == (2, ["delivered", "pending", "pending"])
    assert [delivery.id for delivery in stage.owed("main")] == before


def test_deliveries_are_retried_by_id_and_an_unknown_id_is_an_error(stage: Stage) -> None:
    dead = stage.owed("main")[1].id
    assert resend(stage, lambda write: resending.retry(write, [dead], stage.now)) == 1
    assert states(stage)[1] == "pending"
    with pytest.raises(NotFoundError):
        resend(stage, lambda write: resending.retry(write, [dead, "dlv_none"], stage.now))


def test_a_range_of_time_is_replayed_without_its_end(stage: Stage) -> None:
    first, second, third = (delivery.created_at for delivery in stage.owed("main"))
    replayed = resend(
        stage, lambda write: resending.replay(write, "main", first, second, stage.now)
    )
    assert (replayed, states(stage)) == (1, ["pending", "dead", "pending"])
    later = resend(stage, lambda write: resending.replay(write, "main", second, None, stage.now))
    assert (later, states(stage)) == (2, ["pending"] * 3)
    assert START < first < second < third


def test_json_holds_what_was_due_beside_the_round() -> None:
    answer = Resent(2, Tally(delivered=1, retrying=1)).as_json()
    assert answer == {"due": 2, "deliveries": {"delivered": 1, "retrying": 1, "dead": 0}}
