"""The head: what was accepted last, read for the next comparison."""

from collections.abc import Iterator

import pytest
from sqlalchemy import update

from pricetrail.catalog.catalogs import read
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.codecs import bodies
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StorageError
from pricetrail.storage.history import latest
from pricetrail.storage.history.bodies import body_of
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
    assert head.catalog == read(head.body)
    assert head.known_schema == {"kind:token", "/pricing/text/prompt", "/pricing/text/completion"}
    assert head.links == 2


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"\x00" * 40, "body of version 1 is damaged"),
        (bodies.encode(b"[]"), "body of version 1 is no catalog: .*; see `pricetrail verify`"),
    ],
)
def test_a_body_that_is_damaged_is_said_to_be(database: Database, body: bytes, said: str) -> None:
    build(database, "s", [("09:00", catalog(model("a")))])
    with database.write() as connection:
        connection.execute(update(t.snapshot).values(body=body))
        with pytest.raises(StorageError, match=said):
            latest.load(connection, sources.choose(connection, "s"))
