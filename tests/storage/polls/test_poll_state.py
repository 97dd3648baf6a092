"""What a poll begins from, by one statement."""

from collections.abc import Iterator

import pytest

from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage, held_changes, poll_state
from pricetrail.storage.polls.held_changes import Held
from pricetrail.storage.polls.poll_state import PollState
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def find(database: Database, name: str = "s") -> PollState:
    with database.read() as connection:
        found = poll_state.find(connection, name)
        assert found is not None
        assert found.source == sources.state(connection, name)
        assert list(found.ends) == coverage.stretches(connection, found.source.id)[-1:]
        return found


def test_a_source_that_was_never_polled_is_none_and_a_new_one_is_empty(database: Database) -> None:
    with database.write() as connection:
        assert poll_state.find(connection, "s") is None
        sources.open_source(connection, "s", at("10:00"))
    begun = find(database)
    assert (begun.ends, begun.waits, begun.head_came, begun.latest) == ([], False, None, None)


def test_it_is_where_coverage_ends_and_when_the_newest_version_came(database: Database) -> None:
    dear = catalog(model("a", tokens("1", "1")))
    histories.build(database, "s", [("10:00", catalog(model("a"))), ("10:15", dear)])
    histories.poll(database, "other", "13:00", dear)
    histories.failed(database, "s", "11:00")
    begun = find(database)
    assert [stretch.outcome for stretch in begun.ends] == ["failed"]
    assert (begun.head_came, begun.latest) == (at("10:15"), at("11:00"))


def test_changes_that_wait_are_known_of_the_source_alone(database: Database) -> None:
    for name in ("s", "other"):
        histories.poll(database, name, "10:00", catalog(model("a")))
    with database.write() as connection:
        source = sources.choose(connection, "other").id
        waits = Held(source, 1, 1, [], bytes(32), bytes(32), at("11:00"), 1)
        held_changes.add(connection, waits)
    assert (find(database).waits, find(database, "other").waits) == (False, True)
