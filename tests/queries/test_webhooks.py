"""The configured webhooks: paused or not, and what they are owed."""

from collections.abc import Iterator

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.queries.webhooks import WebhookEntry, ask
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, leases, webhooks
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from tests.queries.documents import document
from tests.support.histories import at

NOW = at("10:00")
BILLING = Webhook(name="billing", url="http://127.0.0.1/billing")
CHAT = Webhook(name="chat", url="http://127.0.0.1/chat", format="slack")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_messages_are_counted_by_what_became_of_them(database: Database) -> None:
    owed = [NewDelivery(f"d{n}", "billing", (f"e{n}",)) for n in range(5)]
    with database.write() as transaction:
        deliveries.enqueue(transaction, [*owed, NewDelivery("x", "gone", ("e1",))], NOW)
        taken = leases.claim(
            transaction,
            "billing",
            ordered=True,
            token="t",
            now=NOW,
            lease_until=at("10:01"),
            most=4,
        )
        states = (DELIVERED, DELIVERED, DEAD)
        leases.record_attempt(
            transaction,
            [Attempt(one, state, NOW) for one, state in zip(taken, states, strict=False)],
        )
        webhooks.count_delivered(transaction, "billing", 2)
    with database.read() as transaction:
        billing, chat = ask(transaction, [BILLING, CHAT]).webhooks
    # One is being sent, one waits.
    assert (billing.waiting, billing.delivered, billing.dead) == (2, 2, 1)
    assert chat == WebhookEntry("chat", "slack", False, None, None, None, 0, 0, 0)


def test_those_that_only_the_database_knows_come_last(database: Database) -> None:
    with database.write() as transaction:
        deliveries.enqueue(transaction, [NewDelivery("d1", "old", ("e1",))], NOW)
        webhooks.disable(transaction, "gone", "410: gone", NOW)
        found = ask(transaction, [CHAT], others=True).webhooks
        assert [one.name for one in ask(transaction, [CHAT]).webhooks] == ["chat"]
    assert [(one.name, one.format, one.state) for one in found] == [
        ("chat", "slack", "on"),
        ("gone", "", "paused"),
        ("old", "", "on"),
    ]
    assert found[2].waiting == 1


def test_a_paused_webhook_says_why(database: Database) -> None:
    with database.write() as transaction:
        webhooks.failed(transaction, "chat", at("09:00"))
        webhooks.disable(transaction, "chat", "410: gone", NOW)
        webhooks.plan_digest(transaction, "billing", at("18:00"))
    with database.read() as transaction:
        chat, billing = document(ask(transaction, [CHAT, BILLING]))["webhooks"]
    assert chat == {
        "name": "chat",
        "format": "slack",
        "state": "paused",
        "why": "410: gone",
        "failing_since": "2026-03-01T09:00:00Z",
        "next_digest": None,
        "waiting": 0,
        "delivered": 0,
        "dead": 0,
    }
    assert (billing["state"], billing["next_digest"]) == ("on", "2026-03-01T18:00:00Z")
