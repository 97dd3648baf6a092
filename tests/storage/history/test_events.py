"""The event log, read back by every filter, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.history import event_ids, events, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, model, tokens
from tests.support.payloads import data

DEAR, CHEAP = tokens("0.3", "0.1"), tokens("0.2", "0.1")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """`s`: b comes at 11:00, a gets cheaper at 12:00, b goes at 13:00; `t`: its a at 11:30."""
    found = Database(database_url)
    build(found, "s", [("10:00", catalog(model("a", DEAR)))])
    build(found, "s", [("11:00", catalog(model("a", DEAR), model("b")))])
    build(found, "s", [("12:00", catalog(model("a", CHEAP), model("b")))])
    build(found, "s", [("13:00", catalog(model("a", CHEAP)))])
    build(found, "t", [("10:00", catalog(model("x"))), ("11:30", catalog(model("a"), model("x")))])
    yield found
    found.close()


def told(database: Database, **wanted: Any) -> list[tuple[str, str, str | None]]:
    with database.read() as connection:
        found = events.read(connection, EventFilter(**wanted))
        return [(event.source, event.type, event.model) for _, event in found]


COMES, CHEAPER, GOES = ("model.added", "b"), ("model.repriced", "a"), ("model.removed", "b")


def test_each_filter_narrows_the_log(database: Database) -> None:
    with database.read() as connection:
        s, t = (choose(connection, name).id for name in "st")
        a = versions.model_id(connection, s, "a")
    in_s = [("s", *one) for one in (COMES, CHEAPER, GOES)]
    assert told(database, source_id=s) == in_s
    assert told(database, source_id=t) == [("t", "model.added", "a")]
    assert told(database, source_id=s, version=3) == [in_s[1]]
    assert told(database, model_id=a) == [in_s[1]]
    assert told(database, types=["model.added"]) == [in_s[0], ("t", "model.added", "a")]
    # From a time on, and up to but without one.
    assert told(database, source_id=s, since=at("12:00"), until=at("13:00")) == [in_s[1]]
    assert len(told(database)) == 4


def test_pages_by_a_cursor_give_the_whole_log_once(database: Database) -> None:
    with database.read() as connection:
        whole = [event.id for _, event in events.read(connection, EventFilter())]
        pages: list[str] = []
        after = None
        while page := list(events.read(connection, EventFilter(after=after, limit=1))):
            [(after, event)] = page
            pages.append(event.id)
    assert pages == whole
    assert len(set(whole)) == 4


def test_a_removed_model_is_told_with_the_last_document_seen(database: Database) -> None:
    with database.read() as connection:
        [(_, event)] = events.read(connection, EventFilter(types=["model.removed"]))
        assert data(event)["model"] == model("b")
        assert event_ids.get(connection, event.id) == event
