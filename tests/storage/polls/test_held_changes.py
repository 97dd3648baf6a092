"""What waits: until its time and its polls have come, and never while its source is polled."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.history import versions
from pricetrail.storage.polls import held_changes
from pricetrail.storage.polls.held_changes import Held
from tests.support import histories
from tests.support.histories import at, catalog, model
from tests.support.slots import set_slot, take

NOW = at("10:30")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    histories.poll(found, "s", "10:00", catalog(model("a"), model("b")))
    yield found
    found.close()


def held(connection: Transaction, name: str = "a", **more: Any) -> Held:
    """A change of a model that may be announced at 10:30 and from the first good poll."""
    source = sources.choose(connection, "s").id
    number = versions.model_id(connection, source, name)
    events = [f"evt-{name}"]
    made = Held(source, number, 2, events, b"\x01" * 32, bytes(32), due_at=NOW, due_polls=1)
    return replace(made, **more)


def add(database: Database, name: str = "a", **more: Any) -> None:
    with database.write() as connection:
        held_changes.add(connection, held(connection, name, **more))


def due(database: Database, now: Any = NOW) -> list[list[str]]:
    with database.write() as connection:
        return [entry.event_ids for entry in held_changes.due(connection, now)]


def test_what_waits_comes_back_as_it_was_put_there(database: Database) -> None:
    with database.write() as connection:
        wanted = held(connection, event_ids=["e1", "e2"], blip=True)
        held_changes.add(connection, wanted)
        [found] = held_changes.of_models(connection, [wanted.model_id])[wanted.model_id]
    assert found.id is not None
    assert replace(found, id=None) == wanted


def test_it_is_due_at_its_time_and_with_its_polls(database: Database) -> None:
    add(database)
    add(database, "b", due_polls=2)
    assert due(database, NOW - timedelta(milliseconds=1)) == []
    assert due(database) == [["evt-a"]]
    histories.poll(database, "s", "10:15", catalog(model("a"), model("b")))
    assert due(database) == [["evt-a"], ["evt-b"]]


def test_what_a_clock_far_ahead_put_off_is_due_now(database: Database) -> None:
    add(database, due_at=NOW + timedelta(days=365 * 30))
    assert due(database) == [["evt-a"]]


def test_a_change_that_a_clock_far_ahead_dated_does_not_wait(database: Database) -> None:
    """Whatever the hold: it would be as much too long as the clock was ahead."""
    add(database, version=1, due_at=NOW + timedelta(days=5))
    assert due(database) == []
    with database.write() as connection:
        connection.execute(update(t.snapshot).values(not_after=NOW + timedelta(days=4)))
    assert due(database) == [["evt-a"]]


def test_a_lease_of_a_clock_that_was_ahead_keeps_nothing_waiting(database: Database) -> None:
    add(database)
    with database.write() as connection:
        set_slot(connection, "s", NOW)
        until = NOW + timedelta(hours=1)
        assert take(connection, "s", token="t", now=NOW, until=until)
    assert due(database) == [["evt-a"]]


def test_nothing_is_due_while_its_source_is_polled(database: Database) -> None:
    add(database)
    with database.write() as connection:
        set_slot(connection, "s", NOW)
        until = NOW + timedelta(minutes=2)
        assert take(connection, "s", token="t", now=NOW, until=until)
    assert due(database) == []
    assert due(database, until) == [["evt-a"]]  # that poll never came back


def test_blips_are_due_but_never_ripe(database: Database) -> None:
    add(database)
    add(database, "b", blip=True)
    assert due(database) == [["evt-a"], ["evt-b"]]
    with database.write() as connection:
        source = sources.choose(connection, "s").id
        found = {polls: held_changes.ripe(connection, source, NOW, polls) for polls in (0, 1)}
    assert [entry.event_ids for entry in found[1]] == [["evt-a"]]
    assert found[0] == []


def test_entries_give_place_to_another_or_to_none(database: Database) -> None:
    add(database)
    add(database, version=3, event_ids=["later"])
    with database.write() as connection:
        number = held(connection).model_id
        both = held_changes.of_models(connection, [number])[number]
        assert [entry.version for entry in both] == [2, 3]
        held_changes.replace(
            connection, both, held(connection, blip=True, event_ids=["one", "two"])
        )
        [blip] = held_changes.of_models(connection, [number])[number]
        assert (blip.event_ids, blip.blip) == (["one", "two"], True)
        held_changes.replace(connection, [blip], None)
        assert held_changes.of_models(connection, [number]) == {}


def test_an_event_is_found_in_the_entry_it_waits_in(database: Database) -> None:
    add(database, event_ids=["e1", "e2"])
    with database.read() as connection:
        found = held_changes.waiting(connection, "e2")
        assert found is not None
        assert found.event_ids == ["e1", "e2"]
        assert held_changes.waiting(connection, "e") is None
