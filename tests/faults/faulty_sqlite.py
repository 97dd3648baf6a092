"""SQLite's driver, of which a call fails: its words are made up, what becomes of it all is not."""

import sqlite3
from collections.abc import Callable
from typing import Any, NoReturn, Protocol, TypeVar

T = TypeVar("T")

# What SQLite says, by its own name of the error.
SAYS = {
    "SQLITE_IOERR": "disk I/O error",
    "SQLITE_FULL": "database or disk is full",
    "SQLITE_BUSY": "database is locked",
    "SQLITE_READONLY": "attempt to write a readonly database",
    "SQLITE_NOMEM": "out of memory",
    "SQLITE_CANTOPEN": "unable to open database file",
}
KINDS = tuple(SAYS)
# After these SQLite itself has rolled the transaction back.
_ROLLS_BACK = {"SQLITE_IOERR", "SQLITE_NOMEM"}


class Fault(Protocol):
    """Which call fails, and in which way."""

    kind: str

    def is_now(self, name: str) -> bool:
        """Count a call; whether it is one that is to fail."""


class Connection(sqlite3.Connection):
    """A connection whose calls are counted, those of its cursors among them."""

    fault: Fault

    def cursor(self, *_: Any) -> "Cursor":  # type: ignore[override]  # the one kind that there is
        return super().cursor(Cursor)

    def execute(self, *given: Any) -> "Cursor":
        return self.cursor().execute(*given)

    def commit(self) -> None:
        self.call("commit", super().commit)

    def rollback(self) -> None:
        self.call("rollback", super().rollback)

    def close(self) -> None:
        self.call("close", super().close)

    def call(self, name: str, call: Callable[[], T], cursor: sqlite3.Cursor | None = None) -> T:
        """Make a call, or let it fail."""
        if self.fault.is_now(name):
            if name == "close":
                super().close()
            elif self.fault.kind in _ROLLS_BACK and self.in_transaction:
                super().rollback()
            if cursor is not None:
                # A statement that failed is over, and holds no lock of its own.
                cursor.close()
            fail(self.fault)
        return call()


class Cursor(sqlite3.Cursor):
    """A cursor whose statements, and the reading of their rows, are counted."""

    connection: Connection

    def execute(self, *given: Any) -> "Cursor":
        run = super().execute
        self.connection.call("execute", lambda: run(*given))
        return self

    def executemany(self, *given: Any) -> "Cursor":
        run = super().executemany
        self.connection.call("executemany", lambda: run(*given))
        return self

    def fetchone(self) -> Any:
        return self.connection.call("fetchone", super().fetchone, self)

    def fetchmany(self, size: int | None = None) -> Any:
        fetch, most = super().fetchmany, self.arraysize if size is None else size
        return self.connection.call("fetchmany", lambda: fetch(most), self)

    def fetchall(self) -> Any:
        return self.connection.call("fetchall", super().fetchall, self)


def connecting(fault: Fault) -> Callable[..., Connection]:
    """What opens connections instead of SQLAlchemy."""

    def connect(_dialect: Any, _record: Any, given: Any, named: Any) -> Connection:
        if fault.is_now("connect"):
            fail(fault)
        found = sqlite3.connect(*given, **named, factory=Connection)
        found.fault = fault
        return found

    return connect


def fail(fault: Fault) -> NoReturn:
    """Raise what the driver raises."""
    error = sqlite3.OperationalError(SAYS[fault.kind])
    error.sqlite_errorname = fault.kind
    error.sqlite_errorcode = getattr(sqlite3, fault.kind)
    raise error
