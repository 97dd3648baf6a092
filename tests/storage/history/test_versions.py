"""The past, read: a catalog at a version, a model's states, and the list of versions."""

import json
from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.merkle import GENESIS
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.history import versions
from tests.support.histories import at, build, catalog, failed, model, tokens

CHEAP, DEAR = tokens("0.1", "0.5"), tokens("0.2", "0.5")
HISTORY = [
    ("09:00", catalog(model("a", CHEAP), model("b"))),
    ("10:00", catalog(model("a", DEAR), model("b"))),
    ("11:00", catalog(model("a", DEAR), model("b"))),
    ("12:00", catalog(model("b"))),
    ("13:00", catalog(model("a", CHEAP), model("b"), model("é"))),
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    build(found, "other", [("08:00", catalog(model("a", tokens("7", "8"))))])
    build(found, "s", HISTORY)
    failed(found, "s", "14:00")
    yield found
    found.close()


def test_a_catalog_is_that_of_its_version(database: Database) -> None:
    served = [document for _, document in (HISTORY[0], HISTORY[1], HISTORY[3], HISTORY[4])]
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        for number, expected in enumerate(served, 1):
            assert json.loads(versions.listing_at(connection, source, number)) == expected
        assert versions.catalog_at(connection, source, 0) == []


def test_the_states_of_a_model_tell_when_it_was_gone(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        row = versions.model_id(connection, source, "a")
        states = versions.states(connection, row)
        assert versions.baselines(connection, row) == [1]
    assert [(state.valid_from, state.valid_to) for state in states] == [(1, 2), (2, 3), (4, None)]
    assert [state.hash for state in states][::2] == [states[0].hash] * 2
    assert states[0].hash != states[1].hash


def test_every_version_has_its_sightings(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        found = versions.snapshots(connection, source)
        pages = versions.snapshots(connection, source, limit=2)
        pages += versions.snapshots(connection, source, after=pages[-1])
        first = versions.first_seen_before(connection, source)
    assert pages == found
    assert first == at("09:00")
    assert [(row.not_after, row.last_seen, row.polls) for row in found] == [
        (at("09:00"), at("09:00"), 1),
        (at("10:00"), at("11:00"), 2),
        (at("12:00"), at("12:00"), 1),
        (at("13:00"), at("13:00"), 1),
    ]
    assert [row.previous_hash for row in found] == [GENESIS, *(row.hash for row in found[:-1])]
    assert [row.counts["added"] for row in found] == [0, 0, 0, 2]


def test_what_was_never_seen_is_not_found(database: Database) -> None:
    with database.read() as connection:
        source = sources.choose(connection, "s").id
        assert versions.get_version(connection, source, 4).models == 3
        with pytest.raises(NotFoundError, match="there is no snapshot 5"):
            versions.get_version(connection, source, 5)
        with pytest.raises(NotFoundError, match="no model 'bb' was ever seen; did you mean b"):
            versions.model_id(connection, source, "bb")
        with pytest.raises(NotFoundError, match="no model 'é'"):
            versions.model_id(connection, sources.choose(connection, "other").id, "é")
