"""Every row of a database, to be compared with those of another that came to be otherwise."""

from typing import Any

from sqlalchemy import Column, Connection, Table, select

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database

Rows = dict[str, list[str]]


def all_rows(database: Database) -> Rows:
    """Every row of every table, in no order.

    Where the database numbers rows, they are numbered anew by their order: a server gives out no
    number twice, though the row for which it did never came to be.
    """
    with database.read() as connection:
        numbers = {column: _numbers(connection, column) for column in _numbered()}
        return {
            table.name: sorted(_rows(connection, table, numbers))
            for table in t.metadata.sorted_tables
        }


def _numbered() -> list[Column[Any]]:
    """The columns of numbers that a database gives out."""
    return [
        column
        for table in t.metadata.sorted_tables
        for column in table.c
        if column.identity is not None or table.autoincrement_column is column
    ]


def _numbers(connection: Connection, column: Column[Any]) -> dict[int, int]:
    found = connection.execute(select(column).order_by(column)).scalars()
    return {number: place for place, number in enumerate(found, 1)}


def _rows(
    connection: Connection, table: Table, numbers: dict[Column[Any], dict[int, int]]
) -> list[str]:
    anew = [_meaning(column, numbers) for column in table.c]
    return [
        repr([known.get(value, value) for known, value in zip(anew, row, strict=True)])
        for row in connection.execute(select(table))
    ]


def _meaning(column: Column[Any], numbers: dict[Column[Any], dict[int, int]]) -> dict[int, int]:
    """What each number of a column is anew, by the column that it refers to in the end."""
    for key in column.foreign_keys:
        if found := _meaning(key.column, numbers):
            return found
    return numbers.get(column, {})
