"""A new SQLite database is migrated once a process, and from then on made as that one became.

A test has a database of its own where a user makes one in a lifetime: going through all migrations
each time would take a fifth of the suite. What is about them calls `really`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, inspect

_BRACKETS = ("BEGIN TRANSACTION;", "COMMIT;")


class Migrated:
    """Does what Alembic's `upgrade` does, of an empty SQLite file by heart."""

    def __init__(self) -> None:
        self._upgrade = command.upgrade
        self._statements: list[str] = []
        self.by_heart = True

    def __call__(self, config: Config, revision: str, *more: Any, **options: Any) -> None:
        """Bring the connection's database to the newest schema."""
        connection: Connection | None = config.attributes.get("connection")
        if (
            not self.by_heart
            or connection is None
            or connection.dialect.name != "sqlite"
            or revision != "head"
            or inspect(connection).get_table_names()
        ):
            self._upgrade(config, revision, *more, **options)
        elif self._statements:
            for statement in self._statements:
                connection.exec_driver_sql(statement)
        else:
            self._upgrade(config, revision, *more, **options)
            self._statements = dumped(connection)


def dumped(connection: Connection) -> list[str]:
    """What makes a database like this one."""
    driver = connection.connection.driver_connection
    assert driver is not None
    return [line for line in driver.iterdump() if line not in _BRACKETS]


_migrated = Migrated()


def share() -> None:
    """Have every database that is made from here on be made by heart."""
    command.upgrade = _migrated


@contextmanager
def really() -> Iterator[None]:
    """Go through every migration meanwhile."""
    before, _migrated.by_heart = _migrated.by_heart, False
    try:
        yield
    finally:
        _migrated.by_heart = before
