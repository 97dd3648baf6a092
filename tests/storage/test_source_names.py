"""What sources are called: a chain keeps its name, and nothing goes on showing a former one."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import InvalidInputError, NotFoundError
from pricetrail.storage import source_names, sources
from pricetrail.storage.database import Database
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.history.newest_events import newest
from pricetrail.storage.verification.verify import verify
from tests.support.histories import at, build, catalog, hourly, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A source `s`: its model `a` gets cheaper."""
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", [catalog(model("a", tokens(p, "1"))) for p in ("3", "2")]))
    yield opened
    opened.close()


def rename(database: Database, old: str, new: str) -> None:
    with database.write() as connection:
        source_names.rename_source(connection, sources.choose(connection, old).id, new)


def hashed(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return {one.name: one.hashed_name for one in sources.states(connection)}


def test_a_chain_keeps_the_name_that_it_began_with(database: Database) -> None:
    rename(database, "s", "t")
    rename(database, "t", "u")
    assert hashed(database) == {"u": "s"}
    build(database, "u", hourly("12:00", [catalog(model("a", tokens("9", "1")))]))
    with database.read() as connection:
        assert verify(connection, sources.choose(connection, "u")).ok
        with pytest.raises(NotFoundError, match="it is called 'u' now"):
            sources.choose(connection, "s")
    rename(database, "u", "s")
    assert hashed(database) == {"s": "s"}


def test_no_two_chains_have_one_name(database: Database) -> None:
    rename(database, "s", "t")
    with database.write() as connection:
        for name in ("s", "s (2)"):
            sources.open_source(connection, name, at("13:00"))
    assert hashed(database) == {"t": "s", "s": "s (2)", "s (2)": "s (2) (2)"}
    with database.write() as connection:
        ours = sources.choose(connection, "t").id
        for name in ("s", "", "\t", "a\x00b", "x" * 201):
            with pytest.raises(InvalidInputError):
                source_names.rename_source(connection, ours, name)
        # Its own name is free for it.
        source_names.rename_source(connection, ours, "t")


def test_what_is_remembered_of_a_former_name_is_forgotten(database: Database) -> None:
    def told() -> list[str]:
        with database.read() as connection:
            source_names.some(connection)
            return [event.source for _, event in newest(connection, EventFilter(limit=1))]

    assert told() == ["s"]
    # As another process would.
    other = Database(database.url)
    rename(other, "s", "t")
    other.close()
    assert told() == ["t"]
