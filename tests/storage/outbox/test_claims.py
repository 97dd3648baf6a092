"""What a claim takes of several messages, what comes back of it, and who has mail meanwhile."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, leases
from pricetrail.storage.outbox.deliveries import LEASED, PENDING, Delivery, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from tests.support.histories import at

NOW = at("10:00")
LEASE = timedelta(seconds=90)
# What waits since a crash, and what is due by its time: two reasons for a message to go out.
LEFT, DUE = ("a", "b"), ("c", "d", "e")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Leases that ran out on some messages of `w`, and others that are due."""
    found = Database(database_url)
    with found.write() as connection:
        owed = (NewDelivery(name, "w", ("e",)) for name in (*LEFT, *DUE))
        deliveries.enqueue(connection, owed, NOW - LEASE * 2)
    claimed(found, most=len(LEFT), token="crashed", ago=LEASE * 2)
    yield found
    found.close()


def claimed(
    database: Database, *, most: int, token: str = "t", ago: timedelta = timedelta(0)
) -> list[Delivery]:
    now = NOW - ago
    with database.write() as connection:
        return leases.claim(
            connection,
            "w",
            ordered=False,
            token=token,
            now=now,
            lease_until=now + LEASE,
            most=most,
        )


@pytest.mark.parametrize("most", range(1, 7))
def test_no_more_are_taken_than_were_asked_for_whatever_made_them_due(
    database: Database, most: int
) -> None:
    assert [one.id for one in claimed(database, most=most)] == [*LEFT, *DUE][:most]


def test_what_is_given_back_is_as_it_was_before_and_goes_out_at_once(database: Database) -> None:
    first, second, third = claimed(database, most=3, token="mine")
    with database.write() as connection:
        leases.give_back(connection, [first, third])
        leases.give_back(connection, [])
    with database.read() as connection:
        found = [deliveries.get(connection, one.id) for one in (first, second, third)]
    assert [(one.state, one.token) for one in found] == [
        (PENDING, None),
        (LEASED, "mine"),
        (PENDING, None),
    ]
    assert [found[0].next_at, found[2].next_at] == [first.next_at, third.next_at]
    assert [one.attempts for one in found] == [0, 0, 0]
    assert {one.id for one in claimed(database, most=9)} == {first.id, third.id, "d", "e"}


def test_what_somebody_else_took_over_is_not_given_back(database: Database) -> None:
    [held] = claimed(database, most=1, token="slow", ago=LEASE)
    assert held.id in [one.id for one in claimed(database, most=9, token="quick")]
    with database.write() as connection:
        leases.give_back(connection, [held])
    with database.read() as connection:
        assert deliveries.get(connection, held.id).token == "quick"


def test_no_attempt_is_none_whose_lease_was_held(database: Database) -> None:
    taken = claimed(database, most=3, token="mine")
    with database.write() as connection:
        assert leases.record_attempt(connection, []) == 0
        attempts = [Attempt(one, PENDING, NOW, NOW + LEASE) for one in taken]
        assert leases.record_attempt(connection, attempts) == 3


def test_in_any_order_there_is_mail_behind_one_that_waits(database: Database) -> None:
    with database.write() as connection:
        deliveries.enqueue(connection, [NewDelivery("v1", "v", ("e",))], NOW)
    claimed(database, most=1)
    asked: list[str] = []

    def any_order(name: str) -> bool:
        asked.append(name)
        return False

    with database.read() as connection:
        assert leases.webhooks_with_due(connection, NOW, any_order) == ["v", "w"]
        assert leases.webhooks_with_due(connection, NOW, lambda name: name == "w") == ["v"]
    assert asked == ["w"]
    claimed(database, most=9)
    with database.read() as connection:
        assert leases.webhooks_with_due(connection, NOW, any_order) == ["v"]
        assert leases.webhooks_with_due(connection, NOW + LEASE, any_order) == ["v", "w"]
