"""The sources and their health, by name."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import update

from pricetrail.queries import head
from pricetrail.queries.source_selection import Selection
from pricetrail.queries.sources import (
    SourceHealth,
    SourcesAnswer,
    ask,
    count,
    most_urgent,
    stream,
)
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, failed, model
from tests.support.slots import set_slot

NOW = at("18:00")


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
        bad, good = ask(transaction, NOW).sources
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
        answer = ask(transaction, NOW)
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
                "overdue": False,
                "labels": {},
            }
        ],
        "total": 1,
        "next": None,
    }


def test_the_latest_catalog_is_counted_and_a_failure_is_told(database: Database) -> None:
    build(
        database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b"), model("c")))]
    )
    failed(database, "s", "12:00", "503")
    with database.read() as transaction:
        source, other = ask(
            transaction, NOW, {"s": {"team": "search"}, "t": {"team": "ads"}}
        ).sources
        newest = head.ask(transaction)
    assert (source.labels, other.labels) == ({"team": "search"}, {"team": "ads"})
    assert (source.configured, other.version) == (True, 0)
    assert (source.models, source.head) == (2, newest.hash)
    assert (source.failing_since, source.last_error) == (at("12:00"), "503")


def test_a_source_of_which_no_catalog_was_accepted_has_no_models(database: Database) -> None:
    failed(database, "z", "10:00")
    build(database, "b", [("10:00", catalog(model("a")))])
    with database.read() as transaction:
        assert sources.first_with_version(transaction) == "b"
        assert [source.models for source in ask(transaction, NOW).sources] == [1, 0]


def test_an_empty_database_has_none(database: Database) -> None:
    with database.read() as transaction:
        assert document(ask(transaction, NOW)) == {"sources": [], "total": 0, "next": None}


def fleet(database: Database) -> None:
    """Sources a to e: c fails, d is overdue, e has a label that is kept with it."""
    for name in "abcde":
        build(database, name, [("10:00", catalog(model("m")))])
    failed(database, "c", "11:00")
    with database.write() as transaction:
        late = sources.choose(transaction, "d").id
        sources.remember_schedules(transaction, {late: ("[]", at("12:00"))})
        kept = '{"labels":{"team":"search"},"url":"http://127.0.0.1/"}'
        transaction.execute(update(t.source).where(t.source.c.name == "e").values(settings=kept))


def names(answer: SourcesAnswer) -> str:
    return "".join(source.name for source in answer.sources)


def test_a_page_goes_on_behind_a_name(database: Database) -> None:
    fleet(database)
    configured = {"b": {}, "bb": {"team": "search"}, "z": {}}
    with database.read() as transaction:
        first = ask(transaction, NOW, configured, Selection(limit=3))
        assert ([one.name for one in first.sources], first.next) == (["a", "b", "bb"], "bb")
        second = ask(transaction, NOW, configured, Selection(limit=3, after="bb"))
        assert (names(second), second.next, second.total) == ("cde", "e", 7)
        last = ask(transaction, NOW, configured, Selection(limit=3, after="e"))
        assert (names(last), last.next) == ("z", None)
        assert count(transaction, configured) == 7
    assert [one.name for one in stream(database, configured).sources] == [
        *("a", "b", "bb", "c", "d", "e", "z")
    ]
    limited = stream(database, configured, Selection(limit=2, after="b"))
    assert [one.name for one in limited.sources] == ["bb", "c"]


def test_those_that_need_somebody_come_first_where_not_all_fit(database: Database) -> None:
    fleet(database)
    with database.read() as transaction:
        assert names(most_urgent(transaction, NOW, None, Selection(limit=5))) == "abcde"
        few = most_urgent(transaction, NOW, {"n": {}}, Selection(limit=3))
        assert (names(few), few.total) == ("cda", 6)
        rest = ask(transaction, NOW, {"n": {}}, Selection.of_text("", skip=4, limit=3))
        assert names(rest) == "en"
        assert names(ask(transaction, NOW, {"n": {}}, Selection.of_text("", skip=6, limit=3))) == ""


def test_a_source_is_found_by_its_name_or_its_label(database: Database) -> None:
    fleet(database)
    configured = {"a": {"team": "search"}, "n": {"team": "search", "env": "prod"}}

    def found(**wanted: Any) -> str:
        with database.read() as transaction:
            answer = ask(transaction, NOW, configured, Selection(**wanted))
        assert answer.total == len(answer.sources)
        return names(answer)

    assert found(labels={"team": "search"}) == "aen"
    assert found(labels={"team": "search", "env": "prod"}) == "n"
    assert found(labels={"team": "search"}, name="?") == "aen"
    assert found(labels={"team": "ads"}) == ""
    assert (found(name="[a-c]"), found(name="A"), found(name="*")) == ("", "", "abcden")
    assert found(name="c*") == "c"
    with database.read() as transaction:
        told = ask(transaction, NOW, configured, Selection.of_text(" team=search ", limit=9))
    assert {one.name: one.origin for one in told.sources} == {
        "a": "configuration",
        "e": "database",
        "n": "configuration",
    }
