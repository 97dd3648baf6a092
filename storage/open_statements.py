"""Statements of SQLite that nobody read to their end: closed when their connection is given back.

The error that ended a reading holds on to its cursor, and the cursor to the file's lock, also
after the transaction is over: as long as anybody keeps the error.
"""

from typing import Any
from weakref import WeakSet

from sqlalchemy import Connection, Engine, event

_CURSORS = "cursors"


def watch(engine: Engine) -> None:
    """Close what was left open whenever a connection of this engine is given back."""
    event.listen(engine, "after_cursor_execute", _begun)
    event.listen(engine, "checkin", _given_back)


def _begun(connection: Connection, cursor: Any, *_: Any) -> None:
    connection.info.setdefault(_CURSORS, WeakSet()).add(cursor)


def _given_back(raw: Any, record: Any) -> None:
    for cursor in record.info.pop(_CURSORS, ()):
        if raw is not None:
            cursor.close()
