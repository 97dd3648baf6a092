"""The ids of requests that a file has named already, in bounded memory."""

import hashlib
import sqlite3
import tempfile
from pathlib import Path

# About 20 MB; what comes after waits on disk, 40 bytes or so for each id.
_IN_MEMORY = 100_000
_DIGEST = 16
_CREATE = "CREATE TABLE request (digest BLOB PRIMARY KEY, line INTEGER) WITHOUT ROWID"
_INSERT = "INSERT OR IGNORE INTO request VALUES (?, ?)"
_SELECT = "SELECT line FROM request WHERE digest = ?"


class SeenRequests:
    """By a hash of its id, the line on which each request came first."""

    def __init__(self, in_memory: int = _IN_MEMORY) -> None:
        self._limit = in_memory
        self._lines: dict[bytes, int] = {}
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._disk: sqlite3.Connection | None = None

    def first_line(self, request: str, line: int) -> int | None:
        """The line that named this request before; None where this one is the first."""
        digest = hashlib.blake2b(request.encode(), digest_size=_DIGEST).digest()
        if self._disk is None:
            first = self._lines.get(digest)
            if first is None and len(self._lines) < self._limit:
                self._lines[digest] = line
                return None
            if first is not None:
                return first
            self._disk = self._spill()
        if self._disk.execute(_INSERT, (digest, line)).rowcount:
            return None
        found: tuple[int] = self._disk.execute(_SELECT, (digest,)).fetchone()
        return found[0]

    def _spill(self) -> sqlite3.Connection:
        self._folder = tempfile.TemporaryDirectory(prefix="pricetrail-")
        disk = sqlite3.connect(Path(self._folder.name) / "requests.db", isolation_level=None)
        # It is gone with the process: nothing of it need survive anything.
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
            disk.execute(f"PRAGMA {pragma}")
        disk.execute(_CREATE)
        disk.execute("BEGIN")
        disk.executemany(_INSERT, self._lines.items())
        self._lines.clear()
        return disk

    def close(self) -> None:
        """Give the memory and the disk back."""
        self._lines.clear()
        if self._disk is not None:
            self._disk.close()
        if self._folder is not None:
            self._folder.cleanup()
