"""Bodies over a long history: deltas, a full one every so often, and what pruning leaves."""

import shutil
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history.bodies import body_of, steps_since_full
from pricetrail.storage.sources import choose
from pricetrail.storage.verification.verify import verify
from tests.support import pruned
from tests.support.histories import at, catalog, model, poll, tokens

pytestmark = pytest.mark.slow

VERSIONS, STEPS = 130, 50
START = at("2026-03-01")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


@pytest.fixture(scope="module")
def long_file(_sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A long history, which is recorded once and which nobody writes to."""
    path = tmp_path_factory.mktemp("long") / "long.db"
    shutil.copyfile(_sqlite_template, path)
    found = Database(f"sqlite:///{path}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bodies, "_CHAIN_STEPS", STEPS)
        build(found, VERSIONS, served_of_many)
    found.close()
    return path


@pytest.fixture
def long(long_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(bodies, "_CHAIN_STEPS", STEPS)
    shutil.copyfile(long_file, tmp_path / "test.db")
    found = Database(f"sqlite:///{tmp_path / 'test.db'}")
    yield found
    found.close()


def served(number: int) -> bytes:
    """A catalog in a spacing of its own, which only the very bytes can keep."""
    found = dumps(catalog(model("a", tokens(f"0.{number}", "0.1"))))
    return b" " * (number % 7) + found.encode() + b"\r\n"


def served_of_many(number: int) -> bytes:
    """The same of many models, of which one moves."""
    models = [model(f"m-{n:02}", tokens("0.1", "0.2")) for n in range(20)]
    moving = model("moving", tokens(f"0.{number:06}", "0.1"))
    return b" " * (number % 5) + dumps(catalog(*models, moving)).encode() + b"\n"


def build(database: Database, number: int, serve: Callable[[int], bytes] = served) -> None:
    for n in range(1, number + 1):
        poll(database, "s", START + timedelta(hours=n), serve(n))


def bases(database: Database) -> list[int | None]:
    query = select(t.snapshot.c.body_base).order_by(t.snapshot.c.version)
    with database.read() as connection:
        return list(connection.execute(query).scalars())


def test_every_body_comes_back_and_a_full_one_ends_each_chain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_CHAIN_STEPS", 3)
    build(database, 11)
    with database.read() as connection:
        source = choose(connection, "s").id
        numbers = range(1, 12)
        assert [body_of(connection, source, n) for n in numbers] == [*map(served, numbers)]
        steps = [steps_since_full(connection, source, n) for n in numbers]
    assert bases(database) == [None, 1, 2, None, 4, 5, None, 7, 8, None, 10]
    assert steps == [0, 1, 2, 0, 1, 2, 0, 1, 2, 0, 1]


def test_a_damaged_body_is_said_to_be_damaged(database: Database) -> None:
    build(database, 3)
    with database.write() as connection:
        source = choose(connection, "s").id
        second = (t.snapshot.c.source_id == source, t.snapshot.c.version == 2)
        connection.execute(update(t.snapshot).where(*second).values(body=b"rubbish"))
    with database.read() as connection:
        assert body_of(connection, source, 1) == served(1)
        with pytest.raises(StorageError, match="the body of version 3 is damaged"):
            body_of(connection, source, 3)
        with pytest.raises(NotFoundError, match="there is no snapshot 4"):
            body_of(connection, source, 4)


def test_bodies_of_many_versions_come_back_byte_for_byte(long: Database) -> None:
    numbers = range(1, VERSIONS + 1)
    with long.read() as connection:
        packed = connection.execute(select(func.sum(func.length(t.snapshot.c.body)))).scalar_one()
        for number in numbers:
            assert body_of(connection, 1, number) == served_of_many(number)
    assert bases(long) == [None if number % STEPS == 1 else number - 1 for number in numbers]
    assert packed * 10 < sum(len(served_of_many(number)) for number in numbers)


def test_after_pruning_the_others_still_come_back(long: Database) -> None:
    gone = 0
    for first_kept in (2, 27, 50, 51, 52, 101, VERSIONS):
        with long.write() as connection:
            before = START + timedelta(hours=first_kept, minutes=1)
            gone += pruned.prune_bodies(connection, before)
        assert gone == first_kept - 1
        with long.read() as connection:
            for number in {first_kept, min(first_kept + 1, VERSIONS), VERSIONS}:
                assert body_of(connection, 1, number) == served_of_many(number)
            with pytest.raises(NotFoundError, match="was pruned; its hash is kept"):
                body_of(connection, 1, gone)
            found = verify(connection, choose(connection, "s"))
        assert (found.ok, found.bodies_pruned) == (True, gone)
