"""The outbox: owed once, taken by one, in order, until it is delivered or dead."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.id_prefixes import AmbiguousIdError
from pricetrail.storage.outbox import deliveries, leases
from pricetrail.storage.outbox.deliveries import (
    CANCELLED,
    DEAD,
    DELIVERED,
    PENDING,
    Delivery,
    NewDelivery,
)
from pricetrail.storage.outbox.leases import Attempt
from tests.support.histories import at

NOW = at("10:00")
LEASE = timedelta(seconds=90)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def owe(database: Database, *ids: str, webhook: str = "w", now: datetime = NOW) -> int:
    with database.write() as connection:
        return deliveries.enqueue(
            connection, [NewDelivery(one, webhook, (f"e-{one}",)) for one in ids], now
        )


def take(
    database: Database, token: str = "t", *, ordered: bool = True, now: datetime = NOW
) -> Delivery | None:
    with database.write() as connection:
        found = leases.claim(
            connection, "w", ordered=ordered, token=token, now=now, lease_until=now + LEASE
        )
    return found[0] if found else None


def taken(database: Database, token: str = "t", *, ordered: bool = True) -> Delivery:
    found = take(database, token, ordered=ordered)
    assert found is not None
    return found


def settle(
    database: Database, delivery: Delivery, state: str, next_at: datetime | None = None
) -> bool:
    attempt = Attempt(delivery, state, NOW, next_at, status=503, error="down")
    with database.write() as connection:
        return leases.record_attempt(connection, [attempt]) == 1


def with_mail(connection: Transaction, now: datetime, *, ordered: bool) -> list[str]:
    return leases.webhooks_with_due(connection, now, lambda _: ordered)


def find(database: Database, name: str) -> Delivery:
    with database.read() as connection:
        return deliveries.get(connection, name)


def test_the_same_id_is_never_owed_twice(database: Database) -> None:
    assert owe(database, "a", "b", "a") == 2
    assert owe(database, "b", "c") == 1
    assert owe(database) == 0
    assert settle(database, taken(database), DELIVERED)
    assert owe(database, "a") == 0
    with database.read() as connection:
        assert [one.id for one in deliveries.deliveries(connection)] == ["a", "b", "c"]


def test_what_is_owed_comes_back_with_its_events_and_blips(database: Database) -> None:
    message = NewDelivery("a", "w", ("e1", "e2"), (("e3", "e4"), ("e5", "e6")))
    with database.write() as connection:
        deliveries.enqueue(connection, [message], NOW)
    found = find(database, "a")
    assert (found.event_ids, found.blips) == (["e1", "e2"], [["e3", "e4"], ["e5", "e6"]])
    assert (found.state, found.attempts, found.next_at, found.token) == (PENDING, 0, NOW, None)


def test_in_order_nothing_overtakes_what_waits_for_its_retry(database: Database) -> None:
    owe(database, "a", "b")
    first = taken(database)
    assert first.id == "a"
    assert take(database, "other") is None
    later = NOW + timedelta(minutes=5)
    assert settle(database, first, PENDING, later)
    assert take(database) is None
    again = take(database, now=later)
    assert again is not None
    assert (again.id, again.attempts, again.last_status, again.last_error) == ("a", 1, 503, "down")
    assert again.delivered_at is None


def test_without_order_the_next_one_goes_meanwhile(database: Database) -> None:
    owe(database, "a", "b")
    first, second = taken(database, "t1", ordered=False), taken(database, "t2", ordered=False)
    assert {first.id, second.id} == {"a", "b"}
    assert take(database, "t3", ordered=False) is None


@pytest.mark.parametrize("ordered", [True, False])
def test_of_many_workers_one_gets_a_message(database: Database, ordered: bool) -> None:
    owe(database, "a")
    with ThreadPoolExecutor(4) as threads:
        tokens = [f"t{number}" for number in range(8)]
        found = list(threads.map(lambda token: take(database, token, ordered=ordered), tokens))
    assert sum(one is not None for one in found) == 1


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_settles_nothing(
    database: Database,
) -> None:
    owe(database, "a")
    stale = taken(database, "first")
    fresh = take(database, "second", now=NOW + LEASE)
    assert fresh is not None
    assert fresh.id == stale.id
    assert not settle(database, stale, DELIVERED)
    assert find(database, "a").token == "second"
    assert settle(database, fresh, DELIVERED)
    done = find(database, "a")
    assert (done.state, done.token, done.delivered_at) == (DELIVERED, None, NOW)
    with database.read() as connection:
        tries = deliveries.attempts(connection, done)
    assert [(one.at, one.status, one.error) for one in tries] == [(NOW, 503, "down")] * 2


def test_what_a_clock_far_ahead_put_off_is_due_now(database: Database) -> None:
    owe(database, "a", now=NOW + timedelta(days=365 * 30))
    assert taken(database).id == "a"


@pytest.mark.parametrize(
    ("ahead", "due"),
    [(timedelta(minutes=30), False), (timedelta(minutes=31), True), (timedelta(hours=20), True)],
)
@pytest.mark.parametrize("ordered", [True, False])
def test_a_lease_longer_than_there_is_one_holds_nothing_back(
    database: Database, ahead: timedelta, due: bool, ordered: bool
) -> None:
    owe(database, "a")
    assert take(database, "stopped", now=NOW + ahead - LEASE) is not None
    with database.read() as connection:
        assert with_mail(connection, NOW, ordered=ordered) == (["w"] if due else [])
    assert (take(database, "next", ordered=ordered) is not None) is due


@pytest.mark.parametrize(("hours", "due"), [(29, False), (30, True), (24 * 365, True)])
@pytest.mark.parametrize("ordered", [True, False])
def test_a_retry_further_off_than_the_longest_pause_is_due_now(
    database: Database, hours: int, due: bool, ordered: bool
) -> None:
    owe(database, "a")
    later = NOW + timedelta(hours=hours)
    assert settle(database, taken(database), PENDING, next_at=later)
    assert (take(database, ordered=ordered) is not None) is due


def test_a_dead_letter_is_revived_with_its_id_and_new_attempts(database: Database) -> None:
    owe(database, "a", "b", "c")
    letter = taken(database)
    assert settle(database, letter, DEAD)
    held = taken(database)  # b is in hand: it is left alone
    later = NOW + timedelta(days=1)
    with database.write() as connection:
        assert deliveries.requeue(connection, [letter.number, held.number], later) == 1
    found = find(database, "a")
    assert (found.state, found.attempts, found.next_at) == (PENDING, 0, later)
    assert find(database, "b").token == "t"
    assert find(database, "c").next_at == NOW


def test_what_was_delivered_goes_out_again_as_if_it_never_had(database: Database) -> None:
    owe(database, "a")
    sent = taken(database)
    assert settle(database, sent, DELIVERED)
    with database.write() as connection:
        assert deliveries.requeue(connection, [sent.number], NOW) == 1
    found = find(database, "a")
    assert (found.state, found.attempts, found.delivered_at) == (PENDING, 0, None)


def test_what_a_webhook_is_still_owed_is_cancelled(database: Database) -> None:
    owe(database, "a", "b", "c")
    owe(database, "d", webhook="other")
    assert settle(database, taken(database), DELIVERED)
    taken(database)
    later = NOW + timedelta(minutes=1)
    with database.write() as connection:
        assert deliveries.cancel(connection, "w", later) == 2
        assert deliveries.cancel(connection, "w", later) == 0
        found = deliveries.deliveries(connection)
    assert [one.state for one in found] == [DELIVERED, CANCELLED, CANCELLED, PENDING]
    assert [(one.token, one.next_at) for one in found[1:3]] == [(None, later)] * 2


def test_the_outbox_is_listed(database: Database) -> None:
    owe(database, "a", "b", "c")
    owe(database, "d", webhook="other", now=NOW + timedelta(minutes=1))
    settle(database, taken(database), DEAD)
    with database.read() as connection:
        listed = deliveries.deliveries(connection, states=[PENDING], limit=2)
        assert [one.id for one in listed] == ["c", "d"]
        assert [one.id for one in deliveries.deliveries(connection, webhook="other")] == ["d"]
        assert [one.id for one in deliveries.deliveries(connection, states=[DEAD])] == ["a"]
        numbers = deliveries.numbers(connection, states=[PENDING], webhook="w", limit=None)
        assert numbers == [2, 3]
        assert deliveries.numbers(connection, states=[], webhook=None, limit=3) == [2, 3, 4]
        listed = deliveries.by_numbers(connection, [4, 1])
        assert [one.id for one in listed] == ["a", "d"]


def test_an_empty_outbox_has_nothing_due(database: Database) -> None:
    assert take(database) is None
    with database.read() as connection:
        assert deliveries.by_id(connection, "a") is None
        with pytest.raises(NotFoundError) as caught:
            deliveries.get(connection, "a")
    assert str(caught.value) == "no delivery 'a': see `pricetrail deliveries list`"


def test_a_message_is_found_by_a_beginning_that_is_its_alone(database: Database) -> None:
    names = [f"dlv_{one.ljust(32, '0')}" for one in ("5c", "5c1", "5cf", "5d", "60", "6a", "5f")]
    owe(database, *reversed(names))
    beginnings = {"dlv_5cf": 2, "5D": 3, "dlv_60…": 4, "5c0": 0, names[1]: 1, names[1][4:]: 1}
    for given, name in beginnings.items():
        assert find(database, given).id == names[name]
    with pytest.raises(AmbiguousIdError) as caught:
        find(database, "dlv_5c")
    assert str(caught.value) == (
        f"'dlv_5c' is the beginning of several deliveries: {', '.join(names[:3])}; give more of it"
    )
    for given, said in {"5": f"{names[3]}, …; give more", "6": f"{names[4]}, {names[5]}; "}.items():
        with pytest.raises(AmbiguousIdError, match=said):
            find(database, given)
    for given in ("dlv_", "7", "dlv_5e", "dlv_" + "5" * 33, "%", "5_"):
        with pytest.raises(NotFoundError, match="pricetrail deliveries list"):
            find(database, given)
