"""A consistent copy of a database that is in use, and the file written anew without gaps."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from pricetrail.files.atomic import PRIVATE, Target, writing
from pricetrail.storage.database import BUSY_TIMEOUT, Database
from pricetrail.storage.errors import SchemaVersionError, StorageError

# Pages between two looks at the time; other processes write in between.
_STEP_PAGES = 2000


def backup(
    database: Database,
    target: Target,
    progress: Callable[[int, int], object] | None = None,
    *,
    force: bool = False,
    schema: str | None = None,
) -> int:
    """Copy an SQLite database to a file, checked, and only then under its name; its bytes.

    Its owner alone may read it.

    Args:
        progress: told (pages done, pages in all).
        force: in place of a file that is there.
        schema: the one that it must still have.

    Raises:
        StorageError: not an SQLite file.
        SchemaVersionError: another schema than that; what is there stays.
        DamagedError: the database is damaged, and so would be the copy.
        TargetExistsError, UnwritableError: see `pricetrail.files.atomic.writing`.
    """
    if database.sqlite_path is None:
        raise StorageError("this database is on a server: make its copies with pg_dump")
    with writing(target, PRIVATE, force=force) as stream:
        try:
            _copy(database, database.sqlite_path, Path(stream.name), progress)
        except sqlite3.Error as error:
            raise database.damage() or StorageError(f"cannot write {target}: {error}") from None
        if schema is not None:
            _require_schema(Path(stream.name), schema)
    return target.stat().st_size


def _require_schema(copy: Path, schema: str) -> None:
    connection = sqlite3.connect(copy)
    try:
        [found] = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    finally:
        connection.close()
    if found != schema:
        raise SchemaVersionError(f"the database has schema {found} by now, and no more {schema}")


def compact(database: Database) -> tuple[int, int]:
    """Write an SQLite file anew without the room that rows left behind; its bytes before, after.

    Rows that come in no order of their key fill the pages of a file to some four fifths; this is
    to the database what `git gc` is to a repository.

    Raises:
        StorageError: not an SQLite file, or another process is using it.
    """
    if database.sqlite_path is None:
        raise StorageError("this database is on a server, which manages its own disk space")
    # Written anew, a damaged file would look sound, less what could not be read.
    database.require_sound()
    file = Path(database.sqlite_path)
    before = file.stat().st_size
    connection = sqlite3.connect(file, timeout=BUSY_TIMEOUT, isolation_level=None)
    try:
        connection.execute("VACUUM")
        [busy, *_] = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    except sqlite3.Error as error:
        raise StorageError(f"{file} stays as it is: {error}; try again, with room left") from None
    finally:
        connection.close()
    if busy:
        raise StorageError(f"{file} is being read: it shrinks once nobody does; try again then")
    return before, file.stat().st_size


def _copy(
    database: Database, path: str, part: Path, progress: Callable[[int, int], object] | None
) -> None:
    source = sqlite3.connect(path, timeout=30)
    copy = sqlite3.connect(part)
    try:
        source.backup(
            copy,
            pages=_STEP_PAGES,
            progress=lambda _, left, total: progress(total - left, total) if progress else None,
        )
        [found] = copy.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            why = f"the copy is damaged, and so may be {path}: {found}"
            raise database.damage() or StorageError(why)
    finally:
        copy.close()
        source.close()
