"""Sources: one row each, chosen by name."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from pricetrail.catalog.errors import NotFoundError, exit_code
from pricetrail.catalog.merkle import GENESIS
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError, SourceState
from tests.support.histories import at

NOW = at("10:00")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def state(database: Database, name: str = "s") -> SourceState:
    with database.read() as connection:
        found = sources.state(connection, name)
    assert found is not None
    return found


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


def test_many_are_made_and_read_at_once(database: Database) -> None:
    with database.write() as connection:
        sources.open_source(connection, "b", NOW)
        made = sources.open_sources(connection, {"a": "http://a/", "b": "http://b/"}, NOW)
        assert sources.url(connection, made["a"].id) == "http://a/"
        assert sources.states_of(connection, ["b", "a", "c"]) == made


def test_a_key_is_remembered_and_may_begin_a_new_baseline(database: Database) -> None:
    with database.write() as connection:
        source = sources.open_source(connection, "s", NOW).id
    with database.write() as connection:
        sources.remember_key(connection, source, "print-1", None)
    assert (state(database).key_fingerprint, state(database).baseline_version) == ("print-1", 1)
    with database.write() as connection:
        sources.remember_key(connection, source, "print-2", 9)
    assert (state(database).key_fingerprint, state(database).baseline_version) == ("print-2", 9)
