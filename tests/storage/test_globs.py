"""Globs in a database mean what they mean in Python, on both."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.globs import matching
from pricetrail.storage.schema import ensure
from pricetrail.text.globs import matches
from tests.support.histories import at

NAMES = ["a", "A", "ab", "a*b", "a?b", "[ab]", "a[b", "a]b", "100%", "a_b", "a!b", "!a", "a\\b"]
GLOBS = st.text("aAb*?[]%_!\\-^", max_size=6)


@pytest.fixture
def database(database_url: str) -> Database:
    found = Database(database_url)
    ensure(found)
    with found.write() as connection:
        for name in NAMES:
            sources.open_source(connection, name, at("10:00"))
    return found


def found(database: Database, glob: str) -> set[str]:
    with database.read() as connection:
        named = select(t.source.c.name).where(matching(connection, t.source.c.name, glob))
        return set(connection.execute(named).scalars())


def test_a_database_matches_as_python_does(database: Database) -> None:
    @settings(max_examples=200)
    @given(GLOBS)
    def same(glob: str) -> None:
        assert found(database, glob) == {name for name in NAMES if matches(glob, name)}

    same()
    for glob in ("*", "a\\*b", "a\\?b", "\\!a", "[ab]", "%", "_", "\\\\", "*\\\\*"):
        assert found(database, glob) == {name for name in NAMES if matches(glob, name)}, glob
    database.close()
