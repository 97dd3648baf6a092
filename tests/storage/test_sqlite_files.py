"""Where an SQLite URL's file lies, and who may read it."""

import os
import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.schema import current, prepare
from pricetrail.storage.sqlite_files import beside, make_private, sqlite_path


@pytest.fixture(autouse=True)
def _usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("sqlite:///prices.db", "prices.db"),
        ("sqlite+pysqlite:///sub/prices.db?timeout=3", "sub/prices.db"),
        ("sqlite:////srv/prices.db", "/srv/prices.db"),
        ("sqlite:///file:prices.db?mode=rwc&uri=true", "prices.db"),
        ("sqlite:///file:a%20b.db?uri=true", "a b.db"),
        ("sqlite:///file:///srv/prices.db?uri=true", "/srv/prices.db"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("sqlite:///file::memory:?cache=shared&uri=true", None),
        ("sqlite:///file:x?mode=memory&uri=true", None),
        ("postgresql+psycopg://u@h/sqlite.db", None),
    ],
)
def test_the_file_of_an_url(url: str, path: str | None) -> None:
    assert sqlite_path(url) == path


@pytest.mark.parametrize(
    ("url", "moved"),
    [
        ("sqlite:///prices.db", "sqlite:////etc/p/prices.db"),
        ("sqlite:///../prices.db?timeout=3", "sqlite:////etc/p/../prices.db?timeout=3"),
        ("sqlite:///file:a%20b.db?mode=ro&uri=true", "/etc/p/a b.db"),
        ("sqlite:////srv/prices.db", "sqlite:////srv/prices.db"),
        ("sqlite://", "sqlite://"),
        ("sqlite:///:memory:", "sqlite:///:memory:"),
        ("postgresql+psycopg://u:p%40@h/db", "postgresql+psycopg://u:p%40@h/db"),
        ("postgresql+psycopg://u@a:1,b:2/db", "postgresql+psycopg://u@a:1,b:2/db"),
        # A port that is none: whoever opens it says so.
        ("postgresql+psycopg://u@h:x/db", "postgresql+psycopg://u@h:x/db"),
        ("sqlite://h:x/db", "sqlite://h:x/db"),
        ("no url at all", "no url at all"),
    ],
)
def test_a_relative_path_is_taken_from_the_folder_that_is_named(url: str, moved: str) -> None:
    found = beside(url, Path("/etc/p"))
    assert moved in (found, sqlite_path(found) if "uri=true" in found else found)
    assert beside(url, Path()) == url


@given(name=st.text("ab %?#&é=:@/", min_size=1, max_size=12))
def test_a_folder_of_any_name_will_do(tmp_path_factory: pytest.TempPathFactory, name: str) -> None:
    folder = tmp_path_factory.mktemp("any") / "x" / f"x{name}x"
    folder.mkdir(parents=True)
    for url in ("sqlite:///prices.db", "sqlite:///file:prices.db?uri=true"):
        database = Database(beside(url, folder))
        with database.write() as connection:
            connection.exec_driver_sql("CREATE TABLE IF NOT EXISTS t (x)")
        database.close()
    assert [path.name for path in folder.iterdir()] == ["prices.db"]


def mode(path: str) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
@pytest.mark.parametrize("url", ["sqlite:///x.db", "sqlite:///file:x.db?mode=rwc&uri=true"])
def test_only_its_owner_may_read_a_new_database(umask: int, url: str) -> None:
    os.umask(umask)
    database = Database(url)
    with database.write() as connection:
        connection.exec_driver_sql("CREATE TABLE t (x)")
        journal = Path("x.db-journal")
        assert not journal.exists() or mode("x.db-journal") == 0o600 & ~umask
    database.close()
    assert mode("x.db") == 0o600 & ~umask


def test_a_stricter_umask_is_respected() -> None:
    os.umask(0o277)
    assert make_private("x.db")
    assert mode("x.db") == 0o400
    assert not make_private("x.db")


def test_a_database_that_is_there_keeps_its_mode() -> None:
    sqlite3.connect("x.db").close()
    Path("x.db").chmod(0o640)
    prepare("sqlite:///x.db")
    assert mode("x.db") == 0o640


def test_a_link_to_a_database_that_is_yet_to_be_makes_it_there() -> None:
    Path("disk").mkdir()
    Path("x.db").symlink_to("disk/real.db")
    prepare("sqlite:///x.db")
    assert (mode("disk/real.db"), Path("x.db").is_symlink()) == (0o600, True)


@pytest.mark.parametrize("mode", ["ro", "rw"])
def test_a_url_that_asks_for_a_file_that_is_there_makes_none(mode: str) -> None:
    database = Database(f"sqlite:///file:x.db?mode={mode}&uri=true")
    with pytest.raises(StorageError, match="cannot open"), database.read():
        pass
    database.close()
    assert not Path("x.db").exists()


def test_whoever_only_looks_makes_no_database() -> None:
    database = Database("sqlite:///x.db")
    assert current(database) is None
    database.close()
    assert not Path("x.db").exists()


def test_a_file_that_cannot_be_looked_at_any_more_is_said(sqlite_url: str, tmp_path: Path) -> None:
    database = Database(sqlite_url)
    file, aside = tmp_path / "test.db", tmp_path / "aside.db"
    with database.read():
        file.rename(aside)
    file.symlink_to(file)
    with (
        pytest.raises(StorageError, match=r"cannot look at .*test\.db \(Too many"),
        database.read(),
    ):
        pass
    file.unlink()
    with pytest.raises(StorageError, match="is gone: put its file back"), database.read():
        pass
    aside.rename(file)
    with database.read() as connection:
        assert connection.execute(text("SELECT 1")).scalar() == 1
    database.close()
