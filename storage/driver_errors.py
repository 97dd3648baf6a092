"""The driver's errors, turned into one line each that names the remedy."""

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import exc

from pricetrail.storage import addresses
from pricetrail.storage.errors import (
    DamagedError,
    DatabaseUnavailableError,
    DatabaseUnreachableError,
    DatabaseUrlError,
    FileTroubleError,
    ForeignDatabaseError,
    StorageError,
    UnstorableError,
)

_LONGEST = 300
# What libpq asks where nothing listens: that is for the operator to look at.
_ASKED = re.compile(r"\s*Is the server running[^?]*\?")
# What libpq guesses, and how psycopg says of several hosts what each of them did.
_GUESSED = re.compile(r"\s*This probably means the server terminated abnormally\s+[^.]*\.")
_EACH = re.compile(r"^.*All failures were:\s*- host: .*?'?: (?=connection)", re.DOTALL)
_NEXT = re.compile(r"\s*- host: [^\n]*?: (?=connection)")


@contextmanager
def explained(url: str) -> Iterator[None]:
    """Turn the driver's errors into one line each that names the remedy.

    Raises:
        StorageError: see its subclasses.
    """
    try:
        yield
    except (exc.SQLAlchemyError, sqlite3.Error, OverflowError, UnicodeEncodeError) as error:
        found = _explain(error, url)
        if found is None:
            raise
        raise found from error


def _explain(error: Exception, address: str) -> StorageError | None:
    url = addresses.safe_url(address)
    if isinstance(error, exc.TimeoutError):
        return DatabaseUnavailableError(f"all connections to {url} are in use: try again later")
    cause = error.orig if isinstance(error, exc.StatementError) else error
    # A driver may repeat what it was to connect with.
    text = _ASKED.sub("; check the address, and that the server runs", _plain(str(cause)))
    line = " ".join(addresses.masked(address, text).split())[:_LONGEST]
    # Numbers beyond 64 bits and lone surrogates: the drivers have no error of their own for them.
    refused = (exc.DataError, exc.IntegrityError)
    unwritable = (OverflowError, UnicodeEncodeError)
    if isinstance(error, refused) or isinstance(cause, unwritable):
        return UnstorableError(f"the database does not take it: {line}")
    # Without a code it is not SQLite that speaks.
    if isinstance(cause, sqlite3.Error) and hasattr(cause, "sqlite_errorcode"):
        return _explain_sqlite(cause, line, url)
    if not isinstance(error, exc.DBAPIError):
        return None
    if isinstance(cause, sqlite3.Error):
        return StorageError(f"the database refused ({url}): {line}")
    return _explain_postgres(getattr(cause, "sqlstate", None) or "", line, url)


def _plain(text: str) -> str:
    """What a driver says, without its guesses."""
    text = _NEXT.sub("; ", _EACH.sub("", _GUESSED.sub("", text)))
    return text.replace("connection failed: connection to", "connection to")


def _explain_sqlite(error: sqlite3.Error, line: str, url: str) -> StorageError:
    # Beyond the first byte, codes only say more of the same.
    code = error.sqlite_errorcode & 0xFF
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_FORMAT) or "decode to UTF-8" in line:
        return damaged(url, line)
    if code == sqlite3.SQLITE_NOTADB:
        return ForeignDatabaseError(f"{url} is not a database: name another file in database_url")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return DatabaseUnavailableError(f"{url} is locked by another process: try again later")
    if code == sqlite3.SQLITE_CANTOPEN:
        why = "does its folder exist, and may it be written to?"
        return FileTroubleError(f"cannot open {url}: {why}")
    if code in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM):
        return FileTroubleError(f"{url} is read-only: give this user the right to write to it")
    if code == sqlite3.SQLITE_FULL:
        full = f"the disk is full: nothing was written to {url}; free some space"
        return FileTroubleError(full)
    if code == sqlite3.SQLITE_IOERR:
        fails = f"the disk of {url} fails ({line}): look at the disk, then try again"
        return FileTroubleError(fails)
    if line.startswith(("no such table", "no such column")):
        return _of_another_schema(url, line)
    return StorageError(f"the database refused ({url}): {line}")


def _of_another_schema(url: str, line: str) -> StorageError:
    return StorageError(
        f"{url} has not the schema that this pricetrail needs ({line}): is it the right one? "
        "If so, run `pricetrail db upgrade`"
    )


def damaged(url: str, problem: str) -> DamagedError:
    """What to say of a file whose pages do not fit together."""
    line = " ".join(problem.split())[:_LONGEST]
    return DamagedError(
        f"{url} is damaged: restore the last `pricetrail db backup`; nothing is written to it any "
        f"more ({line})"
    )


# By SQLSTATE, or its class: the words are the server's, in its language.
_UNAVAILABLE = {
    "55P03": "is locked by another process: try again later",
    "40P01": "is locked by another process: try again later",
    "40001": "was changed by another process meanwhile: try again",
    "57014": "took too long to answer: try again later",
    "25P03": "ended a transaction in which this process stood still: try again",
    "53300": "has no connection left: try again later",
}
_REFUSED = {
    "0A000": "cannot do that: name the primary, if this is a standby",
    "25006": "is read-only: name the primary, or give this user the right to write to it",
    "42501": "refused this user: give it the right to read and write pricetrail's tables",
    "53100": "has a full disk: nothing was written; free some space",
    "XX001": "is damaged: restore the last backup",
    "XX002": "has a damaged index: REINDEX it, or restore the last backup",
}


def _explain_postgres(state: str, line: str, url: str) -> StorageError:
    if state in _UNAVAILABLE:
        return DatabaseUnavailableError(f"{url} {_UNAVAILABLE[state]}")
    if state in _REFUSED:
        return StorageError(f"{url} {_REFUSED[state]} ({line})")
    if state in ("42P01", "42703"):
        return _of_another_schema(url, line)
    if state.startswith("54"):
        # Too wide for an index, too many columns, too deep.
        return UnstorableError(f"the database does not take it: {line}")
    if re.search(r"invalid \S+ value: |for connection option", line):
        return DatabaseUrlError(f"has an option that Postgres refuses: {line}")
    if not state or state[:2] in ("08", "57", "28", "3D"):
        return DatabaseUnreachableError(f"cannot reach {url}: {line}")
    return StorageError(f"the database refused ({url}): {line}")
