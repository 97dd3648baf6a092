"""What a Postgres session must be like for us, whatever role, database, pooler or environment say.

A pooler in transaction mode gives each transaction a session that others have used and refuses
settings at its start: so every transaction brings its own, by the one statement that begins it.
"""

from functools import lru_cache
from typing import Any

from sqlalchemy import URL, Connection, exc

from pricetrail.storage import addresses
from pricetrail.storage.errors import DatabaseUrlError, StorageError

# Seconds. A holder that stands still inside a transaction (a replica that was stopped, a network
# that is gone) is thrown out before those give up who wait for its locks.
LOCK_TIMEOUT = 30
_IDLE_IN_WRITE = 25
# An import may read a large body between two statements.
_IDLE_IN_LONG_WRITE = 300
# An export may go as slowly as it is read; nobody waits for it but a migration.
_IDLE_IN_READ = 3600
_STATEMENT = 600

_WRITE = "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE NOT DEFERRABLE"
_READ = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY NOT DEFERRABLE"
_SETTINGS = {
    "client_encoding": "UTF8",
    "DateStyle": "ISO",
    "TimeZone": "UTC",
    "IntervalStyle": "postgres",
    "bytea_output": "hex",
    "extra_float_digits": "1",
    "standard_conforming_strings": "on",
    # Rows that a policy would hide are an error and no answer without them.
    "row_security": "off",
    "lock_timeout": f"{LOCK_TIMEOUT}s",
}
# What is told to be written must be on the disk; whoever asks for replicas as well, keeps that.
_DURABLE = (
    "set_config('synchronous_commit', CASE current_setting('synchronous_commit') "
    "WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, true)"
)
# Planning takes longer than what is planned, where a statement is about few rows.
_PREPARED_AFTER = 3
# Known of a connection: that the URL says when its statements are prepared.
_ASKED_FOR = "prepared as asked for"
_OWN_PARAMETERS = ("schema", "prepare_threshold")


def connect_url(url: URL) -> URL:
    """The URL without the parameters that are pricetrail's own."""
    return url.difference_update_query(_OWN_PARAMETERS)


def connect_args(url: URL) -> dict[str, Any]:
    """How to connect: nothing is left to the environment's PGOPTIONS and its like.

    Raises:
        DatabaseUrlError: a parameter of the URL that cannot be used.
    """
    ours: dict[str, Any] = {
        "connect_timeout": 10,
        "application_name": "pricetrail",
        "client_encoding": "UTF8",
        "options": "",
        # A host that is gone is noticed within a minute.
        "keepalives": 1,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,
    }
    if len(addresses.several(url)) > 1:
        # Of a primary and its standbys: that one which can be written to, whichever it is by now.
        ours["target_session_attrs"] = "read-write"
    chosen = {key: value for key, value in ours.items() if key not in url.query}
    return chosen | {"prepare_threshold": _prepare_threshold(url)}


def _prepare_threshold(url: URL) -> int | None:
    """After how many times a statement is prepared on the server: a pooler may not bear it."""
    wanted = url.query.get("prepare_threshold")
    return None if wanted is None else int(str(wanted))


def begin(
    connection: Connection,
    schema: str | None,
    *,
    writes: bool,
    long: bool = False,
    often: bool = False,
) -> None:
    """Begin a transaction, with the settings that hold in it, in one round trip.

    Args:
        often: its statements are prepared, where this is the server itself and no pooler.
    """
    raw = connection.connection.driver_connection
    if raw is not None:
        # Our own statement begins it, and not one of the driver's.
        raw.autocommit = True
    found = run(connection, _beginning(schema, writes, long))
    if raw is None:
        return
    if not connection.info.setdefault(_ASKED_FOR, raw.prepare_threshold is not None):
        # Whoever stands in between gave the connection a number of its own when it was made.
        is_direct = bool(found) and found[0][-1] == raw.info.backend_pid
        raw.prepare_threshold = _PREPARED_AFTER if often and is_direct else None


def give_back(raw: Any, _record: Any) -> None:
    """Leave a connection to the pool as the driver makes it."""
    if raw is not None and not raw.closed:
        raw.autocommit = False


@lru_cache
def _beginning(schema: str | None, writes: bool, long: bool) -> str:
    idle = (_IDLE_IN_LONG_WRITE if long else _IDLE_IN_WRITE) if writes else _IDLE_IN_READ
    settings = _SETTINGS | {
        "idle_in_transaction_session_timeout": f"{idle}s",
        "statement_timeout": "0" if long else f"{_STATEMENT}s",
    }
    if schema is not None:
        # Temporary tables of the session last: they would come before ours.
        name = schema.replace('"', '""')
        settings["search_path"] = f'"{name}", pg_temp'
    calls = [f"set_config('{name}', {_literal(value)}, true)" for name, value in settings.items()]
    told = ", ".join([*calls, _DURABLE, "pg_backend_pid()"])
    return f"{_WRITE if writes else _READ}; SELECT {told}"


def _literal(text: str) -> str:
    # Alike whether or not backslashes are escapes in this session.
    return "E'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def run(connection: Connection, statement: str, *values: str) -> list[tuple[Any, ...]]:
    """Run SQL as it stands, beside SQLAlchemy; the rows of its last statement.

    Raises:
        sqlalchemy.exc.DBAPIError: as for any other statement.
    """
    raw = connection.connection.driver_connection
    if raw is None:
        return []
    driver_error = connection.dialect.loaded_dbapi.Error
    try:
        cursor = raw.execute(statement, values or None, prepare=False)
        while cursor.nextset():
            pass
        return list(cursor.fetchall()) if cursor.description else []
    except driver_error as error:
        connection.invalidate(error)
        raise exc.OperationalError(statement, None, error) from error


def schema_of(connection: Connection, url: URL) -> str:
    """The schema of our tables, for a database whose search_path is not to decide.

    What the URL names (`?schema=NAME`, or a search_path in its `options`) holds. Else it is the
    one that has our tables; among several the first on the search_path, then `public`; and where
    none has: what the search_path names first, else `public`.

    Raises:
        StorageError: the schema that was named is not there.
        DatabaseUrlError: several schemas have our tables, and nothing says which is meant.
    """
    wanted = url.query.get("schema")
    if wanted is not None:
        return _require_schema(connection, str(wanted))
    found = run(connection, _WHERE_OURS)
    first = str(run(connection, "SELECT coalesce(pg_catalog.current_schema(), 'public')")[0][0])
    if not found or "search_path" in str(url.query.get("options", "")):
        return first
    best = [str(name) for name, rank in found if rank == found[0][1]]
    if len(best) > 1:
        names = ", ".join(best)
        raise DatabaseUrlError(
            f"several schemas have tables of pricetrail ({names}): name one in database_url with "
            "?schema=NAME"
        )
    return best[0]


def _require_schema(connection: Connection, name: str) -> str:
    there = run(connection, "SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = %s", name)
    if not there:
        raise StorageError(
            f"database_url names the schema {name!r}, which is not there: CREATE SCHEMA makes it"
        )
    return name


# Ranked: those on the search_path in its order, then `public`, then the rest, all alike.
_WHERE_OURS = """
SELECT name, coalesce(
  array_position(pg_catalog.current_schemas(false), name),
  CASE name WHEN 'public' THEN 1000000 ELSE 2000000 END) AS rank
FROM (
  SELECT n.nspname AS name
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relname IN ('alembic_version', 'snapshot')
    AND c.relkind IN ('r', 'p') AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  GROUP BY n.nspname HAVING count(*) = 2
) ours ORDER BY rank, name
"""
