"""A database that is made by heart is one that was migrated."""

from pathlib import Path

from pricetrail.storage import schema
from pricetrail.storage.database import Database
from tests.support import migrations


def made(path: Path) -> list[str]:
    database = Database(f"sqlite:///{path}")
    schema.ensure(database)
    with database.read() as connection:
        found = migrations.dumped(connection)
    database.close()
    return found


def test_it_is_the_same_to_the_last_statement(tmp_path: Path) -> None:
    with migrations.really():
        expected = made(tmp_path / "real.db")
    for number in range(2):
        assert made(tmp_path / f"{number}.db") == expected
    assert len(expected) > 30


def test_a_database_that_has_tables_is_migrated(sqlite_url: str) -> None:
    """Nothing is made by heart in it: it is current already, and stays so."""
    database = Database(sqlite_url)
    schema.upgrade(database)
    assert schema.current(database) == schema.HEAD
    database.close()
