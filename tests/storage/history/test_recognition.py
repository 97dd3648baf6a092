"""Observations that are part of the history already."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.catalogs import read
from pricetrail.catalog.ignored import NOTHING, parse
from pricetrail.catalog.strict_json import dumps
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history.recognition import in_force, shows
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens

ONE, TWO = catalog(model("a"), model("b")), catalog(model("a", tokens("1", "1")))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    histories.build(database, "s", [("10:00", ONE), ("11:00", TWO)])
    yield database
    database.close()


def test_a_version_is_in_force_until_the_next_one(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        found = [in_force(connection, source, at(time)) for time in ("09:59", "10:59", "12:00")]
    assert [version and version.version for version in found] == [None, 1, 2]


def test_a_catalog_is_recognised_whatever_its_text(database: Database) -> None:
    noisy = catalog(model("b", created_at="2027-01-01T00:00:00Z"), model("a"))
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        version = in_force(connection, source, at("10:30"))
        assert version is not None
        for served, ignored, same in (
            (ONE, NOTHING, True),
            (dict(reversed(ONE.items())), NOTHING, True),
            (TWO, NOTHING, False),
            (noisy, NOTHING, False),
            (noisy, parse(["/created_at"]), True),
        ):
            known = read(dumps(served).encode())
            assert shows(connection, source, version, known, ignored) == same, served
