"""How the place is in which a database lies: its server, its disk, its write-ahead log."""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from pricetrail.storage.database import Database


@dataclass(frozen=True, slots=True)
class DatabaseHealth:
    """`server` is its name and version; of a file, `size`, `log` (its write-ahead log's) and what
    is `free` on its disk, in bytes, what is `damaged` (None: nothing), and whether this user may
    write to it (it is `writable`). On Postgres all None.
    """

    server: str
    size: int | None = None
    log: int | None = None
    free: int | None = None
    damaged: str | None = None
    writable: bool | None = None


def health(database: Database) -> DatabaseHealth:
    """Look at a database that is there; a file's pages are checked, which reads all of it.

    Raises:
        StorageError: it cannot be read.
    """
    if database.sqlite_path is None:
        return DatabaseHealth(_server(database))
    path = Path(database.sqlite_path).resolve()
    log = path.with_name(f"{path.name}-wal")
    problem = database.damage()
    return DatabaseHealth(
        _server(database),
        path.stat().st_size,
        log.stat().st_size if log.exists() else 0,
        shutil.disk_usage(path.parent).free,
        None if problem is None else str(problem),
        all(os.access(place, os.W_OK) for place in (path, path.parent)),
    )


def _server(database: Database) -> str:
    with database.read() as connection:
        if connection.dialect.name == "sqlite":
            return f"SQLite {connection.execute(text('SELECT sqlite_version()')).scalar_one()}"
        return f"PostgreSQL {connection.execute(text('SHOW server_version')).scalar_one()}"
