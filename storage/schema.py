"""The schema's version: prepared at first start, checked at every one."""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from pricetrail.catalog.errors import NotFoundError, PricetrailError
from pricetrail.storage import postgres
from pricetrail.storage.database import Database
from pricetrail.storage.errors import ForeignDatabaseError, SchemaVersionError, StorageError

if TYPE_CHECKING:
    from alembic.config import Config


def _revisions() -> list[str]:
    """The schemas that migrations lead to, oldest first: their files are named for them."""
    folder = Path(__file__).parents[1] / "migrations" / "versions"
    return sorted(file.name[1:5] for file in folder.glob("v[0-9]*.py"))


# From a schema older than the first, one of before the first release, the way is an export.
OLDEST, *_, HEAD = _revisions()
_LOCK = 7_203_941_188
_VERSION = "SELECT version_num FROM alembic_version"
_VERSION_AFTER_UPGRADES = f"SELECT pg_advisory_xact_lock_shared({_LOCK}); {_VERSION}"


def prepare(url: str) -> None:
    """Bring an empty database to the current schema; leave a current one as it is.

    Raises:
        ForeignDatabaseError: tables are there that are not ours.
        SchemaVersionError: the schema is behind or ahead of this program.
    """
    database = Database(url)
    try:
        ensure(database)
    finally:
        database.close()


def ensure(database: Database) -> None:
    """As `prepare`, for a database that is open; its file's folder must exist."""
    found = current(database)
    # Whoever may make a database is about to write.
    database.require_sound()
    if found is None:
        upgrade(database)
    else:
        require_version(found)
    if database.engine.dialect.name == "postgresql":
        from pricetrail.storage import partitions  # noqa: PLC0415 - it declares tables, for a server

        partitions.make_ahead(database, database.now())


def require(database: Database) -> None:
    """Check, without making anything, that there is a database of ours to read from.

    Raises:
        NotFoundError: there is no database yet.
        SchemaVersionError, ForeignDatabaseError: as `prepare`.
    """
    missing = "no database yet: run `pricetrail poll` or `pricetrail import` first"
    if is_missing(database):
        raise NotFoundError(f"{database.sqlite_path}: {missing}")
    found = current(database)
    if found is None:
        raise NotFoundError(missing)
    require_version(found)


def hold(database: Database) -> None:
    """Have nothing written from now on where the schema is another than this program needs.

    Somebody may upgrade it under a process that goes on: `write` raises `SchemaVersionError` then.
    """
    database.before_write = _require_current


def _require_current(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        # An upgrade that is under way is waited for, so that it is seen; one that comes waits.
        found = postgres.run(connection, _VERSION_AFTER_UPGRADES)
    else:
        found = [tuple(row) for row in connection.exec_driver_sql(_VERSION)]
    for [number] in found:
        require_version(str(number))


def changed(database: Database, error: Exception) -> SchemaVersionError | None:
    """What to say where the schema changed under this process, which may explain an error."""
    if isinstance(error, SchemaVersionError):
        return error
    if isinstance(error, PricetrailError) and type(error) is not StorageError:
        return None
    try:
        require(database)
    except SchemaVersionError as problem:
        return problem
    except PricetrailError:
        pass  # what it is about is being told already
    return None


def is_missing(database: Database) -> bool:
    """Whether this is an SQLite file that is not there yet: whoever writes makes it.

    One that cannot be looked at is there: whoever opens it says what is wrong.
    """
    if database.sqlite_path is None:
        return False
    try:
        return not Path(database.sqlite_path).exists()
    except OSError:
        return False


def current(database: Database) -> str | None:
    """The schema's version; None for an empty database, and for a file that is yet to be made.

    Raises:
        ForeignDatabaseError: as `prepare`.
        DamagedError: it is ours, and damaged.
    """
    if is_missing(database):
        return None
    try:
        with database.read() as connection:
            found = version(connection)
    except ForeignDatabaseError:
        _require_undamaged(database)
        raise
    if found != HEAD:
        # The list of tables may be what is damaged: nothing must be made in its place.
        _require_undamaged(database)
    return found


def _require_undamaged(database: Database) -> None:
    damage = database.damage()
    if damage is not None:
        raise damage


def require_way(found: str | None) -> None:
    """Check that migrations lead from a schema to the current one.

    Raises:
        SchemaVersionError: it is newer than this program, or older than its first release.
    """
    if found is not None and found < OLDEST:
        raise SchemaVersionError(
            f"the database has schema {found}, of a pricetrail before its first release: run "
            "`pricetrail export observations` with that one, and `pricetrail import` with this"
        )
    if found is not None and found > HEAD:
        raise SchemaVersionError(
            f"the database has schema {found}, which is newer than this pricetrail ({HEAD}): "
            "install the newer pricetrail"
        )


def upgrade(database: Database) -> None:
    """Migrate to the current schema, one process at a time.

    Raises:
        SchemaVersionError: as `require_way`.
        StorageError: a server's database that cannot hold every letter.
    """
    with database.write(long=True) as connection:
        migrate(connection)
    database.prefer_wal()


def migrate(connection: Connection) -> None:
    """Migrate to the current schema within a transaction that goes on.

    Raises:
        SchemaVersionError, StorageError: as `upgrade`.
    """
    from alembic import command  # noqa: PLC0415 - 0.5 s, only to migrate

    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        _require_unicode(connection)
    # Another process may have been first while this one waited for the lock.
    found = version(connection)
    require_way(found)
    if found != HEAD:
        config = _alembic()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _require_unicode(connection: Connection) -> None:
    encoding = connection.execute(text("SHOW server_encoding")).scalar_one()
    # SQL_ASCII takes any bytes, and ours are UTF-8.
    if encoding not in ("UTF8", "SQL_ASCII"):
        raise StorageError(
            f"the database's encoding is {encoding}, which has not all letters: make one with "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        )


def _alembic() -> "Config":
    from alembic.config import Config  # noqa: PLC0415 - 0.5 s, only to migrate

    config = Config()
    config.set_main_option("script_location", "pricetrail:migrations")
    return config


def version(connection: Connection) -> str | None:
    """The schema's version; None for an empty database.

    Raises:
        ForeignDatabaseError: its tables are not ours.
    """
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables and "snapshot" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return str(found) if found is not None else None
    if tables - {"alembic_version"}:
        some = ", ".join(sorted(tables)[:3])
        raise ForeignDatabaseError(
            f"this database is not pricetrail's (it has the tables {some}): "
            "name an empty one in database_url"
        )
    return None


def require_version(found: str) -> None:
    """Check that a schema is the one that this program needs.

    Raises:
        SchemaVersionError: it is not; what to do.
    """
    require_way(found)
    if found != HEAD:
        raise SchemaVersionError(
            f"the database has schema {found}, this pricetrail needs {HEAD}: "
            "run `pricetrail db upgrade`"
        )
