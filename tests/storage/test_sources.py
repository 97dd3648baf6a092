"""Sources: one row each, chosen by name, and a slot that exactly one holder has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from pricetrail.catalog.errors import NotFoundError, exit_code
from pricetrail.catalog.merkle import GENESIS
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError, SourceState
from tests.support.histories import at

SLOT, NOW, UNTIL = at("10:00"), at("10:00"), at("10:02")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture
def scheduled(database: Database) -> Database:
    """A database with the source `s`, whose next slot is 10:00."""
    with database.write() as connection:
        sources.open_source(connection, "s", NOW)
        sources.schedule(connection, "s", SLOT, instead=None)
    return database


def state(database: Database, name: str = "s") -> SourceState:
    with database.read() as connection:
        found = sources.state(connection, name)
    assert found is not None
    return found


def claim(database: Database, token: str, *, now: datetime = NOW, until: datetime = UNTIL) -> bool:
    with database.write() as connection:
        return sources.claim(connection, "s", SLOT, owner="me", token=token, now=now, until=until)


def test_a_new_source_stands_before_its_first_version(database: Database) -> None:
    with database.write() as connection:
        assert sources.state(connection, "s") is None
        made = sources.open_source(connection, "s", NOW, url="http://127.0.0.1/")
        again = sources.open_source(connection, "s", at("11:00"))
    assert again == made == state(database)
    assert (made.head_version, made.head_hash, made.polls, made.paused) == (0, GENESIS, 0, False)


def test_two_that_make_a_source_at_once_make_one(database: Database) -> None:
    def make(_number: int) -> int:
        with database.write() as connection:
            return sources.open_source(connection, "s", NOW).id

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(make, range(8)))) == 1


def test_a_command_is_about_the_only_source_or_the_one_it_names(database: Database) -> None:
    with database.write() as connection:
        with pytest.raises(NotFoundError, match="nothing recorded yet: run `pricetrail poll`"):
            sources.choose(connection, None)
        sources.open_source(connection, "b", NOW)
        assert sources.choose(connection, None).name == "b"
        sources.open_source(connection, "a", NOW)
        assert sources.choose(connection, "b").name == "b"
        with pytest.raises(SourceNeededError, match=r"with source=NAME \(a, b\)") as needed:
            sources.choose(connection, None)
        with pytest.raises(NotFoundError, match="no source 'c' here; there are: a, b") as none:
            sources.choose(connection, "c")
    assert (exit_code(needed.value), exit_code(none.value)) == (2, 3)


def test_of_many_claims_of_a_slot_one_succeeds(scheduled: Database) -> None:
    with ThreadPoolExecutor(4) as threads:
        taken = list(threads.map(lambda n: claim(scheduled, f"t{n}"), range(8)))
    assert taken.count(True) == 1


def test_a_lease_that_ran_out_is_taken_over_and_its_holder_finds_out(scheduled: Database) -> None:
    assert claim(scheduled, "first")
    assert not claim(scheduled, "second", now=UNTIL)
    later = UNTIL + timedelta(seconds=1)
    assert claim(scheduled, "second", now=later, until=later + timedelta(minutes=2))
    with scheduled.write() as connection:
        source = state(scheduled).id
        assert not sources.holds(connection, source, "first")
        assert sources.holds(connection, source, "second")
        assert not sources.finish_slot(connection, "s", "first", at("10:15"))
        assert sources.finish_slot(connection, "s", "second", at("10:15"))
    done = state(scheduled)
    assert (done.next_slot_at, done.lease_until) == (at("10:15"), None)
    assert not claim(scheduled, "third")  # that slot is over


def test_a_lease_of_a_clock_far_ahead_is_none(scheduled: Database) -> None:
    ahead = NOW + timedelta(days=365)
    assert claim(scheduled, "first", now=ahead, until=ahead + timedelta(minutes=2))
    assert claim(scheduled, "second")


@pytest.mark.parametrize(("minutes", "taken"), [(10, False), (30, False), (33, True), (60, True)])
def test_a_lease_longer_than_there_is_one_is_none(
    scheduled: Database, minutes: int, taken: bool
) -> None:
    assert claim(scheduled, "first", until=NOW + timedelta(minutes=minutes))
    assert claim(scheduled, "second") is taken


def test_nobody_takes_a_slot_of_a_paused_source(scheduled: Database) -> None:
    source = state(scheduled).id
    with scheduled.write() as connection:
        sources.set_paused(connection, source, True)
    assert state(scheduled).paused
    assert not claim(scheduled, "t")
    with scheduled.write() as connection:
        sources.set_paused(connection, source, False)
    assert claim(scheduled, "t")


def test_a_slot_is_moved_only_by_who_saw_it_last(scheduled: Database) -> None:
    with scheduled.write() as connection:
        sources.schedule(connection, "s", at("10:30"), instead=None)
        assert sources.choose(connection, "s").next_slot_at == SLOT
        sources.schedule(connection, "s", at("10:30"), instead=SLOT)
        assert sources.choose(connection, "s").next_slot_at == at("10:30")


def test_a_key_is_remembered_and_may_begin_a_new_baseline(scheduled: Database) -> None:
    source = state(scheduled).id
    with scheduled.write() as connection:
        sources.remember_key(connection, source, "print-1", None)
    assert (state(scheduled).key_fingerprint, state(scheduled).baseline_version) == ("print-1", 1)
    with scheduled.write() as connection:
        sources.remember_key(connection, source, "print-2", 9)
    assert (state(scheduled).key_fingerprint, state(scheduled).baseline_version) == ("print-2", 9)
