"""How everything is: healthy sources need nobody, and each trouble is named once."""

from collections.abc import Iterator

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.queries.overview import ask
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import polls
from tests.support.histories import at, build, catalog, failed, model
from tests.support.slots import set_slot

HOOK = Webhook(name="chat", url="https://example.com/", format="slack")


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    opened = Database(sqlite_url)
    build(
        opened, "one", [("10:00", catalog(model("a"))), ("11:00", catalog(model("a"), model("b")))]
    )
    yield opened
    opened.close()


def test_where_all_is_well_nobody_is_needed(database: Database) -> None:
    with database.read() as transaction:
        answer = ask(transaction, at("11:00"), [HOOK])
    assert answer.needs_nobody
    (one,) = answer.sources
    assert (one.name, one.version, one.models, one.failures) == ("one", 2, 2, 0)
    assert one.head is not None
    assert answer.as_json()["overdue"] == []


def test_one_failed_poll_needs_nobody(database: Database) -> None:
    failed(database, "one", "12:00", "503 from the gateway")
    with database.read() as transaction:
        answer = ask(transaction, at("12:00"))
    assert answer.needs_nobody
    assert answer.sources[0].failures == 1


def test_a_source_of_which_it_was_told_needs_somebody(database: Database) -> None:
    failed(database, "one", "12:00", "503 from the gateway")
    failed(database, "one", "13:00", "504 from the gateway")
    with database.write() as transaction:
        (state,) = sources.states(transaction)
        polls.remember_failing(transaction, state.id, at("13:00"))
    with database.read() as transaction:
        answer = ask(transaction, at("13:00"))
    (one,) = answer.failing
    assert (one.failures, one.failing_since, one.last_error) == (
        2,
        at("12:00"),
        "504 from the gateway",
    )
    assert not answer.needs_nobody


def test_an_empty_database_has_nothing_to_say(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with database.read() as transaction:
        answer = ask(transaction, at("11:00"))
    assert (answer.sources, answer.needs_nobody) == ((), True)
    database.close()


def test_a_source_that_is_polled_in_vain_is_not_one_that_nobody_polls(database: Database) -> None:
    failed(database, "one", "12:00", "503 from the gateway")
    with database.write() as transaction:
        (state,) = sources.states(transaction)
        sources.remember_schedules(transaction, {state.id: ("[]", at("11:30"))})
        set_slot(transaction, "one", at("12:05"))
    with database.read() as transaction:
        polled, left = ask(transaction, at("12:01")), ask(transaction, at("16:00"))
    assert [one.name for one in polled.unanswered] == ["one"]
    assert polled.unpolled == ()
    # The slot that nobody took tells it.
    assert [one.name for one in left.unpolled] == ["one"]
    assert left.unanswered == ()


def test_a_source_that_is_listed_as_failing_is_listed_once(database: Database) -> None:
    failed(database, "one", "12:00", "503 from the gateway")
    with database.write() as transaction:
        (state,) = sources.states(transaction)
        sources.remember_schedules(transaction, {state.id: ("[]", at("11:30"))})
        polls.remember_failing(transaction, state.id, at("13:00"))
    with database.read() as transaction:
        answer = ask(transaction, at("12:01"))
    assert [source.overdue for source in answer.sources] == [True]
    assert (len(answer.failing), answer.failing_total, answer.late_total) == (1, 1, 0)
    assert (answer.unanswered, answer.unpolled) == ((), ())
