"""When a model was visible, on both databases."""

from collections.abc import Iterator

import pytest

from pricetrail.storage.database import Database
from pricetrail.storage.history import visibility
from pricetrail.storage.history.visibility import VisibleVersions
from tests.support.one_model import lived, ours


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    with lived(database_url) as opened:
        yield opened


def test_neighbouring_states_are_one_stretch_of_being_visible(database: Database) -> None:
    with database.read() as connection:
        mine = ours(connection)
        assert visibility.visible_versions(connection, *mine, 6) == [
            VisibleVersions(1, 4),
            VisibleVersions(5, None),
        ]
        assert visibility.visible_versions(connection, *mine, 3) == [VisibleVersions(1, None)]
        assert visibility.visible_versions(connection, *mine, 6, since=3) == [
            VisibleVersions(3, 4),
            VisibleVersions(5, None),
        ]
        assert visibility.visible_versions(connection, *mine, 6, since=7) == []


@pytest.mark.parametrize(
    ("version", "begin", "end", "words"),
    [(1, 1, None, '"1"'), (3, 3, None, '"Other"'), (4, 3, 4, '"Other"'), (6, 6, None, '"free"')],
)
def test_the_last_state_is_that_of_the_version_or_before(
    database: Database, version: int, begin: int, end: int | None, words: str
) -> None:
    with database.read() as connection:
        state = visibility.last_state(connection, *ours(connection), version)
    assert state is not None
    assert (state.begin, state.end) == (begin, end)
    assert words in state.document


def test_before_it_was_seen_it_has_no_state(database: Database) -> None:
    with database.read() as connection:
        assert visibility.last_state(connection, *ours(connection), 0) is None
