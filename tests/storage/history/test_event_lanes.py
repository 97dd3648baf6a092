"""Positions in the event log, and the locks that make them exact."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from pricetrail.catalog.event_details import Notice
from pricetrail.catalog.events import PAUSED, Event, event_id
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.errors import DatabaseUnavailableError
from pricetrail.storage.history import event_lanes, snapshots
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, model, poll_within, tokens

FIRST = catalog(model("m"))
THEN = catalog(model("m", tokens("0.1", "0.2")), model("n"))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    build(found, "a", [("10:00", FIRST), ("11:00", THEN)])
    build(found, "b", [("09:00", FIRST), ("10:30", THEN), ("11:30", FIRST)])
    yield found
    found.close()


def pause(connection: Transaction, source: str, hook: str) -> None:
    when = at("12:00")
    event = Event(event_id(source, hook), source, 2, 0, PAUSED, None, when, Notice("paused", hook))
    snapshots.write_events(connection, choose(connection, source).id, [event], {})


def test_lanes_that_there_are_none_of_change_nothing(database: Database) -> None:
    with database.read() as transaction:
        end = event_lanes.position(transaction)
        first = {lane: number - 1 for lane, number in end.items()}
        expected = list(event_lanes.between(transaction, EventFilter(), first, end))
        made_up = dict.fromkeys(range(100, 40_000), 1)
        found = list(
            event_lanes.between(transaction, EventFilter(), first | made_up, end | made_up)
        )
    assert found == expected != []


def test_what_lies_between_two_positions_is_in_order_of_time(database: Database) -> None:
    with database.write() as transaction:
        whole = list(event_lanes.between(transaction, EventFilter(), {}))
        assert len({row.lane for row in whole}) == 2
        assert [row.number for row in whole] != sorted(row.number for row in whole)
        end = event_lanes.position(transaction)
        assert list(event_lanes.between(transaction, EventFilter(), {}, end)) == whole
        assert list(event_lanes.between(transaction, EventFilter(), end)) == []
        for index, row in enumerate(whole):
            some = EventFilter(limit=2)
            rest = event_lanes.between(transaction, some, {}, end, behind=row)
            assert list(rest) == whole[index + 1 : index + 3]
        pause(transaction, "a", "hook")
        (row,) = event_lanes.between(transaction, EventFilter(), end)
        assert (row.lane in end, row.at) == (False, at("12:00"))
        assert event_lanes.find(transaction, row.number) == row
        assert event_lanes.find(transaction, row.number + 1) is None
        assert event_lanes.made(transaction) == len(whole) + 1
        assert event_lanes.position(transaction, low=end) == event_lanes.position(transaction)
        a = choose(transaction, "a").id
        mine = event_lanes.position(transaction, a)
        assert set(mine) == {2 * a, 2 * a + 1}
        behind = {**mine, 2 * a: max(row.number for row in whole if row.lane == 2 * a) - 1}
        assert len(list(event_lanes.between(transaction, EventFilter(a), behind))) == 1


def test_nobody_else_writes_to_a_lane_before_a_writer_has_committed(postgres_url: str) -> None:
    database = Database(postgres_url)
    build(database, "a", [("10:00", FIRST)])
    with database.write() as writing:
        poll_within(writing, "a", "11:00", THEN)
        assert is_locked(database, "SELECT 1 FROM source FOR NO KEY UPDATE NOWAIT")
    # What is paused is told while messages are delivered, and waits for no poll.
    with database.write() as telling:
        pause(telling, "a", "one")
    with database.write() as writing, database.write() as telling:
        poll_within(writing, "a", "11:00", FIRST)
        pause(telling, "a", "two")
        assert is_locked(database, "SELECT 1 FROM event_count FOR UPDATE NOWAIT")
    database.close()


def is_locked(database: Database, statement: str) -> bool:
    try:
        with database.write() as other:
            other.execute(text(statement)).all()
    except DatabaseUnavailableError:
        return True
    return False
