"""Sources that the database keeps: written in sets, all or none; histories are left alone."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import FailedError
from pricetrail.storage import kept_sources, source_names, sources
from pricetrail.storage.database import Database
from pricetrail.storage.kept_sources import Change, Kept
from pricetrail.storage.source_removal import remove
from tests.support.histories import build, catalog, hourly, model, tokens


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A source `s` with a history, which is not kept."""
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", [catalog(model("a", tokens("3", "1")))]))
    yield opened
    opened.close()


def add(database: Database, *names: str, settings: str = "{}") -> None:
    with database.write() as connection:
        kept_sources.add(
            connection, [Kept(name, settings, "https://gw/v1") for name in names], database.now()
        )


def kept(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return kept_sources.settings(connection)


def known(database: Database) -> dict[str, tuple[int, str]]:
    with database.read() as connection:
        return {it.name: (it.head_version, it.hashed_name) for it in sources.states(connection)}


def test_new_ones_are_made_and_one_with_a_history_goes_on_with_it(database: Database) -> None:
    add(database, "b", "s", "a")
    assert kept(database) == {"a": "{}", "b": "{}", "s": "{}"}
    assert known(database) == {"a": (0, "a"), "b": (0, "b"), "s": (1, "s")}
    with database.read() as connection:
        assert kept_sources.names(connection) == ["a", "b", "s"]
        assert kept_sources.settings_of(connection, "b") == "{}"
        assert kept_sources.settings_of(connection, "nobody") is None
        assert source_names.at_address(connection, "https://gw/v1") == ["a", "b"]


def test_more_than_a_statement_takes(database: Database) -> None:
    names = [f"n{number:05}" for number in range(12_000)]
    add(database, *names)
    assert list(kept(database)) == names
    with database.write() as connection:
        kept_sources.change(connection, [Change(name, "{}", "[]") for name in names])
        kept_sources.drop(connection, names[1:])
    assert kept(database) == {names[0]: "[]"}
    assert list(known(database)) == [names[0], "s"]


def test_no_chain_and_no_id_is_given_twice(database: Database) -> None:
    with database.write() as connection:
        state = sources.choose(connection, "s")
        source_names.rename_source(connection, state.id, "t")
    add(database, "gone")
    with database.write() as connection:
        gone = sources.choose(connection, "gone")
        remove(connection, gone, database.now())
    add(database, "s", "u", "s (2)")
    hashed = [name for _, name in known(database).values()]
    assert len(set(hashed)) == len(hashed) == 4
    assert known(database)["t"] == (1, "s")
    with database.read() as connection:
        ids = {one.id for one in sources.states(connection)}
    assert len(ids) == 4
    assert gone.id not in ids


def test_what_somebody_else_changed_is_not_written_over(database: Database) -> None:
    add(database, "a", "b")
    with (
        pytest.raises(FailedError, match="somebody else changed these sources meanwhile"),
        database.write() as connection,
    ):
        kept_sources.change(connection, [Change("a", "{}", "[1]"), Change("b", "[]", "[1]")])
    with pytest.raises(FailedError, match="somebody else"):
        add(database, "c", "a")
    assert kept(database) == {"a": "{}", "b": "{}"}


def test_a_history_stays_when_its_source_is_dropped(database: Database) -> None:
    add(database, "s", "a")
    with database.write() as connection:
        kept_sources.drop(connection, ["s", "a"])
    assert kept(database) == {}
    assert known(database) == {"s": (1, "s")}


def test_labels_are_told_of_those_that_have_any(database: Database) -> None:
    add(database, "a", settings='{"labels":{"team":"x","n":1},"url":"u"}')
    add(database, "b", settings='{"url":"\\"labels\\":"}')
    add(database, "c", settings='{"labels":')
    add(database, "d", settings='{"labels":[]}')
    with database.read() as connection:
        assert kept_sources.labels(connection) == {"a": {"team": "x"}, "b": {}, "c": {}, "d": {}}
