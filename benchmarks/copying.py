"""A database of one kind copied into one of the other, row by row."""

from sqlalchemy import Connection, Table, func, insert, select, text

from pricetrail.storage import tables as t
from pricetrail.storage.chunks import chunks
from pricetrail.storage.database import Database
from pricetrail.storage.schema import ensure

_ROWS = 2_000


def copy_to_postgres(source: Database, target: Database) -> None:
    """Copy all rows of a database into an empty one on Postgres, which knows its sizes then."""
    ensure(target)
    with source.read() as rows, target.write(long=True) as connection:
        for table in t.metadata.sorted_tables:
            for some in chunks(rows.execute(select(table)).mappings(), _ROWS):
                connection.execute(insert(table), [dict(row) for row in some])
            _go_on_counting(connection, table)
    with target.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        # As its autovacuum would.
        connection.execute(text("VACUUM ANALYZE"))


def _go_on_counting(connection: Connection, table: Table) -> None:
    """Let the next row have the number behind the last."""
    for column in table.primary_key:
        sequence = connection.execute(
            select(func.pg_get_serial_sequence(table.name, column.name))
        ).scalar()
        if sequence is not None:
            last = select(func.coalesce(func.max(column), 1)).scalar_subquery()
            connection.execute(select(func.setval(sequence, last)))
