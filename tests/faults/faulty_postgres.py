"""Postgres' driver, of which a call fails: the server itself is made to say so, or is cut off."""

import os
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn, TypeVar

import psycopg

from tests.faults.faulty_sqlite import Fault

T = TypeVar("T")

# The connection is gone before a statement was sent, or once it was done and not yet answered.
BEFORE, AFTER = "lost before", "lost after"
_TERMINATED = "57P01"
# Else an SQLSTATE: not serializable, a deadlock, a full disk, read-only, ended by the operator.
KINDS = (BEFORE, AFTER, "40001", "40P01", "53100", "25006", _TERMINATED)
_TERMINATE = "SELECT pg_terminate_backend(pg_backend_pid())"


class Connection(psycopg.Connection[Any]):
    """A connection whose calls are counted, those of its cursors among them."""

    fault: Fault

    def commit(self) -> None:
        self.call("commit", super().commit)

    def rollback(self) -> None:
        self.call("rollback", super().rollback)

    def close(self) -> None:
        self.call("close", super().close)

    def call(self, name: str, call: Callable[[], T]) -> T:
        """Make a call, or let it fail."""
        if not self.fault.is_now(name):
            return call()
        if name in ("rollback", "close") or self.fault.kind == BEFORE:
            _cut(self)
            return call()
        if self.fault.kind != AFTER:
            _have_it_said(self, self.fault.kind)
        call()
        _cut(self)
        # Whatever is asked now is answered as the call was.
        raise _error_of(self)


class Cursor(psycopg.Cursor[Any]):
    """A cursor whose statements are counted: all of their rows come at once."""

    connection: Connection

    def execute(self, *given: Any, **named: Any) -> "Cursor":
        run = super().execute
        self.connection.call("execute", lambda: run(*given, **named))
        return self

    def executemany(self, *given: Any, **named: Any) -> None:
        run = super().executemany
        self.connection.call("executemany", lambda: run(*given, **named))


def connecting(fault: Fault) -> Callable[..., Connection]:
    """What opens connections instead of SQLAlchemy."""

    def connect(_dialect: Any, _record: Any, given: Any, named: Any) -> Connection:
        # Nothing listens on it.
        nowhere = {"host": "127.0.0.1", "port": 1} if fault.is_now("connect") else {}
        found = Connection.connect(*given, **{**named, **nowhere, "cursor_factory": Cursor})
        found.fault = fault
        return found

    return connect


def _cut(connection: Connection) -> None:
    """Let nothing be sent or received any more."""
    with suppress(psycopg.OperationalError, OSError):
        line = socket.socket(fileno=os.dup(connection.pgconn.socket))
        line.shutdown(socket.SHUT_RDWR)
        line.close()


def _have_it_said(connection: Connection, state: str) -> NoReturn:
    """Have the server raise an error, and do to the transaction what belongs to it."""
    raised = f"DO $$ BEGIN RAISE 'made up' USING ERRCODE = '{state}'; END $$"
    psycopg.Cursor(connection).execute((_TERMINATE if state == _TERMINATED else raised).encode())
    raise AssertionError(f"the server did not say {state}")


def _error_of(connection: Connection) -> psycopg.Error:
    try:
        psycopg.Cursor(connection).execute("SELECT 1")
    except psycopg.Error as error:
        return error
    raise AssertionError("the connection was not cut")
