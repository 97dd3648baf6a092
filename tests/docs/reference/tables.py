"""`docs/reference/tables.md`: every table of the database, from the code that makes it."""

from collections.abc import Iterator

from sqlalchemy import Column, Table
from sqlalchemy.dialects import postgresql, sqlite

from pricetrail.storage.tables import metadata
from tests.docs.reference import page, table

_LEAD = """\
What stands behind the views of [The database, for people with SQL](../sql.md). These tables may
change with any version: ask the views, or `pricetrail export`."""


def text() -> str:
    """The page."""
    parts = [part for _, each in sorted(metadata.tables.items()) for part in _table(each)]
    return page("Every table", _LEAD, parts)


def _table(each: Table) -> Iterator[str]:
    yield f"## `{each.name}`"
    yield table(("column", "on SQLite", "on Postgres", "is"), map(_column, each.columns))


def _column(column: Column[object]) -> tuple[str, ...]:
    types = (column.type.compile(dialect=dialect()) for dialect in _DIALECTS)
    marks = ["key"] if column.primary_key else [] if column.nullable else ["not null"]
    marks += [f"→ `{key.column.table.name}`" for key in column.foreign_keys]
    return (f"`{column.name}`", *types, ", ".join(marks))


_DIALECTS = (sqlite.dialect, postgresql.dialect)
