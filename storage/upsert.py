"""Rows that may be there already, made without looking first: another replica may be as quick.

Looking and then inserting is right on SQLite alone, where one writer is at work at a time. On
Postgres two transactions may both look before either inserts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, text

Row = Mapping[str, Any]


def insert_or_skip(connection: Connection, table: Table, rows: Sequence[Row]) -> int:
    """Insert rows, but those whose key is taken; how many are new.

    Waits for a transaction that is inserting the same key; once it has committed, a statement
    that follows sees its row.
    """
    if not rows:
        return 0
    statement = insert_of(connection.dialect.name)(table).on_conflict_do_nothing()
    keeping = {"preserve_rowcount": True}
    return connection.execute(statement, list(rows), execution_options=keeping).rowcount


def upsert(
    connection: Connection,
    table: Table,
    row: Row,
    instead: Mapping[str, ColumnElement[Any]] | None = None,
) -> None:
    """Insert a row, or change the one with the same primary key.

    Args:
        instead: what a row that is there gets, by column; by default the values of `row`.
    """
    statement = insert_of(connection.dialect.name)(table)
    keys = [column.name for column in table.primary_key]
    changed = instead or {name: statement.excluded[name] for name in row if name not in keys}
    statement = statement.on_conflict_do_update(index_elements=keys, set_=changed)
    connection.execute(statement, dict(row))


def one_writer(connection: Connection, table: Table) -> None:
    """Let no other transaction write to a table until this one ends; it may still be read.

    For what must be read, reckoned and written anew. SQLite has one writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f'LOCK TABLE "{table.name}" IN SHARE ROW EXCLUSIVE MODE'))


def insert_of(dialect: str) -> Callable[[Table], Any]:
    """A database's own `insert`, which knows what to do with a row that is there."""
    # Not at the top: the other database's half of SQLAlchemy is a tenth of a short command.
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - see above

        return postgresql.insert
    from sqlalchemy.dialects import sqlite  # noqa: PLC0415 - see above

    return sqlite.insert
