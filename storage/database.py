"""One database: connections, transactions and its clock, alike on SQLite and Postgres."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import Connection, Engine, create_engine, event, exc, make_url, text

from catalog.times import to_millisecond
from storage.errors import DatabaseUnavailableError, ForeignDatabaseError, StorageError

# What a caller passes on and never looks into: only this package speaks SQL.
Transaction: TypeAlias = Connection

BUSY_TIMEOUT = 30.0
# Versions whose write-ahead log has the reset fix (https://sqlite.org/wal.html); elsewhere the
# rollback journal is the safe one.
_WAL_SAFE_FROM = (3, 51, 3)
_WAL_SAFE_BACKPORTS = ((3, 44, 6), (3, 50, 7))


class Database:
    """The database behind a URL (`sqlite:///…`, `postgresql+psycopg://…`).

    Args:
        url: an SQLAlchemy URL.
        clock: what tells the time instead of the database, for tests.
    """

    def __init__(self, url: str, *, clock: Callable[[], datetime] | None = None) -> None:
        self.url = url
        self._clock = clock
        self._turn = threading.Lock()

    @cached_property
    def engine(self) -> Engine:
        """The engine, made at first use."""
        return _engine(self.url)

    @cached_property
    def sqlite_path(self) -> str | None:
        """The file of an SQLite database; None for Postgres and for a database in memory."""
        url = make_url(self.url)
        if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
            return None
        return url.database

    @property
    def shown(self) -> str:
        """The URL without its password."""
        return make_url(self.url).render_as_string(hide_password=True)

    def now(self) -> datetime:
        """The time by the database's clock, which all replicas share, to the millisecond."""
        if self._clock is not None:
            return to_millisecond(self._clock())
        if self.engine.dialect.name == "sqlite":
            return to_millisecond(datetime.now(UTC))
        with self.read() as connection:
            return to_millisecond(connection.execute(_CLOCK).scalar_one())

    def clock(self) -> Callable[[], datetime]:
        """The same clock, for many readings within minutes: a remote one is asked once."""
        if self._clock is not None or self.engine.dialect.name == "sqlite":
            return self.now
        at, asked = self.now(), time.monotonic()
        return lambda: to_millisecond(at + timedelta(seconds=time.monotonic() - asked))

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
        if self.engine.dialect.name != "sqlite":
            with self._transaction("") as connection:
                yield connection
            return
        # One at a time anyway: whoever waits for another thread needs no connection meanwhile.
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise _explain("locked", self.shown)
        try:
            with self._transaction("BEGIN IMMEDIATE") as connection:
                yield connection
        finally:
            self._turn.release()

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
        if make_url(url).get_backend_name() == "sqlite":
            return _sqlite_engine(url)
        return create_engine(
            url,
            pool_pre_ping=True,
            # With the 5 that are kept open, enough for every thread of the service at once.
            max_overflow=25,
            connect_args={"connect_timeout": 10, "application_name": "pricetrail"},
        )
    except (exc.ArgumentError, exc.NoSuchModuleError, ModuleNotFoundError):
        remedy = "write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME"
        raise StorageError(f"database_url is not one that pricetrail knows: {remedy}") from None


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_connection)
    return engine


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
    except exc.TimeoutError:
        shown = make_url(url).render_as_string(hide_password=True)
        raise DatabaseUnavailableError(
            f"every connection to {shown} is in use: try again later"
        ) from None
    except exc.DBAPIError as error:
        shown = make_url(url).render_as_string(hide_password=True)
        raise _explain(str(error.orig), shown) from error


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
    if "onnect" in line or "terminat" in line:
        return DatabaseUnavailableError(f"cannot reach {url}: {line}")
    return StorageError(f"the database refused ({url}): {line}")
