"""The driver's errors become one line each, which names the remedy and no password."""

import sqlite3
from contextlib import closing

import pytest
from sqlalchemy import exc

from pricetrail.storage import errors
from pricetrail.storage.driver_errors import damaged, explained

SQLITE, SERVER = "sqlite:///prices.db", "postgresql+psycopg://u:secret@db.example/prices"


class _ServerError(Exception):
    def __init__(self, state: str | None, line: str = "the server's words") -> None:
        super().__init__(line)
        self.sqlstate = state


def _of_sqlite(code: int) -> sqlite3.Error:
    error = sqlite3.OperationalError("the driver's words")
    error.sqlite_errorcode = code
    return error


def _explained(error: BaseException, url: str) -> errors.StorageError:
    with pytest.raises(errors.StorageError) as caught, explained(url):
        raise error
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is error
    return caught.value


@pytest.mark.parametrize(
    ("code", "kind", "remedy"),
    [
        (sqlite3.SQLITE_CORRUPT, errors.DamagedError, "db backup"),
        (sqlite3.SQLITE_NOTADB, errors.ForeignDatabaseError, "name another file"),
        (sqlite3.SQLITE_BUSY, errors.DatabaseUnavailableError, "try again later"),
        (sqlite3.SQLITE_BUSY | 2 << 8, errors.DatabaseUnavailableError, "try again later"),
        (sqlite3.SQLITE_CANTOPEN, errors.FileTroubleError, "does its folder exist"),
        (sqlite3.SQLITE_READONLY, errors.FileTroubleError, "give this user the right"),
        (sqlite3.SQLITE_FULL, errors.FileTroubleError, "free some space"),
        (sqlite3.SQLITE_IOERR, errors.FileTroubleError, "look at the disk"),
        (sqlite3.SQLITE_ERROR, errors.StorageError, "the database refused"),
    ],
)
def test_sqlite_says_what_to_do(code: int, kind: type, remedy: str) -> None:
    found = _explained(_of_sqlite(code), SQLITE)
    assert type(found) is kind
    assert remedy in str(found)


@pytest.mark.parametrize(
    ("state", "kind", "remedy"),
    [
        ("55P03", errors.DatabaseUnavailableError, "try again later"),
        ("53300", errors.DatabaseUnavailableError, "no connection left"),
        ("42P01", errors.StorageError, "pricetrail db upgrade"),
        ("42703", errors.StorageError, "pricetrail db upgrade"),
        ("0A000", errors.StorageError, "name the primary"),
        ("08006", errors.DatabaseUnreachableError, "cannot reach"),
        ("28P01", errors.DatabaseUnreachableError, "cannot reach"),
        ("57P01", errors.DatabaseUnreachableError, "cannot reach"),
        (None, errors.DatabaseUnreachableError, "cannot reach"),
        ("25006", errors.StorageError, "name the primary"),
        ("XX001", errors.StorageError, "restore the last backup"),
        ("54000", errors.UnstorableError, "does not take it"),
        ("42601", errors.StorageError, "the database refused"),
    ],
)
def test_postgres_is_understood_by_its_codes(state: str | None, kind: type, remedy: str) -> None:
    error = exc.OperationalError("SELECT 1", None, _ServerError(state))
    found = _explained(error, SERVER)
    assert type(found) is kind
    assert remedy in str(found)


def test_what_a_driver_repeats_of_the_address_is_masked() -> None:
    line = 'connection to "u:secret@db.example" failed\nfor good'
    found = _explained(exc.OperationalError("", None, _ServerError("08001", line)), SERVER)
    assert "failed for good" in str(found)


@pytest.mark.parametrize("error", [OverflowError("too big"), "\ud800"])
def test_a_value_beyond_the_database_is_said_to_be(error: object) -> None:
    if isinstance(error, str):
        error = UnicodeEncodeError("utf-8", error, 0, 1, "surrogates not allowed")
    assert isinstance(error, Exception)
    assert type(_explained(error, SQLITE)) is errors.UnstorableError


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(exc.InvalidRequestError), explained(SQLITE):
        raise exc.InvalidRequestError("a mistake of ours")
    with pytest.raises(KeyError), explained(SQLITE):
        raise KeyError("x")


def test_a_long_problem_is_cut() -> None:
    assert len(str(damaged(SQLITE, "page 7 is odd\n" * 100))) < 500


@pytest.mark.parametrize("statement", ["SELECT n FROM poll", "SELECT poll"])
def test_a_file_of_another_schema_is_said_to_be_one(statement: str) -> None:
    with closing(sqlite3.connect(":memory:")) as raw, pytest.raises(sqlite3.Error) as caught:
        raw.execute(statement)
    assert "`pricetrail db upgrade`" in str(_explained(caught.value, SQLITE))


ONE = 'connection to server at "10.0.0.1", port 5432 failed: Connection refused'
OTHER = 'connection to server at "10.0.0.2", port 5432 failed: session is read-only'
SEVERAL = f"""connection failed: {OTHER}
Multiple connection attempts failed. All failures were:
- host: 'one', port: '5432', hostaddr: '10.0.0.1': connection failed: {ONE}
\tIs the server running on that host and accepting TCP/IP connections?
- host: 'two', port: None, hostaddr: '10.0.0.2': connection failed: {OTHER}"""
GUESSING = """consuming input failed: server closed the connection unexpectedly
\tThis probably means the server terminated abnormally
\tbefore or while processing the request."""


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (SEVERAL, f"{ONE}; check the address, and that the server runs; {OTHER}"),
        (GUESSING, "consuming input failed: server closed the connection unexpectedly"),
    ],
)
def test_what_a_driver_says_of_several_hosts_is_said_once_and_without_guesses(
    said: str, told: str
) -> None:
    raised = exc.OperationalError("SELECT 1", {}, _ServerError(None, said))
    url = "postgresql+psycopg://u:secret@one,two/prices"
    assert str(_explained(raised, url)) == (
        f"cannot reach postgresql+psycopg://one,two/prices: {told}"
    )
