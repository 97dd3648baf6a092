"""The outbox: what is in it, and what became of one message."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries import events
from pricetrail.queries.deliveries import ask, ask_one, ask_page, events_of
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries, leases
from pricetrail.storage.outbox.deliveries import DEAD, PENDING, NewDelivery
from pricetrail.storage.outbox.leases import Attempt
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, hourly, model

NOW = at("10:00")
LATER = NOW + timedelta(minutes=5)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Three messages: `d1` is tried once and waits, `d2` is dead, `d3` is untouched."""
    opened = Database(database_url)
    owed = [
        NewDelivery("d1", "w", ("e1", "e2")),
        NewDelivery("d2", "w", ("e3",)),
        NewDelivery("d3", "other", ("e1",)),
    ]
    with opened.write() as transaction:
        deliveries.enqueue(transaction, owed, NOW)
        first, second = leases.claim(
            transaction, "w", ordered=False, token="t", now=NOW, lease_until=LATER, most=2
        )
        attempts = [
            Attempt(first, PENDING, NOW, LATER, 503, "the receiver answered 503"),
            Attempt(second, DEAD, NOW, None, 410, "gone"),
        ]
        leases.record_attempt(transaction, attempts)
    yield opened
    opened.close()


def test_messages_come_oldest_first_each_as_it_stands(database: Database) -> None:
    waiting, dead, untouched = document(ask(database))["deliveries"]
    assert waiting == {
        "id": "d1",
        "webhook": "w",
        "event_ids": ["e1", "e2"],
        "state": "pending",
        "attempts": 1,
        "next_at": "2026-03-01T10:05:00Z",
        "last_status": 503,
        "last_error": "the receiver answered 503",
        "created_at": "2026-03-01T10:00:00Z",
        "delivered_at": None,
    }
    # What is dead goes out no more.
    assert (dead["id"], dead["state"], dead["next_at"]) == ("d2", "dead", None)
    assert (untouched["attempts"], untouched["last_status"]) == (0, None)


@pytest.mark.parametrize(
    ("states", "webhook", "limit", "expected"),
    [
        (("dead",), None, None, ["d2"]),
        (("dead", "pending"), "w", None, ["d1", "d2"]),
        ((), "other", None, ["d3"]),
        ((), None, 2, ["d2", "d3"]),
        (("delivered",), None, None, []),
    ],
)
def test_only_what_is_asked_for_comes(
    database: Database,
    states: tuple[str, ...],
    webhook: str | None,
    limit: int | None,
    expected: list[str],
) -> None:
    answer = ask(database, states, webhook, limit)
    assert [entry.id for entry in answer.deliveries] == expected


def test_a_state_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInputError, match="unknown state 'lost'; valid: pending, leased"):
        ask(database, ("dead", "lost"))


def test_one_message_is_told_with_its_attempts(database: Database) -> None:
    with database.read() as transaction:
        answer = ask_one(transaction, "d1")
        untouched = ask_one(transaction, "d3")
    assert answer.delivery.event_ids == ["e1", "e2"]
    assert document(answer)["attempts_made"] == [
        {"at": "2026-03-01T10:00:00Z", "status": 503, "error": "the receiver answered 503"}
    ]
    assert untouched.attempts_made == ()


def test_a_message_that_is_not_there_is_nothing_to_answer_from(database: Database) -> None:
    with database.read() as transaction, pytest.raises(NotFoundError, match="no delivery 'd9'"):
        ask_one(transaction, "d9")


@pytest.mark.parametrize(
    ("state", "expected"), [(None, ["d3", "d2", "d1"]), ("waiting", ["d3", "d1"]), ("dead", ["d2"])]
)
def test_people_look_through_the_newest_first(
    database: Database, state: str | None, expected: list[str]
) -> None:
    with database.read() as transaction:
        shown = ask_page(transaction, state, None, None, 9)
        assert [one.id for one in shown.deliveries] == expected
        with pytest.raises(InvalidInputError, match="valid: waiting, delivered"):
            ask_page(transaction, "pending", None, None, 9)


def test_events_that_are_no_longer_there_are_left_out(database: Database) -> None:
    """Each once, whether it is told by itself or as undone."""
    build(database, "s", hourly("10:00", [catalog(model("a")), catalog(model("a"), model("b"))]))
    [event] = events.ask(database).events
    owed = NewDelivery("d4", "w", (event.id, "evt_" + "0" * 40), blips=((event.id,),))
    with database.write() as transaction:
        deliveries.enqueue(transaction, [owed], NOW)
        told = events_of(transaction, ask_one(transaction, "d4").delivery, 9)
    assert [one.id for one in told] == [event.id]
