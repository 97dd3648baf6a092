"""Whether the pages of an SQLite file fit together: looked at before we write, again and again.

Writing into a damaged file makes more damage, and hides how much of it can be rescued.
"""

import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

# Up to this size the whole check takes at most a quarter of a second.
_SMALL = 64 * 1024 * 1024
_AGAIN_AFTER = 3600.0
_MAGIC = b"SQLite format 3\x00"
_LOOKED_AT = 4 * 1024 * 1024


class Soundness:
    """What is known about one file, as a process goes on.

    A small file is checked before a process writes for the first time, and then every hour, with
    its indexes; a large one once a day by whichever process comes first, without them.
    """

    def __init__(self) -> None:
        self.problem: str | None = None
        self._checked_at: float | None = None
        self._lock = threading.Lock()

    def forget(self) -> None:
        """Know nothing: it is another file now."""
        with self._lock:
            self.problem = self._checked_at = None

    def look(self, raw: Any) -> str | None:
        """What is wrong with the file of a driver's connection, checked anew where it is time to.

        Raises:
            sqlite3.Error: it cannot be looked at now.
        """
        with self._lock:
            now = time.monotonic()
            due = self._checked_at is None or now - self._checked_at > _AGAIN_AFTER
            if self.problem is None and due:
                self.problem = _check(raw)
                self._checked_at = now
            return self.problem


def _check(raw: Any) -> str | None:
    try:
        is_small = _size(raw) <= _SMALL
    except sqlite3.DatabaseError as error:
        # Where the schema itself is damaged, SQLite answers no question.
        return _corruption(error)
    if is_small:
        return _problem(raw, "integrity_check")
    today = datetime.now(UTC).date().toordinal()
    # The one number that a file keeps for its application: the day of the last check.
    if _number(raw, "user_version") == today:
        return None
    problem = _problem(raw, "quick_check")
    if problem is None:
        raw.execute(f"PRAGMA user_version = {today}")
    return problem


def _size(raw: Any) -> int:
    return _number(raw, "page_count") * _number(raw, "page_size")


def _number(raw: Any, pragma: str) -> int:
    return int(raw.execute(f"PRAGMA {pragma}").fetchone()[0])


def _problem(raw: Any, check: str) -> str | None:
    """What a check of SQLite's says; None where all is well.

    Raises:
        sqlite3.Error: it cannot be made, for another reason than that something is wrong.
    """
    try:
        [found] = raw.execute(f"PRAGMA {check}(1)").fetchone()
    except UnicodeDecodeError:
        # The driver stumbles over what SQLite says of a table's name.
        return "its schema is no text"
    except sqlite3.DatabaseError as error:
        return _corruption(error)
    return None if found == "ok" else str(found)


def _corruption(error: sqlite3.DatabaseError) -> str:
    """What SQLite says of a damaged file; any other error is raised again."""
    if error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_CORRUPT:
        return str(error)
    raise error


def problem_of(path: str) -> str | None:
    """What is wrong with a file, as far as can be told; None where it is sound, or no file."""
    try:
        connection = sqlite3.connect(f"{Path(path).resolve().as_uri()}?mode=ro", uri=True)
    except sqlite3.Error:
        return None
    try:
        return _problem(connection, "integrity_check" if _is_small(path) else "quick_check")
    except (sqlite3.Error, OSError) as error:
        no_database = getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_NOTADB
        return str(error) if no_database and was_database(path) else None
    finally:
        connection.close()


def _is_small(path: str) -> bool:
    return Path(path).stat().st_size <= _SMALL


def was_database(path: str) -> bool:
    """Whether a file that SQLite does not take for a database is the rest of one."""
    try:
        with Path(path).open("rb") as file:
            start = file.read(_LOOKED_AT)
    except OSError:
        return False
    return start.startswith(_MAGIC) or b"CREATE TABLE alembic_version" in start
