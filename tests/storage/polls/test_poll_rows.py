"""One row for each slot."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.polls import poll_rows
from pricetrail.storage.polls.polls import Poll
from tests.storage.polls.test_polls import ONE, made, record_failed, record_unchanged, state
from tests.support import histories
from tests.support.histories import at


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def is_recorded(connection: Connection, source: str, slot: datetime) -> bool:
    query = select(t.poll.c.id).join(t.source, t.source.c.id == t.poll.c.source_id)
    found = query.where(t.source.c.name == source, t.poll.c.slot == slot)
    return connection.execute(found).first() is not None


def test_a_slot_is_recorded_once(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE)
    slot = at("10:15")
    record_unchanged(database, made(database, slot, slot=slot))
    with database.read() as connection:
        assert is_recorded(connection, "s", slot)
        assert not is_recorded(connection, "s", at("10:30"))
        assert not is_recorded(connection, "other", slot)
    with pytest.raises(StaleHolderError, match="this slot was recorded"):
        record_unchanged(database, made(database, slot, slot=slot))


def test_a_slot_is_recorded_once_though_its_month_ends_meanwhile(database: Database) -> None:
    """On Postgres the two would lie in two partitions, which no key spans."""
    histories.poll(database, "s", "2026-03-31T10:00:00Z", ONE)
    slot = at("2026-03-31T23:59:00Z")
    record_unchanged(database, made(database, slot + timedelta(seconds=30), slot=slot))
    with database.read() as connection:
        assert is_recorded(connection, "s", slot)
    for record in (record_unchanged, record_failed):
        with pytest.raises(StaleHolderError, match="this slot was recorded"):
            record(database, made(database, slot + timedelta(minutes=2), slot=slot))
    assert state(database).polls == 2


def test_who_waits_for_another_poll_of_its_slot_records_nothing(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE)
    slot = at("10:15")
    first, second = made(database, slot, slot=slot), made(database, at("10:16"), slot=slot)

    def write(poll: Poll) -> str:
        try:
            with database.write() as connection:
                sources.lock(connection, poll.source.id)
                poll_rows.log(connection, poll, "unchanged", 1)
        except StaleHolderError:
            return "stale"
        return "recorded"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(write, (first, second))) == ["recorded", "stale"]


def test_a_slot_that_was_polled_before_its_time_is_free_again(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE)
    slot = at("10:15")
    record_unchanged(database, made(database, slot, slot=slot))
    with database.write() as connection:
        poll_rows.free_early_slot(connection, "s", slot, now=at("09:45"))
        assert is_recorded(connection, "s", slot)
        poll_rows.free_early_slot(connection, "other", slot, now=at("09:15"))
        assert is_recorded(connection, "s", slot)
        poll_rows.free_early_slot(connection, "s", slot, now=at("09:15"))
        assert not is_recorded(connection, "s", slot)
    record_unchanged(database, made(database, slot, slot=slot))
    with database.read() as connection:
        assert is_recorded(connection, "s", slot)
