"""An SQLite file whose pages do not fit together is noticed before anything is written to it."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from pricetrail.storage import damage
from pricetrail.storage.damage import Soundness, problem_of, was_database
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DamagedError, FileTroubleError
from tests.support.histories import failed


def _broken(path: Path) -> None:
    raw = bytearray(path.read_bytes())
    # The beginning of its last page.
    raw[-2048:-2000] = b"\xa5" * 48
    path.write_bytes(bytes(raw))


@pytest.fixture
def file(sqlite_url: str) -> Path:
    return Path(sqlite_url.removeprefix("sqlite:///"))


def test_a_sound_file_has_no_problem_and_a_broken_one_has(file: Path) -> None:
    assert problem_of(str(file)) is None
    _broken(file)
    assert problem_of(str(file)) is not None


def test_what_is_no_file_or_never_was_a_database_has_none(tmp_path: Path) -> None:
    assert problem_of(str(tmp_path / "nothing.db")) is None
    (tmp_path / "prices.csv").write_bytes(b"name,price\n" * 1000)
    assert problem_of(str(tmp_path / "prices.csv")) is None


def test_a_problem_is_remembered_and_a_sound_file_not_looked_at_again(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[object] = []
    check = damage._check

    def counted(raw: object) -> str | None:
        looks.append(raw)
        return check(raw)

    monkeypatch.setattr(damage, "_check", counted)
    sound, broken = Soundness(), Soundness()
    with sqlite3.connect(file) as raw:
        assert [sound.look(raw), sound.look(raw)] == [None, None]
    raw.close()
    assert len(looks) == 1
    _broken(file)
    raw = sqlite3.connect(file)
    first = broken.look(raw)
    assert first
    assert broken.look(raw) == first
    raw.close()


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"SQLite format 3\x00" + b"\xff" * 5000, True),
        (b"\x00" * 5000 + b"CREATE TABLE alembic_version (", True),
        (b"SQLite format 3", False),
        (b"", False),
        (b"CREATE TABLE customer (", False),
    ],
)
def test_the_rest_of_a_database_is_told_from_another_file(
    start: bytes, expected: bool, tmp_path: Path
) -> None:
    path = tmp_path / "some.db"
    path.write_bytes(start)
    assert was_database(str(path)) is expected
    assert not was_database(str(tmp_path / "nothing.db"))


def test_a_backup_in_its_place_is_written_to(sqlite_url: str, file: Path) -> None:
    backup = Path(shutil.copy(file, f"{file}.backup"))
    _broken(file)
    database = Database(sqlite_url)
    with pytest.raises(DamagedError), database.write():
        pass
    backup.replace(file)
    failed(database, "pipellm", "10:00")
    with closing(sqlite3.connect(file)) as raw:
        assert raw.execute("SELECT count(*) FROM poll").fetchone() == (1,)
    database.close()


def test_what_cannot_be_looked_at_has_no_problem_that_is_known(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _broken(file)

    def refused(_path: str) -> bool:
        raise PermissionError(file)

    monkeypatch.setattr(damage, "_is_small", refused)
    assert problem_of(str(file)) is None


@pytest.mark.parametrize("code", ["FULL", "IOERR", "READONLY", "CANTOPEN"])
def test_trouble_with_the_disk_has_nobody_look_for_damage(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    """A check reads all that there is."""
    database, looks = Database(sqlite_url), []
    monkeypatch.setattr(database, "damage", lambda: looks.append("looked"))
    error = sqlite3.OperationalError("made up")
    error.sqlite_errorcode = getattr(sqlite3, f"SQLITE_{code}")
    with pytest.raises(FileTroubleError), database.read():
        raise error
    assert looks == []
    database.close()
