"""kill -9 at every step of an upgrade and of a move: nothing half, and the same again completes."""

import lzma
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from pricetrail.storage import schema
from pricetrail.storage.database import Database
from tests.migrations.released import DUMP, FOLDER, SQLITE, recorded
from tests.support.all_rows import Rows
from tests.support.killed import Kill, Killed, kills, lived, on_both, rows_of
from tests.support.postgres import Postgres

pytestmark = pytest.mark.slow

# The one that most migrations lead on from.
RELEASE = "0.1.0.dev0"
# A server's database is copied with its own tools.
OF_COPIES = ("copied", "copy put in place")
UPGRADES = on_both(kills("upgrade", 1), kills("upgrade", 1, but=OF_COPIES))
MOVES = on_both(kills("migrate-to", 1), kills("migrate-to", 1))

Recorded = Callable[[Callable[[Database], object]], str]


@pytest.fixture(scope="module")
def upgraded() -> dict[str, Rows]:
    """What is in the database of a release after an upgrade, by kind, once that is known."""
    return {}


@pytest.fixture
def released(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[str], str]:
    """Makes the database of a release anew, of a kind; gives its URL."""

    def lay(kind: str) -> str:
        if kind == "sqlite":
            for file in tmp_path.glob("*prices.db*"):
                file.unlink()
            (tmp_path / "prices.db").write_bytes(
                lzma.decompress((FOLDER / RELEASE / SQLITE).read_bytes())
            )
            return f"sqlite:///{tmp_path / 'prices.db'}"
        create: Callable[[str], str] = request.getfixturevalue("new_postgres")
        server: Postgres = request.getfixturevalue("postgres_server")
        url = create("template0")
        with server.connect(url.partition("@/")[2].partition("?")[0]) as connection:
            connection.execute(lzma.decompress((FOLDER / RELEASE / DUMP).read_bytes()))
        return url

    return lay


def schema_of(url: str) -> str | None:
    with closing(Database(url)) as database:
        return schema.current(database)


@pytest.mark.parametrize(("kind", "kill"), UPGRADES, ids=str)
def test_an_upgrade_that_was_killed_is_completed_by_the_same_again(
    released: Callable[[str], str],
    kind: str,
    kill: Kill,
    upgraded: dict[str, Rows],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kind not in upgraded:
        unkilled = Killed(released(kind), monkeypatch)
        unkilled.completes("db upgrade")
        upgraded[kind] = rows_of(unkilled.url)
    killed, before = Killed(released(kind), monkeypatch), recorded(RELEASE)["schema"]
    killed.dies("db upgrade", kill)
    # It is of one schema or the other, and of none in between.
    assert schema_of(killed.url) in (before, schema.HEAD)
    killed.completes("db upgrade")
    assert schema_of(killed.url) == schema.HEAD
    assert rows_of(killed.url) == upgraded[kind]
    if kind == "sqlite":
        copy = tmp_path / f"prices.db.schema-{before}.bak"
        assert dumped(copy) == dumped_release()
        assert sorted(tmp_path.iterdir()) == [tmp_path / "prices.db", copy]


def dumped(file: Path) -> list[str]:
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
        return list(connection.iterdump())


def dumped_release() -> list[str]:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(lzma.decompress((FOLDER / RELEASE / SQLITE).read_bytes()))
        return list(connection.iterdump())


def test_a_copy_of_before_is_made_anew_where_an_upgrade_begins_anew(
    released: Callable[[str], str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed once the copy was made, the older program may have gone on for a week."""
    killed = Killed(released("sqlite"), monkeypatch)
    killed.dies("db upgrade", Kill("upgrade", "migrated"))
    with closing(sqlite3.connect(tmp_path / "prices.db")) as connection:
        connection.execute("UPDATE source SET etag = 'a week later'")
        connection.commit()
    later = dumped(tmp_path / "prices.db")
    killed.completes("db upgrade")
    assert [dumped(copy) for copy in tmp_path.glob("*.bak")] == [later]


@pytest.fixture
def target(request: pytest.FixtureRequest, kind: str, tmp_path: Path) -> str:
    """A new database of the other kind than the one that moves."""
    if kind == "postgres":
        return f"sqlite:///{tmp_path / 'new.db'}"
    create: Callable[[str], str] = request.getfixturevalue("new_postgres")
    return create("template0")


@pytest.mark.parametrize(
    ("with_history", "kind", "kill"),
    [(kind, kind, kill) for kind, kill in MOVES],
    indirect=["with_history"],
    ids=str,
)
def test_a_move_that_was_killed_is_completed_by_the_same_again(
    with_history: Recorded,
    kill: Kill,
    target: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    killed = Killed(with_history(lived), monkeypatch)
    before, words = rows_of(killed.url), f"db migrate-to {target}"
    killed.dies(words, kill)
    assert rows_of(killed.url) == before
    if schema_of(target) is None:
        killed.completes(words)
    else:
        # All was there, and is compared by whoever asks.
        assert rows_of(target) == before
        assert killed.run(words) == 2
        assert "head" in killed.said
    assert rows_of(target) == before
