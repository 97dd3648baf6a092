"""The file behind an SQLite URL: where it lies, and that only its owner may read it."""

import contextlib
import os
from pathlib import Path
from urllib.parse import quote, unquote

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

# What SQLite, and whoever locks it from outside, puts beside a database.
COMPANIONS = ("-journal", "-wal", "-shm", "-lock", ".lock")
_URI = "file:"
# What SQLAlchemy takes for one.
_YES = ("true", "yes", "on", "y", "t", "1")
_OWNER_ONLY = 0o600


def sqlite_path(url: str) -> str | None:
    """The path in an SQLite URL; None for Postgres and for a database in memory."""
    return _path(make_url(url))


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
    try:
        url = make_url(text)
        path = _path(url)
    except ArgumentError:
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


def _is_uri(url: URL) -> bool:
    return (url.database or "").startswith(_URI) and url.query.get("uri") in _YES
