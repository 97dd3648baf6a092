"""The newest events: put together once, and never behind what was recorded."""

from collections.abc import Iterator
from decimal import Decimal

import pytest

from pricetrail.catalog.events import Event
from pricetrail.storage.database import Database
from pricetrail.storage.history import newest_events
from pricetrail.storage.history.events import EventFilter, read
from pricetrail.storage.history.newest_events import Looked, Move, newest, newest_of
from tests.support.histories import build, catalog, model, tokens

CHEAP = tokens("0.000002", "0.000015")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A model comes, gets cheaper and goes; another stays."""
    found = Database(database_url)
    build(found, "s", [("10:00", catalog(model("x"))), ("11:00", catalog(model("a"), model("x")))])
    build(
        found,
        "s",
        [("12:00", catalog(model("a", CHEAP), model("x"))), ("13:00", catalog(model("x")))],
    )
    yield found
    found.close()


def test_what_was_read_lately_is_not_put_together_anew(database: Database) -> None:
    def told() -> list[tuple[int, Event]]:
        with database.read() as connection:
            return list(newest(connection, EventFilter()))

    first = told()
    with database.read() as connection:
        assert first == list(read(connection, EventFilter()))[::-1]
    assert all(one is other for (_, one), (_, other) in zip(told(), first, strict=True))
    # What comes meanwhile is there at once.
    build(database, "s", [("14:00", catalog())])
    assert [event.type for _, event in told()] == [
        "model.removed",
        *(event.type for _, event in first),
    ]


def test_some_are_told_by_how_they_moved(database: Database) -> None:
    seen = []

    def falls(move: Move) -> bool:
        seen.append(move)
        return move.direction == "decrease"

    with database.read() as connection:
        looked = newest_of(connection, EventFilter(), falls)
        [third, second, first] = list(newest(connection, EventFilter()))
    assert looked == Looked([(1, *second)], 3, first[0])
    # 3 → 2 dollars; what came or went did not move.
    gone = Move(None, Decimal(-1))
    assert seen == [gone, Move("decrease", Decimal("33.33")), gone]
    assert third[1].changes == first[1].changes == ()
    with database.read() as connection:
        one = newest_of(connection, EventFilter(limit=1), falls)
        none = newest_of(connection, EventFilter(before=1), falls)
    assert (one, none) == (Looked([], 1, third[0]), Looked([], 0, None))


def test_looking_again_puts_nothing_together(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.read() as connection:
        first = newest_of(connection, EventFilter(), lambda move: move.percent > 99)
        monkeypatch.setattr(newest_events, "_read", None)
        newest_events._KNOWN.of(connection.engine).forget()
        again = newest_of(connection, EventFilter(), lambda move: move.percent > 99)
    assert first == again == Looked([], 3, 1)
