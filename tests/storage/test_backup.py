"""Copies of a database in use: whole and checked, or not there at all."""

import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from pricetrail.files.atomic import Target, TargetExistsError, UnwritableError
from pricetrail.storage import schema
from pricetrail.storage.backup import backup
from pricetrail.storage.database import Database
from pricetrail.storage.errors import SchemaVersionError, StorageError
from pricetrail.storage.history.versions import snapshots
from pricetrail.storage.sources import choose
from tests.support.histories import at, build, catalog, hourly, model, tokens

CATALOGS = [catalog(model("a", tokens(f"0.{n + 1}", "0.1"))) for n in range(30)]


@pytest.fixture
def database(sqlite_url: str) -> Iterator[Database]:
    found = Database(sqlite_url)
    yield found
    found.close()


def versions(path: Path) -> list[int]:
    copy = Database(f"sqlite:///{path}")
    with copy.read() as connection:
        found = snapshots(connection, choose(connection, "s").id)
    copy.close()
    assert found[0].previous_hash == bytes(32)
    assert [row.hash for row in found[:-1]] == [row.previous_hash for row in found[1:]]
    return [row.version for row in found]


def test_copies_made_while_versions_are_written_are_whole(database: Database) -> None:
    plan = hourly("10:00", CATALOGS)
    build(database, "s", plan[:2])
    writer = threading.Thread(target=build, args=(database, "s", plan[2:]))
    writer.start()
    copies = [Path(f"copy-{n}.db") for n in range(4)]
    for path in copies:
        assert backup(database, Target(path)) == path.stat().st_size
    writer.join()
    for path in copies:
        found = versions(path)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= 2
    assert list(Path().glob(".pricetrail*")) == []


def test_of_two_copies_to_one_name_one_is_made_and_one_is_refused(database: Database) -> None:
    build(database, "s", hourly("10:00", CATALOGS[:3]))
    target = Target(Path("copy.db"))
    inner: list[int] = []

    def another(_done: int, _pages: int) -> None:
        if not inner:
            inner.append(backup(database, target))

    with pytest.raises(TargetExistsError, match="already exists"):
        backup(database, target, another)
    assert inner == [target.stat().st_size]
    assert versions(target) == [1, 2, 3]
    assert list(Path().glob(".pricetrail*")) == []


def test_what_cannot_be_copied_leaves_no_file(database: Database) -> None:
    with pytest.raises(UnwritableError, match="its folder does not exist"):
        backup(database, Target(Path("nowhere/copy.db")))
    assert database.sqlite_path is not None
    damaged = Path(database.sqlite_path)
    pages = bytearray(damaged.read_bytes())
    pages[4096 * 3 : 4096 * 6] = bytes(4096 * 3)
    damaged.write_bytes(pages)
    with pytest.raises(StorageError):
        backup(database, Target(Path("copy.db")))
    assert not Path("copy.db").exists()
    assert list(Path().glob(".pricetrail*")) == []


def test_a_database_on_a_server_is_copied_by_its_own_tool(postgres_url: str) -> None:
    server = Database(postgres_url)
    with pytest.raises(StorageError, match="pg_dump"):
        backup(server, Target(Path("copy.db")))
    server.close()


def test_only_its_owner_may_read_a_copy(database: Database) -> None:
    build(database, "s", hourly("10:00", CATALOGS[:2]))
    assert database.sqlite_path is not None
    Path(database.sqlite_path).chmod(0o644)
    backup(database, Target(Path("copy.db")))
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600


def test_a_copy_is_a_database_of_its_own(database: Database) -> None:
    build(database, "s", hourly("10:00", CATALOGS[:2]))
    backup(database, Target(Path("copy.db")))
    build(database, "s", [(at("20:00"), CATALOGS[9])])
    assert versions(Path("copy.db")) == [1, 2]
    copy = sqlite3.connect("copy.db")
    assert copy.execute("PRAGMA foreign_key_check").fetchall() == []
    copy.close()


def test_a_copy_of_before_an_upgrade_stays_where_that_was_made_meanwhile(
    database: Database,
) -> None:
    build(database, "s", hourly("10:00", CATALOGS[:2]))
    copy = Target(Path("copy.db"))
    copy.write_bytes(b"of before")
    with pytest.raises(SchemaVersionError, match="by now"):
        backup(database, copy, force=True, schema="0009")
    assert copy.read_bytes() == b"of before"
    backup(database, copy, force=True, schema=schema.HEAD)
    assert versions(copy) == [1, 2]
    assert [file.name for file in Path().iterdir() if ".part" in file.name] == []
