"""The coverage that an export brings along, followed from version to version."""

from collections.abc import Iterator

import pytest

from pricetrail.jobs.imports.coverage import Follower
from pricetrail.jobs.imports.observations import Known
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage
from pricetrail.storage.polls.stretches import Stretch
from pricetrail.storage.sources import SourceState
from tests.support import histories
from tests.support.histories import at, catalog, model


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    histories.poll(database, "s", "10:00", catalog(model("a")))
    yield database
    database.close()


def state(database: Database) -> SourceState:
    with database.read() as connection:
        return sources.choose(connection, "s")


def stretches(database: Database) -> list[tuple[str, int, int]]:
    with database.read() as connection:
        rows = coverage.stretches(connection, state(database).id)
    return [(row.outcome, row.version, row.polls) for row in rows]


def good(version: int, since: str, until: str, polls: int) -> Stretch:
    return Stretch("good", version, at(since), at(until), polls)


def test_the_end_of_the_coverage_is_followed_and_counted_once(database: Database) -> None:
    follower = Follower()
    known = Known(4, None, [good(4, "10:00", "11:00", 5)])
    with database.write() as connection:
        follower.extend(connection, state(database), known)
    assert stretches(database) == [("good", 1, 5)]
    assert (state(database).polls, state(database).good_started_at) == (5, at("11:00"))
    with database.write() as connection:
        follower.extend(connection, state(database), known)
        assert follower.follows(connection, state(database), Known(5, None, []))
        assert not follower.follows(connection, state(database), Known(6, None, []))
    assert stretches(database) == [("good", 1, 5)]
    assert state(database).polls == 5


def test_what_came_in_between_ends_the_agreement(database: Database) -> None:
    follower = Follower()
    with database.write() as connection:
        follower.extend(connection, state(database), Known(4, None, [good(4, "10:00", "10:30", 2)]))
    histories.failed(database, "s", "11:00")
    with database.write() as connection:
        assert not follower.follows(connection, state(database), Known(5, None, []))


def test_what_does_not_follow_leaves_a_gap(database: Database) -> None:
    known = Known(4, None, [good(4, "12:00", "12:30", 3)])
    before = state(database)
    with database.write() as connection:
        Follower().append(connection, before, known, 1, at("12:00"), follows=False)
    assert stretches(database) == [("good", 1, 1), ("missed", 1, 0), ("good", 1, 3)]
    assert state(database).polls == before.polls + 3
