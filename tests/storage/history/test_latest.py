"""The head: what was accepted last, read for the next comparison."""

from array import array
from collections.abc import Iterator

import pytest
from sqlalchemy import delete, update

from pricetrail.catalog.catalogs import read
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs.bodies import body_of, pack
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history import latest
from tests.support.histories import at, build, catalog, hourly, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_before_the_first_snapshot_there_is_none(database: Database) -> None:
    with database.write() as connection:
        assert latest.load(connection, sources.open_source(connection, "s", at("10:00"))) is None


def test_it_is_the_last_body_as_served_and_as_read(database: Database) -> None:
    build(
        database, "s", hourly("09:00", [catalog(model("é", tokens("1", f"0.{n}"))) for n in "123"])
    )
    build(database, "other", hourly("09:00", [catalog(model("a", {"kind": "image"}))]))
    with database.read() as connection:
        source = sources.choose(connection, "s")
        head = latest.load(connection, source)
        assert head is not None
        assert head.body == body_of(connection, source.id, 3)
    assert head.contents == read(head.body)
    assert head.seen == {"kind:token", "/pricing/text/prompt", "/pricing/text/completion"}
    assert head.links == 2


def test_the_copy_is_what_is_read_from_the_body(database: Database) -> None:
    """Of this version, of one before, or none: the head is the same."""
    hours = [catalog(model("é", tokens("1", f"0.{n}")), model("a")) for n in (1, 2, 3)]
    build(database, "s", hourly("09:00", hours))
    with database.write() as connection:
        source = sources.choose(connection, "s")
        assert latest.copied_version(connection, source.id) == 3
        found = [latest.load(connection, source)]
        older = body_of(connection, source.id, 1)
        assert latest.keep_copy(connection, source.id, 1, read(older), older, 0) == 1
        found.append(latest.load(connection, source))
        latest.drop_copy_before(connection, source.id, 2)
        assert latest.copied_version(connection, source.id) is None
        found.append(latest.load(connection, source))
    assert found[0] is not None
    assert found[0].contents == read(found[0].body)
    assert found == [found[0]] * 3


@pytest.mark.parametrize("column", ["body", "ids", "spans", "leaves"])
@pytest.mark.parametrize("value", [b"", b"\x00", pack(b"\xff\xff\xff\xff")])
def test_a_copy_that_is_damaged_is_passed_over(
    database: Database, column: str, value: bytes
) -> None:
    build(database, "s", [("09:00", catalog(model("a"), model("b")))])
    with database.write() as connection:
        source = sources.choose(connection, "s")
        before = latest.load(connection, source)
        connection.execute(update(t.head).values({column: value}))
        assert latest.load(connection, source) == before


def test_a_process_that_goes_on_makes_a_copy_now_and_then(database: Database) -> None:
    body = dumps(catalog(model("a"))).encode()
    with database.write() as connection:
        source = sources.open_source(connection, "s", at("10:00")).id
        last, made = 0, []
        for version in range(1, 200):
            last = latest.keep_copy(connection, source, version, read(body), body, last)
            if last == version:
                made.append(latest.copied_version(connection, source))
    assert made == [1, 65, 129, 193]


def test_a_database_may_move_between_machines_of_either_byte_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans = array("I", [1, 258])
    stored = latest._little_endian(spans).tobytes()
    assert stored == bytes([1, 0, 0, 0, 2, 1, 0, 0])
    monkeypatch.setattr("sys.byteorder", "big")
    swapped = array("I", spans)
    swapped.byteswap()
    assert latest._little_endian(swapped).tobytes() == stored


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00" * 40, "body of version 1 is damaged"),
        (pack(b"[]"), "body of version 1 is no catalog: .*; see `pricetrail verify`"),
    ],
)
def test_a_body_that_is_damaged_is_said_to_be(database: Database, body: bytes, said: str) -> None:
    build(database, "s", [("09:00", catalog(model("a")))])
    with database.write() as connection:
        connection.execute(update(t.snapshot).values(body=body))
        connection.execute(delete(t.head))
        with pytest.raises(StorageError, match=said):
            latest.load(connection, sources.choose(connection, "s"))
