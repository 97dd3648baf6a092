"""Every row of a table read in one database and written into another."""

from collections.abc import Callable, Iterator, Sequence

from sqlalchemy import Connection, Table, exc, func, insert, select

from pricetrail.storage import tables as t
from pricetrail.storage.errors import UnstorableError
from pricetrail.storage.moving.values import Content, as_stored, holds_long_values
from pricetrail.storage.types import AnyRow

# So many rows are in memory at a time; few of those that may have megabytes each.
_ROWS, _LONG_ROWS = 1000, 20

# In an order in which no row refers to one that is yet to come.
TABLES: Sequence[Table] = t.metadata.sorted_tables


def count_rows(connection: Connection) -> int:
    """How many rows all tables have."""
    counts = (select(func.count()).select_from(table) for table in TABLES)
    return sum(connection.execute(count).scalar_one() for count in counts)


def copy(
    origin: Connection, goal: Connection, table: Table, advance: Callable[[int], object]
) -> Content:
    """Copy a table's rows into the same table, which is empty; what they hold.

    Args:
        advance: told after each batch how many rows more are done.

    Raises:
        UnstorableError: a value that the other database does not take, and where it stands.
    """
    content, target = Content(), as_stored(table)
    check = _refuse_nul if goal.dialect.name == "postgresql" else _take_all
    for rows in _batches(origin, table):
        for row in rows:
            check(table, row)
            content.add(row)
        try:
            goal.execute(insert(target), [row._asdict() for row in rows])
        except (exc.DataError, exc.IntegrityError, OverflowError) as error:
            cause = " ".join(str(getattr(error, "orig", error)).split())
            raise UnstorableError(f"{table.name}: the new database refuses: {cause}") from None
        advance(len(rows))
    return content


def content(connection: Connection, table: Table, advance: Callable[[int], object]) -> Content:
    """What a table's rows hold; `advance` as for `copy`."""
    found = Content()
    for rows in _batches(connection, table):
        for row in rows:
            found.add(row)
        advance(len(rows))
    return found


def _batches(connection: Connection, table: Table) -> Iterator[Sequence[AnyRow]]:
    stored = as_stored(table)
    size = _LONG_ROWS if holds_long_values(table) else _ROWS
    query = select(stored).order_by(*stored.primary_key)
    options = {"stream_results": True, "yield_per": size}
    with connection.execute(query, execution_options=options) as rows:
        yield from rows.partitions()


def _refuse_nul(table: Table, row: AnyRow) -> None:
    """A character that SQLite keeps and Postgres does not."""
    for column, value in zip(table.c, row, strict=True):
        if isinstance(value, str) and "\0" in value:
            values = row._asdict()
            key = ", ".join(f"{one.name} {values[one.name]!r}" for one in table.primary_key)
            raise UnstorableError(
                f"{table.name}.{column.name} ({key}) holds a NUL character, which Postgres does "
                "not keep: take it out with SQL, in a copy of the database"
            )


def _take_all(_table: Table, _row: AnyRow) -> None:
    pass
