"""The database that a history moves into: new or empty, and nobody else's until it is whole."""

from sqlalchemy import Column, Connection, Table, func, literal, select, text

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.storage import schema
from pricetrail.storage import tables as t
from pricetrail.storage.moving.copying import TABLES
from pricetrail.storage.upsert import one_writer


def require_empty(connection: Connection) -> None:
    """Check that there is nothing yet: no table, or those of this schema without a row.

    Raises:
        ForeignDatabaseError, SchemaVersionError: as `schema.version` and `schema.require_version`.
        InvalidInputError: it has a history already.
    """
    found = schema.version(connection)
    if found is None:
        return
    schema.require_version(found)
    for table in TABLES:
        query = select(literal(1)).select_from(table).limit(1)
        if connection.execute(query).first() is not None:
            raise InvalidInputError(
                f"the new database is not empty (its table {table.name} has rows): name a new one; "
                "where a move was cut off at its end it is whole, and `pricetrail head` says the "
                "same of both"
            )


def occupy(connection: Connection) -> None:
    """Make the tables, and let nobody write to them until this transaction ends.

    Raises:
        As `require_empty`: somebody may have been first.
    """
    schema.migrate(connection)
    for table in TABLES:
        one_writer(connection, table)
    require_empty(connection)


def keep_numbering(origin: Connection, goal: Connection) -> None:
    """Let Postgres number the next rows as the other database would have.

    SQLite needs no telling: there the next number is one above the highest.
    """
    if goal.dialect.name != "postgresql":
        return
    for table in TABLES:
        for column in table.primary_key:
            sequence = _sequence(goal, table, column)
            if sequence is not None:
                last = max(_last_of_sequence(origin, table, column), _highest(origin, column))
                goal.execute(_SET, {"sequence": sequence, "last": max(last, 1), "used": last > 0})


def _sequence(connection: Connection, table: Table, column: Column[int]) -> str | None:
    query = text("SELECT pg_get_serial_sequence(:table, :column)")
    names = {"table": f'"{table.name}"', "column": column.name}
    found: str | None = connection.execute(query, names).scalar()
    return found


def _last_of_sequence(connection: Connection, table: Table, column: Column[int]) -> int:
    """The last number that was given out, though its row may be gone; 0 where none was."""
    if connection.dialect.name != "postgresql":
        return 0
    name = _sequence(connection, table, column)
    if name is None:
        return 0
    # The server quotes the name where it has to.
    row = connection.execute(text(f"SELECT last_value, is_called FROM {name}")).one()  # noqa: S608 - a name of the server's own
    return int(row.last_value) if row.is_called else 0


def _highest(connection: Connection, column: Column[int]) -> int:
    """The highest number of a row that is there, or was one of a source that was removed."""
    columns = [column, _OF_REMOVED[column]] if column in _OF_REMOVED else [column]
    highest = (connection.execute(select(func.max(one))).scalar() for one in columns)
    return max(number or 0 for number in highest)


_OF_REMOVED = {
    t.source.c.id: t.removed_source.c.id,
    t.event.c.number: t.removed_source.c.last_event,
}


_SET = text("SELECT setval(CAST(:sequence AS regclass), :last, :used)")
