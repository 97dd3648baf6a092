"""Messages by webhook and state, and the oldest that waits."""

from sqlalchemy import update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, delivery_counts, leases, webhooks
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from pricetrail.storage.pruning import prune_deliveries
from tests.support.histories import at

STATES = ["dead", "pending", "leased", "delivered", "pending"]


def test_what_waits_is_counted_and_what_was_taken_is_remembered(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        for number, state in enumerate(STATES):
            one = NewDelivery(f"d{number}", "billing", (f"e{number}",))
            deliveries.enqueue(connection, [one], at(f"10:0{number}"))
            this = t.delivery.c.id == one.id
            connection.execute(update(t.delivery).where(this).values(state=state))
        deliveries.enqueue(connection, [NewDelivery("x", "chat", ("e1",))], at("09:00"))
        webhooks.count_delivered(connection, "billing", 2, at("10:00"))
        webhooks.count_delivered(connection, "billing", 1, at("10:00"))
        webhooks.plan_digest(connection, "quiet", at("18:00"))
    expected = {
        "billing": {"delivered": 3, "dead": 1, "pending": 2, "leased": 1},
        "chat": {"pending": 1},
        "quiet": {"delivered": 0},
    }
    with database.write() as connection:
        assert delivery_counts.counts(connection) == expected
        assert delivery_counts.oldest(connection) == {"billing": at("10:01"), "chat": at("09:00")}
        # What is deleted is in the outbox no more, and was delivered all the same.
        assert prune_deliveries(connection, at("11:00")) == 2
        del expected["billing"]["dead"]
        assert delivery_counts.counts(connection) == expected
    database.close()


def test_the_next_try_is_that_of_the_first_message_that_is_due(database_url: str) -> None:
    database = Database(database_url)
    with database.write() as connection:
        for name in ("billing", "chat"):
            owed = [NewDelivery(f"{name}-{number}", name, ("e",)) for number in range(3)]
            deliveries.enqueue(connection, owed, at("10:00"))
        waiting = leases.claim(
            connection,
            "chat",
            ordered=False,
            token="t",
            now=at("10:00"),
            lease_until=at("10:01"),
            most=3,
        )
        for one, next_at in zip(waiting, ("10:30", "10:20", "10:40"), strict=True):
            attempt = Attempt(one, "pending", at("10:00"), at(next_at))
            assert leases.record_attempt(connection, [attempt]) == 1
        expected = {"billing": at("10:00"), "chat": at("10:20")}
        assert delivery_counts.next_tries(connection) == expected
        deliveries.cancel(connection, "billing", at("10:10"))
        del expected["billing"]
        assert delivery_counts.next_tries(connection) == expected
    database.close()
