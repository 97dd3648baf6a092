"""Whether anything was committed since: a token that is the same only while all answers are."""

import sqlite3
import threading

from sqlalchemy import Connection, exc, text

from pricetrail.catalog.errors import PricetrailError
from pricetrail.storage.database import Database
from pricetrail.storage.sqlite_files import identity

# The visible transactions of the whole server; it changes with each one that begins or ends.
_SNAPSHOT = text("SELECT pg_current_snapshot(), (SELECT version_num FROM alembic_version)")


class Freshness:
    """Tells whether a database is still as it was, and which schema it has, reading nothing else.

    On SQLite a connection of its own is asked for its `data_version`
    (https://sqlite.org/pragma.html#pragma_data_version), which moves with the commits of others.
    It says nothing about another connection's, so the token tells which connection it was. A file
    that was replaced is another's.

    `schema` is the schema's version when the last token was read; None where nobody knows.
    """

    def __init__(self, database: Database) -> None:
        self.schema: str | None = None
        self._database = database
        self._token = ""
        self._connection: Connection | None = None
        self._number = 0
        self._file: tuple[int, int] | None = None
        self._lock = threading.Lock()

    @property
    def instant(self) -> bool:
        """Whether asking takes microseconds and never waits."""
        return self._database.sqlite_path is not None

    def token(self) -> str | None:
        """The token of now; None where it cannot be had at once. Read it before the answer."""
        try:
            return self._of_file() if self.instant else self._of_server()
        except (exc.SQLAlchemyError, sqlite3.Error, OSError, PricetrailError):
            return None

    def _of_file(self) -> str | None:
        with self._lock:
            file = identity(self._database.sqlite_path or "")
            if file != self._file:
                self._drop()
            if self._connection is None:
                self._file = file
                self._connection = self._database.engine.connect()
                self._number += 1
                # It never waits for a writer: who asks takes the long way meanwhile.
                self._connection.exec_driver_sql("PRAGMA busy_timeout=0")
            # By the driver: at each request of all.
            raw = self._connection.connection.driver_connection
            if raw is None:
                return None
            version = raw.execute("PRAGMA data_version").fetchone()[0]
            token = f"{self._number}:{version}"
            if token != self._token:
                self.schema = _schema_of(raw)
                self._token = token
            return token

    def _of_server(self) -> str:
        with self._database.autocommit() as connection:
            snapshot, self.schema = connection.execute(_SNAPSHOT).one()
            return str(snapshot)

    def close(self) -> None:
        """Give the connection back."""
        with self._lock:
            self._drop()

    def _drop(self) -> None:
        if self._connection is not None:
            # With its timeout of none it is of no use to anybody else.
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def _schema_of(raw: sqlite3.Connection) -> str | None:
    # To its end, so that no lock is kept.
    if not raw.execute("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'").fetchall():
        return None
    found = raw.execute("SELECT version_num FROM alembic_version").fetchall()
    return str(found[0][0]) if found else None
