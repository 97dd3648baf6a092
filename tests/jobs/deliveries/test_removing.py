"""Removing a webhook: nothing is owed to it any more, and what it got stays."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries import removing
from pricetrail.jobs.deliveries.removing import Left
from pricetrail.storage.outbox import leases, webhooks
from pricetrail.storage.outbox.deliveries import CANCELLED, DELIVERED, PENDING
from pricetrail.storage.outbox.leases import Attempt
from tests.jobs.stage import Stage, many, staged

HOOKS = {name: Webhook(name=name, url="http://127.0.0.1:9/") for name in ("main", "other")}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    """Three changes, each owed to two webhooks; the first is being sent to `main`."""
    with staged(database_url, webhooks=HOOKS) as made:
        for number in (2, 3, 4, 5):
            made.poll(many(number))
        yield made


def test_what_is_owed_is_cancelled_even_what_is_being_sent(stage: Stage) -> None:
    with stage.database.write() as transaction:
        until = stage.now + timedelta(seconds=90)
        taken = [
            leases.claim(
                transaction, "main", ordered=False, token=token, now=stage.now, lease_until=until
            )[0]
            for token in ("t1", "t2")
        ]
        first, second = (Attempt(it, DELIVERED, stage.now, stage.now, 200, None) for it in taken)
        assert leases.record_attempt(transaction, [first]) == 1
        webhooks.disable(transaction, "main", "gone", stage.now)
        assert removing.remove(transaction, "main", stage.now) == Left(messages=2)
        assert removing.remove(transaction, "main", stage.now) == Left()
        # Whoever has it in hand finds that it is not theirs any more.
        assert leases.record_attempt(transaction, [second]) == 0
        assert "main" not in webhooks.states(transaction)
    assert [it.state for it in stage.owed("main")] == [DELIVERED, CANCELLED, CANCELLED]
    assert [it.state for it in stage.owed("other")] == [PENDING] * 3
