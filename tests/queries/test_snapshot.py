"""What one version of a catalog is, on both databases."""

from collections.abc import Iterator
from hashlib import sha256

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.strict_json import dumps
from pricetrail.queries.snapshot import ask, body, events_of
from pricetrail.storage.database import Database
from tests.support import pruned
from tests.support.histories import at, build, catalog, failed, hourly, model, tokens

TWO = [catalog(model("a", tokens(price, "0.1"))) for price in ("0.1", "0.2")]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", TWO))
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("revision", "version"), [("latest", 2), ("baseline", 1), ("latest~1", 1), ("2026-03-02", 2)]
)
def test_a_version_is_found_by_what_a_person_calls_it(
    database: Database, revision: str, version: int
) -> None:
    with database.read() as transaction:
        found = ask(transaction, None, revision)
        served = body(transaction, "s", revision)
    assert (found.version, found.body_size) == (version, len(served))
    assert served == dumps(TWO[version - 1]).encode()
    assert found.body_hash == sha256(served).digest()


def test_its_json_has_hashes_and_times_as_text(database: Database) -> None:
    with database.read() as transaction:
        first, second = (ask(transaction, "s", name).as_json() for name in ("1", "2"))
    assert (first["not_before"], first["not_after"]) == (None, "2026-03-01T10:00:00Z")
    assert (second["not_before"], second["not_after"]) == (
        "2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00Z",
    )
    assert second["counts"] == {"added": 0, "removed": 0, "repriced": 1, "updated": 0}
    for name in ("hash", "catalog_root", "body_hash"):
        assert str(second[name]).startswith("sha256:")
        assert second[name] != first[name]


def test_a_pruned_body_is_told_and_cannot_be_had(database: Database) -> None:
    with database.write() as transaction:
        assert pruned.prune_bodies(transaction, at("12:00")) == 1
    with database.read() as transaction:
        assert not ask(transaction, None, "1").body_kept
        assert ask(transaction, None, "2").body_kept
        with pytest.raises(NotFoundError, match="pruned"):
            body(transaction, None, "1")


def test_its_events_are_those_that_it_made(database: Database) -> None:
    failed(database, "s", "12:00")
    with database.read() as transaction:
        (event,) = events_of(transaction, None, 2, limit=5)
        assert (event.type, event.model, event.version) == ("model.repriced", "a", 2)
        assert events_of(transaction, None, 1, limit=5) == ()
        assert events_of(transaction, None, 2, limit=0) == ()
