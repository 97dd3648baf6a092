"""The file behind an SQLite URL: where it lies, and that only its owner may read it."""

import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote

from sqlalchemy import URL, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError

from pricetrail.storage.errors import DatabaseUnavailableError

# What SQLite, and whoever locks it from outside, puts beside a database.
COMPANIONS = ("-journal", "-wal", "-shm", "-lock", ".lock")
_URI, _OURS = "file:", "sqlite"
# What SQLAlchemy takes for one.
_YES = ("true", "yes", "on", "y", "t", "1")
_OWNER_ONLY = 0o600


def sqlite_path(url: str) -> str | None:
    """The path in an SQLite URL; None for Postgres and for a database in memory."""
    # A server's may have several hosts, which SQLAlchemy does not read.
    return _path(make_url(url)) if url.startswith(_OURS) else None


def _path(url: URL) -> str | None:
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    name = url.database or ""
    if not _is_uri(url):
        return name
    path = unquote(name.removeprefix(_URI).partition("?")[0])
    if path.startswith("//"):
        # file:///absolute/path, with an authority that is empty or `localhost`
        path = "/" + path[2:].partition("/")[2]
    in_memory = path in ("", ":memory:") or url.query.get("mode") == "memory"
    return None if in_memory else path


def beside(text: str, folder: Path) -> str:
    """The URL with the relative path of an SQLite file taken from `folder`; others as they are."""
    if not text.startswith(_OURS):
        return text
    try:
        url = make_url(text)
        path = _path(url)
    except (ArgumentError, ValueError):
        return text  # whoever opens it says what is wrong
    if path is None or Path(path).is_absolute() or folder == Path():
        return text
    moved = str(folder / path)
    if _is_uri(url):
        url = url.set(database=_URI + quote(moved))
    elif "?" in moved:
        # Here it would begin the options.
        url = url.set(database=_URI + quote(moved)).update_query_dict({"uri": "true"})
    else:
        url = url.set(database=moved)
    return url.render_as_string(hide_password=False)


def make_private(path: str) -> bool:
    """Make an empty file that its owner alone may read, where there is none; whether it did.

    SQLite would make one that everybody may read; its journal takes after the file. Where the
    name is a link to a file that is yet to be, the file is made there.
    """
    with contextlib.suppress(OSError):
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        os.close(os.open(os.path.realpath(path), flags, _OWNER_ONLY))
        return True
    return False


def identity(path: str) -> tuple[int, int] | None:
    """Which file has this name now; None where none has.

    Raises:
        OSError: it cannot be looked at.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        found = os.stat(path)  # noqa: PTH116 - at each use of a connection, and a `Path` costs more
        return found.st_dev, found.st_ino
    return None


class OpenFile:
    """The file that an engine's connections are of, looked at before each use.

    A backup may be put in its place while a process runs. A connection that is open stays with
    the file that had the name before: it would tell of the past for ever, and write to nowhere.

    Args:
        makes: whether one that is not there is made.
        replaced: called where another file has the name now.
    """

    def __init__(
        self, path: str, said: str, *, makes: bool, replaced: Callable[[], object]
    ) -> None:
        self._path, self._said = path, said
        self._makes, self._replaced = makes, replaced
        self._known: tuple[int, int] | None = None

    def watch(self, engine: Engine) -> None:
        """Look at it whenever a connection of this engine is opened or used."""
        event.listen(engine, "do_connect", self._opening)
        event.listen(engine, "checkout", self._using)

    def _opening(self, _dialect: Any, record: Any, *_: Any) -> None:
        if self._makes and self._known is None:
            make_private(self._path)
        # Before it is opened: if it is replaced just then, the next use finds out.
        record.info["file"] = self._now()

    def _using(self, _raw: Any, record: Any, _proxy: Any) -> None:
        if record.info["file"] != self._now():
            raise DisconnectionError("another file has its name")

    def _now(self) -> tuple[int, int] | None:
        """Which file it is now.

        Raises:
            DatabaseUnavailableError: it was there, and is not any more; or it cannot be looked at.
        """
        known = self._known
        try:
            found = identity(self._path)
        except OSError as error:
            raise DatabaseUnavailableError(
                f"cannot look at {self._said} ({error.strerror}): check its name, folder and disk"
            ) from error
        if found is None and known is not None:
            raise DatabaseUnavailableError(f"{self._said} is gone: put its file back")
        if known is not None and found != known:
            self._replaced()
        self._known = found
        return found


def _is_uri(url: URL) -> bool:
    return (url.database or "").startswith(_URI) and url.query.get("uri") in _YES
