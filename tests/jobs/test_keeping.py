"""Kept sources changed as a whole: all or nothing, and due when they say."""

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.errors import FailedError
from pricetrail.jobs.keeping import Changes, carry_out
from pricetrail.jobs.source import Source
from pricetrail.storage import kept_sources, slot_upkeep, slots, sources
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Change, Kept
from pricetrail.storage.slots import Planned


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def next_slots(database: Database) -> dict[str, datetime | None]:
    with database.read() as connection:
        return {one.name: one.next_slot_at for one in sources.states(connection)}


def due(database: Database) -> list[str]:
    with database.read() as connection:
        return [
            it.name for it in slot_upkeep.due(connection, database.now(), 10, early=timedelta(0))
        ]


def set_slot(database: Database, name: str, ahead: timedelta) -> datetime:
    """Let a source's next slot be so far ahead, as if it had been polled."""
    with database.write() as connection:
        now = database.now()
        connection.exec_driver_sql("DELETE FROM slot")
        slots.plan(
            connection, {kept_sources.ids(connection, [name])[name]: Planned(now + ahead, now, now)}
        )
    return now + ahead


def test_what_is_new_is_due_at_once(database: Database) -> None:
    carry_out(database, Changes(added=[Kept("a", "{}"), Kept("b", "{}")]))
    assert due(database) == ["a", "b"]


def test_one_that_comes_back_keeps_its_slot_and_is_put_off_no_more(database: Database) -> None:
    carry_out(database, Changes(added=[Kept("a", "{}")]))
    with database.write() as connection:
        sources.remember_key(connection, kept_sources.ids(connection, ["a"])["a"], "f", None)
        connection.exec_driver_sql("UPDATE source SET polls = 1")
    carry_out(database, Changes(dropped=["a"]))
    before = next_slots(database)["a"]
    with database.write() as connection:
        ids = kept_sources.ids(connection, ["a"]).values()
        slot_upkeep.put_off(connection, ids, database.now() + timedelta(minutes=10))
    assert due(database) == []
    carry_out(database, Changes(added=[Kept("a", "[]")]))
    assert next_slots(database)["a"] == before
    assert due(database) == ["a"]


def test_another_schedule_is_in_force_at_once(database: Database) -> None:
    carry_out(database, Changes(added=[Kept("a", "{}")]))
    set_slot(database, "a", timedelta(days=20))
    often = Source(name="a", url="https://gw.example/v1", api_key="k", schedule="*/5 * * * *")
    carry_out(database, Changes(changed=[Change("a", "{}", "[]")], rescheduled=[often]))
    found = next_slots(database)["a"]
    assert found is not None
    assert found - database.now() <= timedelta(minutes=5)
    # A slot that comes sooner stays.
    soon = set_slot(database, "a", timedelta(seconds=1))
    seldom = Source(name="a", url="https://gw.example/v1", api_key="k", schedule="@monthly")
    carry_out(database, Changes(changed=[Change("a", "[]", "{}")], rescheduled=[seldom]))
    assert next_slots(database)["a"] == soon


def test_all_of_it_is_done_or_nothing(database: Database) -> None:
    carry_out(database, Changes(added=[Kept("a", "{}")]))
    with pytest.raises(FailedError, match="somebody else"):
        carry_out(database, Changes(added=[Kept("b", "{}")], changed=[Change("a", "[]", "[1]")]))
    assert list(next_slots(database)) == ["a"]
