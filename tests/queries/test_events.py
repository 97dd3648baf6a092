"""The event log: in order of time, whatever the source, and no more than is asked for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.queries import events
from pricetrail.queries.events import ask
from pricetrail.storage.database import Database
from tests.queries.documents import document
from tests.support.histories import at, build, catalog, model, tokens

DEAR, CHEAP = tokens("0.3", "0.5"), tokens("0.2", "0.5")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two sources whose events alternate; the second is recorded after the first."""
    opened = Database(database_url)
    build(
        opened,
        "one",
        [
            ("10:00", catalog(model("gpt", DEAR), model("old"))),
            ("11:00", catalog(model("gpt", CHEAP), model("old"))),
            ("13:00", catalog(model("gpt", CHEAP))),
        ],
    )
    build(opened, "two", [("10:30", catalog(model("gpt"))), ("12:00", catalog(model("new")))])
    yield opened
    opened.close()


def asked(database: Database, **wanted: Any) -> list[tuple[str, str, str | None, datetime]]:
    events = ask(database, **wanted).events
    return [(event.source, event.type, event.model, event.at) for event in events]


REPRICED = ("one", "model.repriced", "gpt", at("11:00"))
ADDED = ("two", "model.added", "new", at("12:00"))
GONE = ("two", "model.removed", "gpt", at("12:00"))
REMOVED = ("one", "model.removed", "old", at("13:00"))


def test_the_events_of_all_sources_are_in_order_of_time(database: Database) -> None:
    assert asked(database) == [REPRICED, ADDED, GONE, REMOVED]


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        ({"source": "two"}, [ADDED, GONE]),
        ({"since": at("12:00")}, [ADDED, GONE, REMOVED]),
        ({"until": at("12:00")}, [REPRICED]),
        ({"types": ["model.removed"]}, [GONE, REMOVED]),
        ({"model": "g*"}, [REPRICED, GONE]),
        ({"limit": 2}, [GONE, REMOVED]),
        ({"model": "g*", "limit": 1}, [GONE]),
        ({"model": "g*", "limit": 9, "source": "one"}, [REPRICED]),
        ({"since": at("14:00")}, []),
    ],
)
def test_only_what_is_asked_for_comes(
    database: Database, wanted: dict[str, Any], expected: list[object]
) -> None:
    assert asked(database, **wanted) == expected


def test_each_entry_is_the_message(database: Database) -> None:
    [entry] = document(ask(database, "one", types=["model.repriced"]))["events"]
    assert list(entry) == ["type", "timestamp", "data"]
    assert (entry["type"], entry["timestamp"]) == ("model.repriced", "2026-03-01T11:00:00Z")
    [change] = entry["data"]["changes"]
    assert (change["path"], change["old"], change["new"]) == ("/pricing/text/prompt", "0.3", "0.2")


def test_a_type_that_does_not_exist_is_refused(database: Database) -> None:
    with pytest.raises(InvalidInputError, match=r"unknown event type 'model\.sold'; valid: model"):
        ask(database, types=["model.added", "model.sold"])


def test_a_source_that_is_not_there_is_nothing_to_answer_from(database: Database) -> None:
    with pytest.raises(NotFoundError, match="no source 'three'"):
        ask(database, "three")


def test_an_empty_database_has_nothing_to_answer_from(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    with pytest.raises(NotFoundError, match="nothing recorded yet"):
        ask(database)
    database.close()


def test_paging_back_skips_and_repeats_nothing_while_polls_go_on(database: Database) -> None:
    whole = [event.id for event in ask(database).events]
    pages: list[str] = []
    before = None
    while page := [event.id for event in ask(database, limit=2, before=before).events]:
        pages, before = [*page, *pages], page[0]
        # An import may come late, in the middle of the time that was read.
        minute = 31 + len(pages)
        build(database, "one", [(f"13:{minute}", catalog(model(f"m{minute}")))])
    assert pages == whole


def test_what_is_before_an_event_is_filtered_like_the_rest(database: Database) -> None:
    newest = list(ask(database).events)[-1].id
    found = ask(database, source="one", types=["model.repriced"], model="g*", limit=1)
    assert [event.type for event in found.events] == ["model.repriced"]
    assert [e.model for e in ask(database, source="one", before=newest, limit=1).events] == ["gpt"]


@pytest.mark.parametrize("before", ["evt_" + "0" * 40, "7", "evt_ß"])
def test_an_event_that_is_not_there_is_no_place_to_read_from(
    database: Database, before: str
) -> None:
    with pytest.raises(InvalidInputError, match="not among those asked for"):
        ask(database, before=before)


def test_a_glob_that_matches_too_many_models_is_refused(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_MOST_MODELS", 1)
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("a"), model("ab")))])
    with database.read() as transaction:
        assert len(events.models_matching(transaction, None, "ab")) == 1
        with pytest.raises(InvalidInputError, match="'a\\*' matches more than 1 models"):
            events.models_matching(transaction, None, "a*")
    database.close()
