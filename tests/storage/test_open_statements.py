"""A reading that failed half way holds up nobody who writes, however long its error is kept."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import CursorResult, text

from pricetrail.storage.database import Database


class UnreadableError(Exception):
    """A value that cannot be read, and the rows that it stood in."""

    def __init__(self, rows: CursorResult[Any]) -> None:
        super().__init__()
        self.rows = rows


@pytest.mark.parametrize("failing", [True, False])
def test_a_statement_is_over_with_its_transaction(sqlite_url: str, failing: bool) -> None:
    database = Database(sqlite_url)
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (i INTEGER)"))
        connection.execute(text("INSERT INTO t VALUES (1), (2), (3)"))

    def read() -> CursorResult[Any]:
        with database.read() as connection:
            rows = connection.execute(text("SELECT i FROM t"))
            assert next(iter(rows)) == (1,)
            if failing:
                raise UnreadableError(rows)
            return rows

    if failing:
        with pytest.raises(UnreadableError) as kept:
            read()
        rows = kept.value.rows
    else:
        rows = read()
    # Whoever waits for no lock finds none.
    with closing(sqlite3.connect(str(database.sqlite_path), timeout=0)) as other:
        other.execute("BEGIN EXCLUSIVE")
    assert rows.closed is False
    database.close()
