"""A token is the same only while every answer is."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from pricetrail.storage.database import Database
from pricetrail.storage.freshness import Freshness
from pricetrail.storage.schema import HEAD
from tests.support.histories import catalog, failed, model, poll


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_the_token_stays_until_something_is_committed(database: Database) -> None:
    freshness = Freshness(database)
    first = freshness.token()
    with database.read():
        assert freshness.token() == first is not None
    poll(database, "pipellm", "10:00", catalog(model("a")))
    second = freshness.token()
    failed(database, "pipellm", "11:00")
    assert len({first, second, freshness.token()}) == 3
    assert freshness.token() == freshness.token()
    freshness.close()


def test_a_commit_of_another_process_is_seen(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    freshness = Freshness(database)
    before = freshness.token()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("CREATE TABLE more (n)")
        other.commit()
    assert freshness.token() != before
    freshness.close()
    database.close()


def test_a_new_connection_never_has_the_token_of_another(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    freshness = Freshness(database)
    before = freshness.token()
    freshness.close()
    poll(database, "pipellm", "10:00", catalog(model("a")))
    assert freshness.token() != before
    freshness.close()
    database.close()


def test_while_somebody_commits_there_is_none_and_nobody_waits(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    freshness = Freshness(database)
    before = freshness.token()
    with closing(sqlite3.connect(sqlite_url.removeprefix("sqlite:///"))) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert freshness.token() is None
        other.execute("ROLLBACK")
    assert freshness.token() == before
    freshness.close()
    database.close()


def test_it_tells_which_schema_there_is(database: Database) -> None:
    freshness = Freshness(database)
    assert freshness.schema is None
    assert freshness.token() is not None
    assert freshness.schema == HEAD
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    assert freshness.token() is not None
    assert freshness.schema == "9999"
    freshness.close()


def test_of_a_file_without_tables_no_schema_is_known(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/empty.db")
    freshness = Freshness(database)
    assert freshness.token() is not None
    assert freshness.schema is None
    freshness.close()
    database.close()
