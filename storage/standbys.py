"""Commits that wait for a standby which does not answer: Postgres lets them wait without end."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, text

# A standby that is restarted takes less.
LONG = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Waiting:
    """How many commits wait, and how long the first of them has."""

    commits: int
    longest: timedelta


def waiting(connection: Connection, least: timedelta | None = None) -> Waiting | None:
    """The commits that have waited for a synchronous standby; None where none has, or on SQLite.

    Those in this database, by roles of which this one may see what they do.

    Args:
        least: how long at least; None: `LONG`.
    """
    if connection.dialect.name == "sqlite":
        return None
    commits, longest = connection.execute(
        _WAITING, {"least": LONG if least is None else least}
    ).one()
    return Waiting(commits, longest) if commits else None


_WAITING = text(
    "SELECT count(*), max(waited) FROM ("
    "SELECT clock_timestamp() - state_change AS waited FROM pg_stat_activity "
    "WHERE datname = current_database() AND wait_event = 'SyncRep'"
    ") AS commits WHERE waited >= :least"
)
