"""Messages by webhook and state, and the oldest that waits."""

from sqlalchemy import update

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, delivery_counts, webhooks
from pricetrail.storage.outbox.deliveries import NewDelivery
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
