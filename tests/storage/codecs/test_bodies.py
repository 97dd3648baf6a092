"""Bodies come back byte for byte, however long the chain of differences they rest on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.codecs.bodies import body_of, pack, unpack
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.sources import choose
from tests.support.histories import at, catalog, model, poll, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def served(number: int) -> bytes:
    """A catalog in a spacing of its own, which only the very bytes can keep."""
    found = dumps(catalog(model("a", tokens(f"0.{number + 1}", "0.1"))))
    return b" " * (number % 7) + found.encode() + b"\r\n"


def build(database: Database, number: int) -> None:
    for n in range(number):
        poll(database, "s", at("00:00") + timedelta(minutes=n), served(n))


def test_every_body_comes_back_and_a_full_one_ends_each_chain(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "_CHAIN_STEPS", 3)
    build(database, 11)
    with database.read() as connection:
        source = choose(connection, "s").id
        assert [body_of(connection, source, n + 1) for n in range(11)] == [*map(served, range(11))]
        bases = select(t.snapshot.c.body_base).order_by(t.snapshot.c.version)
        found = list(connection.execute(bases).scalars())
    assert found == [None, 1, 2, None, 4, 5, None, 7, 8, None, 10]


def test_a_large_body_is_stored_whole_sooner() -> None:
    longest = [
        next(n for n in range(1, 2000) if bodies.wants_full(n, size))
        for size in (1_000, 1_000_000, 16_000_000, 64_000_000)
    ]
    assert longest == [512, 269, 17, 5]


def test_a_damaged_body_is_said_to_be_damaged(database: Database) -> None:
    build(database, 3)
    with database.write() as connection:
        source = choose(connection, "s").id
        second = (t.snapshot.c.source_id == source, t.snapshot.c.version == 2)
        connection.execute(update(t.snapshot).where(*second).values(body=b"rubbish"))
    with database.read() as connection:
        assert body_of(connection, source, 1) == served(0)
        with pytest.raises(StorageError, match="the body of version 3 is damaged"):
            body_of(connection, source, 3)
        with pytest.raises(NotFoundError, match="there is no snapshot 4"):
            body_of(connection, source, 4)


@pytest.mark.parametrize("base", [None, b"", b"x", b'{"data":[]}' * 100])
@pytest.mark.parametrize("body", [b"", b"x", b'{"data":[1]}' * 90])
def test_packing_loses_nothing(base: bytes | None, body: bytes) -> None:
    assert unpack(pack(body, base), base) == body


@pytest.mark.parametrize("base", [None, b"another body"])
@pytest.mark.parametrize("size", [(1 << 30) + 1, 1 << 31, (1 << 32) - 1])
def test_a_body_that_claims_to_be_huge_takes_no_memory(base: bytes | None, size: int) -> None:
    # A frame in one segment, with its size in four bytes: it would be reserved before all else.
    forged = b"\x28\xb5\x2f\xfd\xa0" + size.to_bytes(4, "little") + b"\x01\x00\x00"
    with pytest.raises(ValueError, match="longer than any body"):
        unpack(forged, base)
