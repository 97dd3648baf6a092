"""The sources and their health, by name."""

from collections.abc import Iterator

import pytest

from pricetrail.queries import head
from pricetrail.queries.sources import SourceHealth, ask, newest_versions
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, failed, model
from tests.support.slots import set_slot


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_each_source_is_told_with_its_last_polls(database: Database) -> None:
    build(database, "good", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b")))])
    build(database, "bad", [("10:00", catalog(model("a")))])
    for when in ("11:00", "12:00"):
        failed(database, "bad", when)
    with database.read() as transaction:
        bad, good = ask(transaction).sources
    assert (good.name, good.version, good.failures) == ("good", 2, 0)
    assert (good.last_good, good.last_poll) == (at("11:00"), at("11:00"))
    assert (bad.name, bad.version, bad.failures) == ("bad", 1, 2)
    assert (bad.last_good, bad.last_poll) == (at("10:00"), at("12:00"))


def test_what_has_not_happened_is_null(database: Database) -> None:
    with database.write() as transaction:
        state = sources.open_source(transaction, "new", at("10:00"))
        sources.set_paused(transaction, state.id, True)
        set_slot(transaction, "new", at("10:15"))
    with database.read() as transaction:
        answer = ask(transaction)
    assert answer.sources == (SourceHealth("new", 0, None, None, 0, False, True, at("10:15")),)
    assert document(answer) == {
        "sources": [
            {
                "name": "new",
                "version": 0,
                "last_good": None,
                "last_poll": None,
                "failures": 0,
                "quarantined": False,
                "paused": True,
                "next_slot": "2026-03-01T10:15:00Z",
                "models": 0,
                "head": None,
                "failing_since": None,
                "last_error": None,
                "labels": {},
            }
        ]
    }


def test_the_latest_catalog_is_counted_and_a_failure_is_told(database: Database) -> None:
    build(
        database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b"), model("c")))]
    )
    failed(database, "s", "12:00", "503")
    with database.read() as transaction:
        source, other = ask(transaction, {"s": {"team": "search"}, "t": {"team": "ads"}}).sources
        newest = head.ask(transaction)
    assert (source.labels, other.labels) == ({"team": "search"}, {"team": "ads"})
    assert (source.configured, other.version) == (True, 0)
    assert (source.models, source.head) == (2, newest.hash)
    assert (source.failing_since, source.last_error) == (at("12:00"), "503")


def test_a_source_of_which_no_catalog_was_accepted_has_no_models(database: Database) -> None:
    failed(database, "z", "10:00")
    build(database, "b", [("10:00", catalog(model("a")))])
    with database.read() as transaction:
        assert list(newest_versions(transaction).items()) == [("b", 1), ("z", 0)]
        assert [source.models for source in ask(transaction).sources] == [1, 0]


def test_an_empty_database_has_none(database: Database) -> None:
    with database.read() as transaction:
        assert document(ask(transaction)) == {"sources": []}
