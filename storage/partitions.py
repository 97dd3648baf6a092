"""The months in which Postgres keeps single polls and attempts: made ahead, dropped when old.

`poll` and `attempt` grow with every poll and every try. Parted by months, what is older than
anybody wants goes as a file does; deleted row by row, it would leave as much for the vacuum to
find. On SQLite each is one table, and nothing here does anything.

Whoever writes never waits for a month to be made: rows of a month without a partition lie in the
default one (`poll_default`) until it has one, whatever a clock says. What is done here takes locks
that others queue behind, so it gives up after a moment and is tried again later.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import MAXYEAR, UTC, datetime

from sqlalchemy import Column, Connection, Table, func, select, table, text

from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError, StorageError

# So long at most others queue behind us.
_LOCK_TIMEOUT = "200ms"
_NAME = re.compile(r"_y(\d{4})m(\d{2})$")


@dataclass(frozen=True, slots=True)
class Parted:
    """A table that is parted by months: by which time, and what its rows refer to."""

    table: Table
    by: Column[datetime]
    refers_to: Table

    @property
    def default(self) -> str:
        """The partition of what no other one is for."""
        return f"{self.table.name}_default"

    def partition(self, month: datetime) -> str:
        """The partition of a month, by its beginning: `poll_y2026m11`."""
        return f"{self.table.name}_y{month.year:04}m{month.month:02}"


POLL = Parted(t.poll, t.poll.c.started_at, t.source)
ATTEMPT = Parted(t.attempt, t.attempt.c.at, t.delivery)


def month_of(moment: datetime) -> datetime:
    """The beginning of the month, of UTC, that a time lies in."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def following(month: datetime) -> datetime:
    """The beginning of the next month."""
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)


def make_ahead(database: Database, now: datetime) -> bool:
    """Have partitions for this month and the next; any number of processes may at once.

    False: one is missing still, as somebody holds the table or this role may make none. Nothing is
    lost: the default partition takes its rows, and they move once it is made.
    """
    if database.engine.dialect.name != "postgresql" or now.year >= MAXYEAR - 1:
        return True
    months = (month_of(now), following(month_of(now)))
    with database.read() as connection:
        missing = [
            (parted, month)
            for parted in (POLL, ATTEMPT)
            for month in set(months) - set(_months(connection, parted))
        ]
    made = [_made(database, parted, month) for parted, month in missing]
    return all(made)


def _made(database: Database, parted: Parted, month: datetime) -> bool:
    try:
        with database.write() as connection:
            make(connection, parted, month)
    except StorageError as error:
        if type(error) not in (StorageError, DatabaseUnavailableError):
            raise
        return False
    return True


def make(connection: Connection, parted: Parted, month: datetime) -> None:
    """Make the partition of a month, unless it is there; what the default one has of it moves.

    Readers and writers of the table go on meanwhile. Those of the default partition wait, as do
    writers of the table that is referred to: a few milliseconds.
    """
    name, parent, default = parted.partition(month), parted.table.name, parted.default
    begin, end = (f"'{one:%Y-%m-%d} 00:00:00+00'" for one in (month, following(month)))
    within = f"{parted.by.name} >= {begin} AND {parted.by.name} < {end}"
    moved = f"DELETE FROM {default} WHERE {within} RETURNING *"  # noqa: S608 - names and times of ours
    _give_up_soon(connection)
    # One process at a time makes any; then in the order in which whoever writes takes them.
    connection.execute(text(f"LOCK TABLE ONLY {parent} IN SHARE UPDATE EXCLUSIVE MODE"))
    if month in _months(connection, parted):
        return
    for statement in (
        f"LOCK TABLE {parted.refers_to.name} IN SHARE ROW EXCLUSIVE MODE",
        f"LOCK TABLE {default} IN ACCESS EXCLUSIVE MODE",
        f"CREATE TABLE {name} (LIKE {parent} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)",
        f"WITH moved AS ({moved}) INSERT INTO {name} SELECT * FROM moved",  # noqa: S608 - as above
        f"ALTER TABLE {parent} ATTACH PARTITION {name} FOR VALUES FROM ({begin}) TO ({end})",
    ):
        connection.execute(text(statement))


def before(database: Database, parted: Parted, moment: datetime) -> list[str]:
    """The partitions of the months that had ended by a time, oldest first."""
    if database.engine.dialect.name != "postgresql":
        return []
    with database.read() as connection:
        months = sorted(_months(connection, parted))
    return [parted.partition(month) for month in months if following(month) <= moment]


def drop(
    database: Database,
    parted: Parted,
    name: str,
    may_go: Callable[[Connection, str], bool] = lambda *_: True,
) -> int | None:
    """Drop a partition with all that is in it; how many rows those were, None where it stays.

    Args:
        may_go: asked before, in a transaction of its own; it may read every row.

    Raises:
        DatabaseUnavailableError: somebody holds the table; another try can help.
        StorageError: this role may not.
    """
    with database.read() as connection:
        if not may_go(connection, name):
            return None
        counted = select(func.count()).select_from(table(name))
        rows = int(connection.execute(counted).scalar_one())
    with database.write() as connection:
        _give_up_soon(connection)
        for one in (parted.refers_to.name, parted.table.name, parted.default):
            connection.execute(text(f"LOCK TABLE ONLY {one} IN ACCESS EXCLUSIVE MODE"))
        connection.execute(text(f"DROP TABLE IF EXISTS {name}"))
    return rows


def _give_up_soon(connection: Connection) -> None:
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT}'"))


def _months(connection: Connection, parted: Parted) -> list[datetime]:
    """The months that have a partition."""
    names = connection.execute(_PARTITIONS, {"parent": parted.table.name}).scalars()
    found = (_NAME.search(name) for name in names)
    return [datetime(int(one[1]), int(one[2]), 1, tzinfo=UTC) for one in found if one is not None]


_PARTITIONS = text(
    "SELECT part.relname FROM pg_catalog.pg_inherits "
    "JOIN pg_catalog.pg_class AS part ON part.oid = inhrelid "
    "WHERE inhparent = CAST(:parent AS regclass)"
)
