"""One statement for many rows: on Postgres each is planned anew, and costs more than its rows."""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Connection, Executable, bindparam, func
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
        lists = {name: [row[name] for row in rows] for name in self._types}
        return connection.execute(self._at_once, lists, execution_options=_COUNTING).rowcount

    @cached_property
    def _one_by_one(self) -> Executable:
        return self._statement(lambda name: bindparam(name, type_=self._types[name]))

    @cached_property
    def _at_once(self) -> Executable:
        lists = (bindparam(name, type_=ARRAY(kind)) for name, kind in self._types.items())
        given = func.unnest(*lists).table_valued(*self._types, name="given").render_derived()
        return self._statement(lambda name: given.c[name])
