"""One database: connections, transactions and its clock, alike on SQLite and Postgres."""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, TypeAlias

from sqlalchemy import URL, Connection, Engine, create_engine, event, exc, text

from pricetrail.catalog.errors import PricetrailError
from pricetrail.catalog.times import to_millisecond
from pricetrail.storage import addresses, open_statements, postgres, remembered
from pricetrail.storage.damage import Soundness, problem_of
from pricetrail.storage.driver_errors import damaged, explained
from pricetrail.storage.errors import (
    DamagedError,
    DatabaseUnavailableError,
    DatabaseUrlError,
    ForeignDatabaseError,
    StorageError,
)
from pricetrail.storage.last_told import LastTold
from pricetrail.storage.sqlite_files import OpenFile, sqlite_path

# What a caller passes on and never looks into: only this package speaks SQL.
Transaction: TypeAlias = Connection

BUSY_TIMEOUT = 30.0
# Versions whose write-ahead log has the reset fix (https://sqlite.org/wal.html); elsewhere the
# rollback journal is the safe one.
_WAL_SAFE_FROM = (3, 51, 3)
_WAL_SAFE_BACKPORTS = ((3, 44, 6), (3, 50, 7))
# In an SQLite URI: a file that is not there is an error.
_NEVER_MAKES = ("ro", "rw")


_MAY_BE_DAMAGE = (StorageError, ForeignDatabaseError)


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
        self._soundness = Soundness()
        # On Postgres: the schema of our tables, once it is known.
        self._schema: str | None = None
        self._told = LastTold()
        self._turn = threading.Lock()
        # Asked within each transaction that writes, before anything else: it may refuse.
        self.before_write: Callable[[Connection], object] = lambda _connection: None

    @cached_property
    def engine(self) -> Engine:
        """The engine, made at first use."""
        return _engine(self.url, self._forget)

    def _forget(self) -> None:
        """Know nothing of a file any more: another one has its name."""
        self._soundness.forget()
        remembered.forget_all()

    @cached_property
    def sqlite_path(self) -> str | None:
        """The file of an SQLite database; None for Postgres and for a database in memory."""
        return sqlite_path(self.url)

    @property
    def safe_url(self) -> str:
        """The URL without what may be secret in it, as `addresses.safe_url` gives it."""
        return addresses.safe_url(self.url)

    def now(self) -> datetime:
        """The time by the database's clock, which all replicas share, to the millisecond."""
        if self._clock is not None:
            return to_millisecond(self._clock())
        if self.engine.dialect.name == "sqlite":
            return to_millisecond(datetime.now(UTC))
        with self.read() as connection:
            return self.now_within(connection)

    def now_within(self, connection: Connection) -> datetime:
        """The same, asked within a transaction that is open."""
        if self._clock is not None or connection.dialect.name == "sqlite":
            return self.now()
        return self._told.note(to_millisecond(connection.execute(_CLOCK).scalar_one()))

    def about_now(self) -> datetime:
        """The same, by this machine's clock where the database's was asked within the last second:
        a poll that takes longer to ask than to be recorded would be read twice as dear."""
        return self._told.now(self.now)

    def clock_within(self, connection: Connection) -> Callable[[], datetime]:
        """The same clock, for many readings within minutes: a remote one is asked once, at once."""
        if self._clock is not None or self.engine.dialect.name == "sqlite":
            return self.now
        at, asked = self.now_within(connection), time.monotonic()
        return lambda: to_millisecond(at + timedelta(seconds=time.monotonic() - asked))

    def prefer_wal(self) -> None:
        """Switch a file of ours, for good, to the write-ahead log where this SQLite's is safe."""
        if self.sqlite_path is not None and wal_is_safe(sqlite3.sqlite_version_info):
            with self._connection() as connection:
                _raw(connection).execute("PRAGMA journal_mode=WAL")

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A transaction that reads one consistent state."""
        with self._connection() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                _raw(connection).execute("BEGIN")
            else:
                self._begin_on_postgres(connection, writes=False)
            yield connection

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        """A connection for a single statement that reads, which is consistent by itself."""
        with self._connection() as connection:
            if connection.dialect.name == "postgresql":
                self._begin_on_postgres(connection, writes=False)
            yield connection

    @contextmanager
    def write(self, *, long: bool = False, often: bool = False) -> Iterator[Connection]:
        """A transaction that writes: all of it, or nothing.

        Args:
            long: for what may take minutes, such as a migration or an import.
            often: for the same few statements again and again: the server prepares them.

        Raises:
            DamagedError: the file is damaged, by its own check; it is looked at from time to time.
        """
        with self._turn_to_write(), self._connection() as connection, connection.begin():
            if connection.dialect.name == "sqlite":
                self._require_sound(connection)
                _raw(connection).execute("BEGIN IMMEDIATE")
            else:
                self._begin_on_postgres(connection, writes=True, long=long, often=often)
            self.before_write(connection)
            yield connection

    @contextmanager
    def _turn_to_write(self) -> Iterator[None]:
        """On SQLite one at a time: whoever waits for another thread needs no connection for it."""
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._turn.acquire(timeout=BUSY_TIMEOUT):
            raise DatabaseUnavailableError(f"{self.safe_url} is locked: try again later")
        try:
            yield
        finally:
            self._turn.release()

    def require_sound(self) -> None:
        """Look whether the file is damaged, where it is time to; nothing to do on a server.

        Raises:
            DamagedError: it is.
        """
        if self.sqlite_path is not None:
            with self._connection() as connection:
                self._require_sound(connection)

    def damage(self) -> DamagedError | None:
        """What to say where something is wrong with the file; None where nothing is."""
        problem = problem_of(self.sqlite_path) if self.sqlite_path is not None else None
        return damaged(self.safe_url, problem) if problem is not None else None

    @contextmanager
    def _connection(self) -> Iterator[Connection]:
        try:
            with explained(self.url), self.engine.connect() as connection:
                yield connection
        except DamagedError as error:
            # Met by chance: from now on nothing is written.
            said = getattr(error.__cause__, "orig", None) or error.__cause__ or "met before"
            self._soundness.problem = self._soundness.problem or str(said)
            raise
        except Exception as error:
            # A damaged file may lead to anything; what is known to be something else, is.
            known = isinstance(error, PricetrailError) and type(error) not in _MAY_BE_DAMAGE
            found = None if known else self.damage()
            if found is None:
                raise
            raise found from error

    def _require_sound(self, connection: Connection) -> None:
        problem = self._soundness.look(_raw(connection))
        if problem is not None:
            raise damaged(self.safe_url, problem)

    def _begin_on_postgres(
        self, connection: Connection, *, writes: bool, long: bool = False, often: bool = False
    ) -> None:
        if self._schema is None:
            postgres.begin(connection, None, writes=False)
            self._schema = postgres.schema_of(connection, addresses.parse(self.url))
            postgres.run(connection, "ROLLBACK")
        postgres.begin(connection, self._schema, writes=writes, long=long, often=often)

    def close(self) -> None:
        """Close every connection."""
        if "engine" in self.__dict__:
            self.engine.dispose()


_CLOCK = text("SELECT clock_timestamp()")


def _engine(url: str, replaced: Callable[[], object]) -> Engine:
    try:
        parts = addresses.parse(url)
        on_file = parts.get_backend_name() == "sqlite"
        return _sqlite_engine(url, replaced) if on_file else _on_server(parts)
    except (exc.ArgumentError, ValueError, TypeError):
        # Its text repeats the options.
        problem = "has an option that is not valid: check what stands after its `?`"
        raise DatabaseUrlError(problem) from None


def _on_server(url: URL) -> Engine:
    engine = create_engine(
        postgres.connect_url(url),
        pool_pre_ping=True,
        connect_args=postgres.connect_args(url),
        # With the 5 kept open: threads take turns, as none holds one while it waits for anything.
        max_overflow=25,
        use_native_hstore=False,
    )
    event.listen(engine, "checkin", postgres.give_back)
    return engine


def _sqlite_engine(url: str, replaced: Callable[[], object]) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT, "check_same_thread": False})
    event.listen(engine, "connect", _prepare_connection)
    open_statements.watch(engine)
    if (path := sqlite_path(url)) is not None:
        makes = engine.url.query.get("mode") not in _NEVER_MAKES
        said = addresses.safe_url(url)
        OpenFile(path, said, makes=makes, replaced=replaced).watch(engine)
    return engine


def _prepare_connection(connection: Any, _record: Any) -> None:
    # The driver's own transactions begin too late and lose updates; ours begin in `_transaction`.
    connection.isolation_level = None
    # For a file that is yet to be made: history is many short rows and few long ones, and most
    # tables begin empty.
    connection.execute("PRAGMA page_size=2048")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA synchronous=FULL")


def _raw(connection: Connection) -> Any:
    """The driver's connection."""
    raw = connection.connection.driver_connection
    if raw is None:
        raise exc.InvalidRequestError("the connection is closed")
    return raw


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the write-ahead log's reset."""
    backported = any(version[:2] == fixed[:2] and version >= fixed for fixed in _WAL_SAFE_BACKPORTS)
    return version >= _WAL_SAFE_FROM or backported
