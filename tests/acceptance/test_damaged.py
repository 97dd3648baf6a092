"""A damaged file: one line that names the remedy, whatever the command, and nothing written."""

import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from pricetrail.storage import damage
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DamagedError
from tests.pricetrail.commands.running import made_up_history, run

pytestmark = pytest.mark.slow

FILE = Path("pricetrail.db")
READING = (
    ["models"],
    ["models", "--json", "--at", "2026-03-01T11:30:00Z"],
    ["price", "gpt-5"],
    ["history", "gpt-5"],
    ["diff", "1", "3"],
    ["events"],
    ["snapshots"],
    ["coverage"],
    ["verify"],
    ["head"],
    ["deliveries", "list"],
    ["quarantine", "list"],
    ["silence", "list"],
    ["sources", "list"],
    ["usage", "show"],
    ["export", "prices", "--format", "jsonl"],
    ["evidence", "gpt-5", "--at", "2026-03-01T12:30:00Z", "-o", "bundle.json"],
    ["db", "current"],
    ["db", "upgrade"],
)
WRITING = (
    ["silence", "add", "gpt-*", "--for", "1d", "--reason", "r"],
    ["import", "past.jsonl", "--source", "other"],
    ["db", "prune", "--polls", "1d"],
    ["db", "compact"],
    ["sources", "pause", "s"],
    ["db", "backup", "copy.db"],
)


def check(path: Path) -> str:
    """What SQLite itself says of the file."""
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        return str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)
    finally:
        connection.close()


@pytest.fixture
def sound(tmp_path: Path) -> Iterator[bytes]:
    """The bytes of a sound database in the current folder."""
    made_up_history()
    Path("past.jsonl").write_text(
        '{"observed_at": "2026-01-01", "payload": {"object": "list", "data": [], "total": 0}}\n'
    )
    yield FILE.read_bytes()
    shutil.rmtree(tmp_path)


def broken(data: bytes, how: str, seed: int) -> bytes:
    """A file that something has happened to."""
    random, size = Random(seed), 2048
    pages = len(data) // size
    page = random.randrange(pages) * size
    if how == "truncated":
        return data[: random.randrange(1, len(data))]
    if how == "cut at a page":
        return data[: random.randrange(1, pages) * size]
    if how == "header":
        place = random.randrange(100)
        return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
    if how == "flipped":
        mended = bytearray(data)
        for _ in range(40):
            mended[random.randrange(len(data))] ^= 1 << random.randrange(8)
        return bytes(mended)
    new = {"zeros": bytes(size), "ones": b"\xff" * size, "noise": random.randbytes(size)}[how]
    return data[:page] + new + data[page + size :]


DAMAGES = ("truncated", "cut at a page", "header", "flipped", "zeros", "ones", "noise")


@pytest.mark.parametrize("how", DAMAGES)
def test_no_command_ends_in_a_traceback_or_writes_on(sound: bytes, how: str) -> None:
    @settings(max_examples=settings().max_examples // 4)
    @given(seed=st.integers(0, 10_000), reading=st.sampled_from(READING))
    def holds(seed: int, reading: list[str]) -> None:
        FILE.write_bytes(broken(sound, how, seed))
        writing = WRITING[seed % len(WRITING)]
        for command in (reading, writing):
            before, verdict = FILE.read_bytes(), check(FILE)
            # `run` itself fails where a command ends in anything but an exit code.
            code, _, err = run(*command)
            assert len(err.strip().splitlines()) <= (1 if code else 20), (command, err)
            if command is writing and verdict != "ok":
                assert code in (1, 2), (command, verdict, err)
                assert FILE.read_bytes() == before
            if "is damaged" in err:
                assert code == 1
                assert "restore the last `pricetrail db backup`" in err
        for leftover in Path().glob("*"):
            if leftover.name not in (FILE.name, "past.jsonl"):
                leftover.unlink()

    holds()


@pytest.mark.parametrize("place", [0, 9])
@pytest.mark.parametrize("command", [*READING, *WRITING], ids=" ".join)
def test_a_damaged_header_is_damage_and_no_other_persons_file(
    sound: bytes, place: int, command: list[str]
) -> None:
    FILE.write_bytes(sound[:place] + b"\x00" + sound[place + 1 :])
    code, _, err = run(*command)
    assert (code, "is damaged" in err) == (1, True), err


def test_a_file_of_zeros_in_the_place_of_the_schema_is_not_made_anew(sound: bytes) -> None:
    FILE.write_bytes(sound[:100] + bytes(1948) + sound[2048:])
    code, _, err = run("import", "past.jsonl")
    assert (code, "is damaged" in err) == (1, True), err
    assert FILE.read_bytes() == sound[:100] + bytes(1948) + sound[2048:]


def root_page(path: Path, table: str) -> int:
    """Where in the file a table begins, in bytes."""
    with sqlite3.connect(path) as raw:
        query = "SELECT rootpage FROM sqlite_master WHERE type = 'table' AND name = ?"
        [page] = raw.execute(query, [table]).fetchone()
    raw.close()
    return (int(page) - 1) * 2048


@pytest.mark.parametrize("small", [True, False])
def test_a_service_looks_again_and_refuses_to_write(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, small: bool
) -> None:
    """Small files every hour; large ones once a day, whichever process it is."""
    if not small:
        monkeypatch.setattr(damage, "_SMALL", 0)
    monkeypatch.setattr(damage, "_AGAIN_AFTER", 0.0)
    path, database = tmp_path / "test.db", Database(sqlite_url)
    with database.write():
        pass
    database.close()
    place, data = root_page(path, "silence"), path.read_bytes()
    path.write_bytes(data[:place] + b"\xff" * 2048 + data[place + 2048 :])
    if small:
        with pytest.raises(DamagedError, match="restore the last"), database.write():
            pytest.fail("written")
        path.write_bytes(data)
        # What was damaged once is looked at by a person before this process writes again.
        with pytest.raises(DamagedError), database.write():
            pytest.fail("written")
    else:
        with database.write():
            pass
        with sqlite3.connect(path) as raw:
            raw.execute("PRAGMA user_version = 1")
        raw.close()
        another = Database(sqlite_url)
        with pytest.raises(DamagedError), another.write():
            pytest.fail("written")
        another.close()
    database.close()


def test_damage_that_is_met_by_chance_ends_all_writing(sqlite_url: str, tmp_path: Path) -> None:
    path, database = tmp_path / "test.db", Database(sqlite_url)
    with database.write():
        pass
    database.close()
    place, data = root_page(path, "silence"), path.read_bytes()
    path.write_bytes(data[:place] + b"\xff" * 2048 + data[place + 2048 :])
    with pytest.raises(DamagedError, match="malformed"), database.read() as connection:
        connection.execute(text("SELECT * FROM silence"))
    for _ in range(2):
        words = r"\(database disk image is malformed\)$"
        with pytest.raises(DamagedError, match=words), database.write():
            pytest.fail("written")
    database.close()


@pytest.mark.parametrize("command", ["poll", "run", "deliver"])
def test_who_is_about_to_write_does_not_even_begin(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    path = tmp_path / "test.db"
    place, data = root_page(path, "silence"), path.read_bytes()
    path.write_bytes(data[:place] + b"\xff" * 2048 + data[place + 2048 :])
    before = path.read_bytes()
    monkeypatch.setenv("PIPELLM_API_KEY", "sk-made-up")
    monkeypatch.setenv("PRICETRAIL_DATABASE_URL", sqlite_url)
    code, out, err = run(command)
    assert (code, out) == (1, "")
    assert len(err.splitlines()) == 1
    assert "is damaged: restore the last `pricetrail db backup`" in err
    assert path.read_bytes() == before
