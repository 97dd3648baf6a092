"""One statement for many rows: on Postgres each is planned anew, and costs more than its rows."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Dialect,
    Executable,
    Text,
    bindparam,
    cast,
    column,
    func,
    select,
)
from sqlalchemy.types import TypeEngine

# Gives a value of the row that a statement is about.
Given = Callable[[str], ColumnElement[Any]]
# Else nobody knows how many rows were made.
_COUNTING = {"preserve_rowcount": True}


class ForEach:
    """A statement that is carried out for each of some rows, whose values have types by name.

    Args:
        statement: makes it from what gives the values of a row.
    """

    def __init__(
        self, types: Mapping[str, TypeEngine[Any]], statement: Callable[[Given], Executable]
    ) -> None:
        self._types = types
        self._statement = statement

    def run(self, connection: Connection, rows: Sequence[Mapping[str, object]]) -> int:
        """Carry it out; how many rows were changed or made."""
        if not rows:
            return 0
        if connection.dialect.name != "postgresql":
            given = [dict(row) for row in rows]
            return connection.execute(self._one_by_one, given, execution_options=_COUNTING).rowcount
        written = {"rows": self._written(rows, connection.dialect), "many": len(rows)}
        return connection.execute(self._at_once, written, execution_options=_COUNTING).rowcount

    def _written(self, rows: Sequence[Mapping[str, object]], dialect: Dialect) -> str:
        """The rows as one text: lists of values take the driver three times as long."""
        columns = [
            (name, kind.dialect_impl(dialect).bind_processor(dialect))
            for name, kind in self._types.items()
        ]
        found = [
            {name: bind(row[name]) if bind else row[name] for name, bind in columns} for row in rows
        ]
        return json.dumps(found, ensure_ascii=False, default=_text)

    @cached_property
    def _one_by_one(self) -> Executable:
        return self._statement(lambda name: bindparam(name, type_=self._types[name]))

    @cached_property
    def _at_once(self) -> Executable:
        columns = (column(name, kind) for name, kind in self._types.items())
        rows = func.json_to_recordset(cast(bindparam("rows", type_=Text()), JSON()))
        found = rows.table_valued(*columns).render_derived(name="found", with_types=True)
        # Told how many come, Postgres finds what they are about by an index.
        given = select(found).limit(bindparam("many")).subquery("given")
        return self._statement(lambda name: given.c[name])


def _text(value: object) -> str:
    """A value as Postgres reads it: each time and each byte is exact."""
    if isinstance(value, datetime):
        return value.isoformat()
    # The driver wraps bytes.
    held = getattr(value, "obj", value)
    if isinstance(held, bytes):
        return "\\x" + held.hex()
    raise TypeError(f"no value of a row: {type(value).__name__}")
