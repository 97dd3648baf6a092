"""Long answers in pieces: the same answers, little memory, and nobody has to wait for a reader."""

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import event as sqlalchemy_event

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import events, streams, versions
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.outbox.deliveries import NewDelivery
from tests.conftest import Recording
from tests.support.histories import at, build, catalog, model, tokens

pytestmark = pytest.mark.slow

VERSIONS = 30


def two_sources(database: Database) -> None:
    for number, source in enumerate(("one", "two")):
        first = at("10:00") + timedelta(minutes=7 * number)
        prices = [tokens(f"0.{n + 1}", "0.1") for n in range(VERSIONS)]
        # The second is recorded after the first, though of the same time.
        polls = [
            (first + timedelta(hours=n), catalog(model("a", price), model("b", price)))
            for n, price in enumerate(prices)
        ]
        build(database, source, polls)


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    found = Database(with_history(two_sources))
    yield found
    found.close()


@pytest.fixture(autouse=True)
def _short_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PIECE", 7)


def test_events_of_all_sources_are_in_order_of_time(database: Database) -> None:
    numbers = streams.event_numbers(database, EventFilter())
    found = [event for _, event in streams.events_of(database, numbers)]
    with database.read() as connection:
        expected = [event for _, event in events.read(connection, EventFilter())]
    assert found == sorted(expected, key=lambda event: event.at)
    assert len(found) == 2 * 2 * (VERSIONS - 1)
    assert found != expected


@pytest.mark.parametrize(
    "wanted",
    [
        {"types": ("model.added",)},
        {"since": at("13:00"), "until": at("20:00")},
        {"source_id": 1},
        {"since": at("2031-01-01")},
    ],
)
def test_only_what_is_asked_for_comes(database: Database, wanted: dict[str, object]) -> None:
    asked = EventFilter(**wanted)  # type: ignore[arg-type]  # pairs of its fields
    numbers = streams.event_numbers(database, asked)
    with database.read() as connection:
        expected = {event.id for _, event in events.read(connection, asked)}
    assert {event.id for _, event in streams.events_of(database, numbers)} == expected


def test_snapshots_in_pieces_are_one_chain(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, "two").id
        whole = versions.snapshots(connection, source)
        pieces: list[versions.SnapshotRow] = []
        while page := versions.snapshots(connection, source, pieces[-1] if pieces else None, 4):
            pieces += page
    assert pieces == whole == list(streams.snapshots(database, source))
    assert len(whole) == VERSIONS


def test_deliveries_in_pieces_are_those_of_the_outbox(database: Database) -> None:
    owed = [NewDelivery(f"d{n:02}", "wide" if n % 3 else "other", (f"evt_{n}",)) for n in range(40)]
    with database.write() as connection:
        deliveries.enqueue(connection, owed, at("10:00"))
    for states, webhook, limit in itertools.product(
        ((), ("pending",), ("dead",)), (None, "other", "none"), (None, 1, 9, 100)
    ):
        with database.read() as connection:
            expected = deliveries.deliveries(
                connection, states=states, webhook=webhook, limit=limit
            )
        assert list(streams.deliveries(database, states, webhook, limit)) == expected


def test_a_piece_is_read_when_it_is_asked_for(database: Database) -> None:
    asked: list[str] = []

    @sqlalchemy_event.listens_for(database.engine, "before_cursor_execute")
    def _note(_c: object, _cursor: object, statement: str, *_: object) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            asked.append(statement)

    stream = streams.events_of(database, streams.event_numbers(database, EventFilter()))
    assert len(asked) == 1
    next(stream)
    assert len(asked) == 2
    for _ in range(6):
        next(stream)
    assert len(asked) == 2
    next(stream)
    assert len(asked) == 3


def test_a_slow_reader_holds_up_no_writer(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("10:00", catalog(model("a"))), ("11:00", catalog(model("b")))])
    with database.read() as connection:
        source = sources.choose(connection, "s").id
    numbers = streams.event_numbers(database, EventFilter())
    waiting = (streams.events_of(database, numbers), streams.snapshots(database, source))
    for stream in waiting:
        next(stream)
    other = sqlite3.connect(database.sqlite_path or "", timeout=0, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    other.execute("ROLLBACK")
    other.close()
    database.close()
