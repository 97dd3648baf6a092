"""The configured webhooks: paused or not, and what they are owed."""

from collections.abc import Iterator
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries.webhooks import WebhookEntry, ask, require_known
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, leases, routes, webhooks
from pricetrail.storage.outbox.deliveries import DEAD, DELIVERED, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.outbox.routes import Route
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
        webhooks.count_delivered(transaction, "billing", 2, at("10:00"))
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
        "last_success": None,
        "last_error": None,
        "last_error_at": None,
        "next_try": None,
        "next_digest": None,
        "gathered": 0,
        "waiting": 0,
        "delivered": 0,
        "dead": 0,
    }
    assert (billing["state"], billing["next_digest"]) == ("on", "2026-03-01T18:00:00Z")


def test_a_webhook_does_not_look_well_while_its_receiver_is_not(database: Database) -> None:
    def now() -> dict[str, Any]:
        with database.read() as transaction:
            [found] = document(ask(transaction, [BILLING]))["webhooks"]
        return dict(found)

    with database.write() as transaction:
        webhooks.count_delivered(transaction, "billing", 1, at("09:00"))
    assert (now()["state"], now()["last_success"]) == ("on", "2026-03-01T09:00:00Z")
    with database.write() as transaction:
        # Refused for good: nothing is tried again, and nothing counts as failing since.
        webhooks.remember_error(transaction, "billing", "HTTP 400", at("10:00"))
    assert (now()["state"], now()["last_error"]) == ("failing", "HTTP 400")
    assert now()["last_error_at"] == "2026-03-01T10:00:00Z"
    with database.write() as transaction:
        webhooks.count_delivered(transaction, "billing", 1, at("11:00"))
    assert (now()["state"], now()["last_error"]) == ("on", "HTTP 400")
    with database.write() as transaction:
        webhooks.failed(transaction, "billing", at("12:00"))
        webhooks.remember_error(transaction, "billing", None, at("12:00"))
    assert (now()["state"], now()["last_error"]) == ("failing", "no reason was given")


def test_what_waits_says_when_it_is_tried_and_what_is_gathered(database: Database) -> None:
    owed = [NewDelivery(f"d{n}", "billing", (f"e{n}",)) for n in range(3)]
    ids = [f"evt_{n:040x}" for n in range(4)]
    gathered = [Route(one, "chat", routes.DIGEST, None) for one in ids]
    with database.write() as transaction:
        deliveries.enqueue(transaction, owed, at("10:00"))
        webhooks.postpone(transaction, "billing", at("10:30"), at("10:00"))
        routes.record(transaction, [*gathered, Route(ids[0], "x", routes.DIGEST, "dlv_1")], NOW)
        webhooks.plan_digest(transaction, "chat", at("18:00"))
        billing, chat = ask(transaction, [BILLING, CHAT]).webhooks
        assert (billing.waiting, billing.next_try, billing.gathered) == (3, at("10:30"), 0)
        assert (chat.gathered, chat.next_digest, chat.next_try) == (4, at("18:00"), None)
        # What is paused is not tried.
        webhooks.disable(transaction, "billing", "410: gone", NOW)
        assert ask(transaction, [BILLING]).webhooks[0].next_try is None


def test_a_name_that_no_webhook_has_is_refused_with_those_there_are(database: Database) -> None:
    with database.write() as transaction:
        deliveries.enqueue(transaction, [NewDelivery("d1", "old", ("e1",))], NOW)
        for known in ("old", "billing"):
            require_known(transaction, known, ["billing"])
        with pytest.raises(NotFoundError, match="no webhook 'nope' here; there are: billing, old"):
            require_known(transaction, "nope", ["billing"])
