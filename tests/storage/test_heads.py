"""The head: what was accepted last, ready for the next comparison exactly as it was read."""

import json
from array import array
from collections.abc import Iterator

import pytest

from catalog.contents import read
from storage import heads
from storage.database import Database
from storage.sources import open_source
from tests.support.histories import at, catalog, model

BODY = json.dumps(catalog(model("é"), model("a")), ensure_ascii=False, indent=1).encode()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def test_it_comes_back_as_it_was_read(database: Database) -> None:
    body = b"\xef\xbb\xbf" + BODY
    contents = read(body)
    with database.write() as connection:
        source = open_source(connection, "s", at("10:00")).id
        assert heads.load(connection, source) is None
        heads.save(connection, source, 1, contents, body)
    with database.read() as connection:
        assert heads.load(connection, source) == (contents, body)


def test_a_new_one_takes_the_place_of_the_old_and_of_no_other_sources(database: Database) -> None:
    empty = json.dumps(catalog()).encode()
    with database.write() as connection:
        source = open_source(connection, "s", at("10:00")).id
        other = open_source(connection, "other", at("10:00")).id
        heads.save(connection, source, 1, read(BODY), BODY)
        heads.save(connection, other, 1, read(BODY), BODY)
        heads.save(connection, source, 2, read(empty), empty)
        assert heads.load(connection, source) == (read(empty), empty)
        assert heads.load(connection, other) == (read(BODY), BODY)


def test_a_database_may_move_between_machines_of_either_byte_order(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spans = array("I", [1, 258])
    stored = heads._little_endian(spans).tobytes()
    assert stored == bytes([1, 0, 0, 0, 2, 1, 0, 0])
    monkeypatch.setattr("sys.byteorder", "big")
    swapped = array("I", spans)
    swapped.byteswap()
    assert heads._little_endian(swapped).tobytes() == stored
