"""One database: connections, transactions and its clock, alike on SQLite and Postgres."""

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event, exc, text

from catalog.times import to_millisecond
from storage import addresses
from storage.errors import (
    DatabaseUnavailableError,
    DatabaseUrlError,
    ForeignDatabaseError,
    StorageError,
)
from storage.sqlite_files import make_private, sqlite_path

# What a caller passes on and never looks into: only this package speaks SQL.
Transaction: TypeAlias = Connection

BUSY_TIMEOUT = 30.0
# Versions whose write-ahead log has the reset fix (https://sqlite.org/wal.html); elsewhere the
# rollback journal is the safe one.
_WAL_SAFE_FROM = (3, 51, 3)
_WAL_SAFE_BACKPORTS = ((3, 44, 6), (3, 50, 7))
# In an SQLite URI: a file that is not there is an error.
_NEVER_MAKES = ("ro", "rw")


class Database:
    """The database behind a URL (`sqlite:///…`, `postgresql+psycopg://…`).

    Args:
        url: an SQLAlchemy URL.
        clock: what tells the time instead of the database, for tests.

    Raises:
        DatabaseUrlError: the URL cannot be used.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime] | None = None) -> None:
        addresses.parse(url)
        self.url = url
        self._clock = clock

    @cached_property
    def engine(self) -> Engine:
        """The engine, made at first use."""
        return _engine(self.url)

    @cached_property
    def sqlite_path(self) -> str | None:
        """The file of an SQLite database; None for Postgres and for a database in memory."""
        return sqlite_path(self.url)

    @property
    def shown(self) -> str:
        """The URL's scheme, host and name: the rest may be secret."""
        return addresses.shown(self.url)

    def now(self) -> datetime:
        """The time by the database's clock, which all replicas share, to the millisecond."""
        if self._clock is not None:
            return to_millisecond(self._clock())
        if self.engine.dialect.name == "sqlite":
            return to_millisecond(datetime.now(UTC))
        with self.read() as connection:
            return to_millisecond(connection.execute(_CLOCK).scalar_one())

    def prefer_wal(self) -> None:
        """Switch a file of ours, for good, to the write-ahead log where this SQLite's is safe."""
        if self.sqlite_path is not None and wal_is_safe(sqlite3.sqlite_version_info):
            with explained(self.url), self.engine.connect() as connection:
                raw = connection.connection.driver_connection
                if raw is not None:
                    raw.execute("PRAGMA journal_mode=WAL")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one consistent state."""
        with self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def glance(self) -> Iterator[Connection]:
        """A connection for a single statement that reads, which is consistent by itself."""
        with explained(self.url), self.engine.connect() as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing."""
        with self._transaction("BEGIN IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def _transaction(self, on_sqlite: str) -> Iterator[Connection]:
        with explained(self.url), self.engine.connect() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                _begin(connection, on_sqlite)
            yield connection

    def close(self) -> None:
        """Close every connection."""
        if "engine" in self.__dict__:
            self.engine.dispose()


_CLOCK = text("SELECT clock_timestamp()")


def _engine(url: str) -> Engine:
    try:
        if addresses.parse(url).get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": 10, "application_name": "pricetrail"},
        )
    except (exc.ArgumentError, ValueError):
        # Its text repeats the options.
        problem = "has an option that is not valid: check what stands after its `?`"
        raise DatabaseUrlError(problem) from None


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_connection)
    if (path := sqlite_path(url)) is not None and engine.url.query.get("mode") not in _NEVER_MAKES:
        event.listen(engine, "do_connect", lambda *_: _make_private(path))
    return engine


def _make_private(path: str) -> None:
    make_private(path)


def _prepare_connection(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin too late and lose updates; ours begin in `_transaction`.
    connection.isolation_level = None
    # For a file that is yet to be made: history is many short rows and few long ones, and most
    # tables begin empty.
    connection.execute("PRAGMA page_size=2048")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _begin(connection: Connection, statement: str) -> None:
    """Begin what SQLite's driver does not begin by itself.

    Not by a listener for SQLAlchemy's own beginning: with one, it looks for listeners at every
    statement.
    """
    raw = connection.connection.driver_connection
    try:
        if raw is not None:
            raw.execute(statement)
    except sqlite3.Error as error:
        raise exc.OperationalError(statement, None, error) from error


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the write-ahead log's reset."""
    backported = any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_SAFE_BACKPORTS)
    return version >= _WAL_SAFE_FROM or backported


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn the driver's errors into one line each that names the remedy.

    Raises:
        StorageError: see its subclasses.
    """
    try:
        yield
    except exc.DBAPIError as error:
        # A driver may repeat what it was to connect with.
        problem = addresses.masked(url, str(error.orig))
        raise _explain(problem, addresses.shown(url)) from error


def _explain(problem: str, url: str) -> StorageError:
    line = " ".join(problem.split())[:300]
    if "file is not a database" in line:
        return ForeignDatabaseError(f"{url} is not a database: name another file in database_url")
    if "locked" in line or "busy" in line:
        return DatabaseUnavailableError(f"{url} is locked by another process: try again later")
    if "unable to open" in line:
        return StorageError(f"cannot open {url}: does its folder exist, and may it be written to?")
    if "readonly" in line or "read-only" in line:
        return StorageError(f"{url} is read-only: give this user the right to write to it")
    if "full" in line and "disk" in line:
        return StorageError(f"the disk is full: nothing was written to {url}; free some space")
    if "malformed" in line or "corrupt" in line:
        return StorageError(f"{url} is damaged: restore the last `pricetrail db backup`")
    if re.search(r"invalid \S+ value: |for connection option", line):
        return DatabaseUrlError(f"has an option that Postgres refuses: {line}")
    if "onnect" in line or "terminat" in line:
        return DatabaseUnavailableError(f"cannot reach {url}: {line}")
    return StorageError(f"the database refused ({url}): {line}")
