"""The schema as commands meet it: nothing is made by reading, and everybody upgrades once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from pricetrail.catalog.errors import NotFoundError, exit_code
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.storage.errors import (
    DatabaseUnavailableError,
    ForeignDatabaseError,
    SchemaVersionError,
    StorageError,
)


def test_reading_makes_no_database(empty_database_url: str, tmp_path: Path) -> None:
    database = Database(empty_database_url)
    with pytest.raises(NotFoundError, match="run `pricetrail poll`") as refusal:
        schema.require(database)
    assert exit_code(refusal.value) == 3
    assert list(tmp_path.iterdir()) == []
    database.close()


def test_a_current_database_may_be_read(database_url: str) -> None:
    database = Database(database_url)
    schema.require(database)
    assert schema.current(database) == schema.HEAD
    database.close()


@pytest.mark.parametrize(
    ("version", "said"),
    [("0008", "export observations"), ("0009", "db upgrade"), ("9999", "newer")],
)
def test_another_schema_is_not_read(sqlite_url: str, version: str, said: str) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :v"), {"v": version})
    with pytest.raises(SchemaVersionError, match=said) as refusal:
        schema.require(database)
    assert exit_code(refusal.value) == 2
    database.close()


def test_another_programs_database_is_not_read(empty_database_url: str) -> None:
    database = Database(empty_database_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE customer (id INTEGER)"))
    with pytest.raises(ForeignDatabaseError, match="customer"):
        schema.require(database)
    database.close()


def test_several_that_start_at_once_upgrade_once(empty_database_url: str) -> None:
    with ThreadPoolExecutor(3) as threads:
        list(threads.map(schema.prepare, [empty_database_url] * 3))
    database = Database(empty_database_url)
    assert schema.current(database) == schema.HEAD
    with database.read() as connection:
        assert "snapshot" in inspect(connection).get_table_names()
    database.close()


def test_nothing_is_written_once_the_schema_is_another(database_url: str) -> None:
    held, other = Database(database_url), Database(database_url)
    schema.hold(held)
    with held.write() as connection:
        connection.execute(text("DELETE FROM usage"))
    with other.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SchemaVersionError, match="newer") as refusal, held.write():
        pytest.fail("it is written to")
    # What it leads to elsewhere is told by it, too.
    for error in (refusal.value, StorageError("no such column"), KeyError("quantity")):
        assert "newer" in str(schema.changed(held, error))
    assert schema.changed(held, DatabaseUnavailableError("away")) is None
    for database in (held, other):
        database.close()


def test_whoever_writes_waits_for_an_upgrade_and_sees_it(postgres_url: str) -> None:
    held, upgrading = Database(postgres_url), Database(postgres_url)
    schema.hold(held)
    with held.write():
        pass
    with ThreadPoolExecutor(1) as threads:
        with upgrading.write() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": schema._LOCK})

            def write() -> None:
                with held.write():
                    pytest.fail("it is written to")

            writing = threads.submit(write)
            waits = text(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
            )
            while not connection.execute(waits).scalar():
                assert not writing.done()
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        with pytest.raises(SchemaVersionError, match="newer"):
            writing.result(30)
    for database in (held, upgrading):
        database.close()


def test_a_file_that_cannot_be_looked_at_is_not_missing(tmp_path: Path) -> None:
    """Whoever opens it says what is wrong, and nobody makes another."""
    database = Database(f"sqlite:///{tmp_path}/{'x' * 300}.db")
    assert not schema.is_missing(database)
    with pytest.raises(StorageError, match="File name too long"):
        schema.require(database)
    error = StorageError("of another kind")
    assert schema.changed(database, error) is None
    database.close()
