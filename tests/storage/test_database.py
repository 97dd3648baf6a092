"""Transactions are whole and lose nothing, on both databases; every problem names its remedy."""

import socket
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

import pricetrail.storage.database
from pricetrail.storage.database import Database, wal_is_safe
from pricetrail.storage.errors import (
    DatabaseUnavailableError,
    DatabaseUrlError,
    ForeignDatabaseError,
    StorageError,
)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    with found.write() as connection:
        connection.execute(text("CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)"))
        connection.execute(text("INSERT INTO counter VALUES (1, 0)"))
    yield found
    found.close()


def count(database: Database) -> int:
    with database.read() as connection:
        return int(connection.execute(text("SELECT n FROM counter")).scalar_one())


def test_no_update_of_concurrent_writers_is_lost(database: Database) -> None:
    def add_one(_number: int) -> None:
        with database.write() as connection:
            # Postgres locks the row, SQLite the database from the transaction's beginning.
            lock = " FOR UPDATE" if connection.dialect.name == "postgresql" else ""
            found = connection.execute(text(f"SELECT n FROM counter{lock}")).scalar_one()
            connection.execute(text("UPDATE counter SET n = :n"), {"n": found + 1})

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(add_one, range(80)))
    assert count(database) == 80


def test_a_write_that_breaks_leaves_nothing(database: Database) -> None:
    class BreakError(Exception):
        pass

    def write_and_break() -> None:
        with database.write() as connection:
            connection.execute(text("UPDATE counter SET n = 5"))
            raise BreakError

    with pytest.raises(BreakError):
        write_and_break()
    assert count(database) == 0


def test_what_is_not_committed_is_seen_by_nobody_else(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE counter SET n = 7"))
        assert count(database) == 0
    assert count(database) == 7


def test_foreign_keys_hold(database: Database) -> None:
    with pytest.raises(StorageError, match=r"(?i)foreign key"), database.write() as connection:
        connection.execute(text("INSERT INTO model (source_id, name) VALUES (99, 'a')"))


def test_the_time_is_in_utc_and_whole_milliseconds(database: Database) -> None:
    found = database.now()
    assert found.utcoffset() == timedelta(0)
    assert found.microsecond % 1000 == 0
    assert abs(found - datetime.now(UTC)) < timedelta(minutes=1)


def test_a_clock_of_ones_own_is_cut_to_milliseconds(sqlite_url: str) -> None:
    moment = datetime(2026, 3, 1, 10, 0, 0, 1999, tzinfo=UTC)
    assert Database(sqlite_url, clock=lambda: moment).now() == moment.replace(microsecond=1000)


@pytest.mark.parametrize(
    ("version", "safe"),
    [
        *(((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 3), False)),
        *(((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True)),
        *(((3, 53, 0), True), ((4, 0, 0), True)),
    ],
)
def test_the_write_ahead_log_is_used_only_where_it_is_mended(
    version: tuple[int, int, int], safe: bool
) -> None:
    assert wal_is_safe(version) is safe


def test_a_password_is_shown_to_nobody() -> None:
    # Bound and not listening: whoever connects is refused.
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{port.getsockname()[1]}"
        database = Database(f"postgresql+psycopg://me:canary@{address}/prices")
        with pytest.raises(DatabaseUnavailableError, match="cannot reach") as refusal:
            database.now()
    assert refusal.value.retry
    assert database.safe_url == "postgresql+psycopg://127.0.0.1/prices"
    assert "canary" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("url", ["mysql://me:canary@h/x", "nonsense", "postgresql+none://h/x"])
def test_another_kind_of_database_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(DatabaseUrlError, match="write sqlite:///FILE or postgres") as refusal:
        Database(url)
    assert "canary" not in str(refusal.value)


def test_a_locked_file_is_a_bounded_wait_and_worth_another_try(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pricetrail.storage.database, "BUSY_TIMEOUT", 0.05)
    holder, other = Database(sqlite_url), Database(sqlite_url)
    with (
        holder.write(),
        pytest.raises(DatabaseUnavailableError, match="locked") as refusal,
        other.write(),
    ):
        pytest.fail("two writers at once")
    assert refusal.value.retry
    with other.write() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    holder.close()
    other.close()


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with (
        pytest.raises(StorageError, match="does its folder exist"),
        Database(f"sqlite:///{tmp_path}/no/where.db").read(),
    ):
        pytest.fail("opened")


def test_a_read_only_file_is_said(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(f"sqlite:///file:{tmp_path}/test.db?mode=ro&uri=true")
    with pytest.raises(StorageError, match="read-only"), database.write() as connection:
        connection.execute(text("INSERT INTO webhook (name) VALUES ('a')"))
    database.close()


def test_a_full_disk_changes_nothing_and_is_got_over(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    add = text("INSERT INTO webhook (name, why) VALUES ('a', :why)")

    def fill_the_disk() -> None:
        with database.write() as connection:
            pages = connection.execute(text("PRAGMA page_count")).scalar_one()
            connection.execute(text(f"PRAGMA max_page_count={pages}"))
            connection.execute(add, {"why": "x" * 1_000_000})

    with pytest.raises(StorageError, match="disk is full"):
        fill_the_disk()
    database.close()
    with database.write() as connection:
        connection.execute(text("PRAGMA max_page_count=4294967294"))
        assert connection.execute(text("SELECT count(*) FROM webhook")).scalar() == 0
        connection.execute(add, {"why": "x" * 1_000_000})
    database.close()


def test_a_damaged_file_names_the_way_to_restore(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "test.db"
    with sqlite3.connect(path) as raw:
        [size] = raw.execute("PRAGMA page_size").fetchone()
        [page] = raw.execute(
            "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = 'source'"
        ).fetchone()
    raw.close()
    with path.open("r+b") as file:
        file.seek((page - 1) * size)
        file.write(b"\xff" * size)
    database = Database(sqlite_url)
    with pytest.raises(StorageError, match="damaged: restore the last"), database.read() as reader:
        reader.execute(text("SELECT * FROM source"))
    database.close()


def test_a_file_that_is_no_database_is_named(tmp_path: Path) -> None:
    path = tmp_path / "prices.csv"
    path.write_text("model,price\n" * 100)
    with (
        pytest.raises(ForeignDatabaseError, match=r"prices\.csv is not a database"),
        Database(f"sqlite:///{path}").write(),
    ):
        pytest.fail("opened")
