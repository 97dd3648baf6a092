"""Which versions of a catalog there are, on both databases."""

from collections.abc import Iterator
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries.snapshots import ask
from pricetrail.storage.database import Database
from pricetrail.storage.history import streams
from tests.support.histories import build, catalog, hourly, model, tokens

PRICES = [catalog(model("a", tokens(f"0.{n + 1}", "0.1")), model("b")) for n in range(12)]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def entries(database: Database, source: str | None = None) -> list[dict[str, Any]]:
    found: Any = ask(database, source).as_json()["snapshots"]
    return list(found)


def test_each_version_has_the_shape_of_the_contract(database: Database) -> None:
    build(database, "s", hourly("10:00", [PRICES[0], PRICES[0], PRICES[1]]))
    first, second = entries(database)
    assert list(second) == [
        *("version", "hash", "previous_hash", "models", "first_seen", "last_seen", "polls"),
        "counts",
    ]
    assert (first["first_seen"], first["last_seen"]) == (
        "2026-03-01T10:00:00Z",
        "2026-03-01T11:00:00Z",
    )
    assert (first["version"], first["polls"], first["models"]) == (1, 2, 2)
    assert first["previous_hash"] == "sha256:" + 64 * "0"
    assert second["previous_hash"] == first["hash"] != second["hash"]
    assert second["counts"] == {"added": 0, "removed": 0, "repriced": 1, "updated": 0}


def test_a_long_history_is_one_chain_and_can_be_read_twice(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_PIECE", 1)  # ten rows at once
    build(database, "s", hourly("10:00", PRICES))
    answer = ask(database, "s")
    first, again = list(answer.snapshots), list(answer.snapshots)
    assert first == again
    assert [row.version for row in first] == list(range(1, 13))
    assert [row.previous_hash for row in first[1:]] == [row.hash for row in first[:-1]]


def test_a_source_without_versions_has_none_and_an_unknown_one_no_answer(
    database: Database,
) -> None:
    build(database, "s", [("10:00", None)])
    assert entries(database, "s") == []
    with pytest.raises(NotFoundError, match="no source 'x'"):
        entries(database, "x")
