"""Catalogs set aside: kept byte for byte, with what became of them."""

from collections.abc import Iterator
from typing import Any

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import APPROVED, CONFIRMED, HELD, REJECTED, SUPERSEDED
from tests.support.histories import at

BODY = b'\xef\xbb\xbf{ "object": "list", "data": [], "total": 0 }\n'
COUNTS = {"added": 0, "removed": 12, "repriced": 0, "updated": 0}


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def set_aside(connection: Transaction, source: str = "s", **more: Any) -> int:
    opened = sources.open_source(connection, source, at("10:00"))
    wanted: dict[str, Any] = {
        "reason": "the catalog is empty",
        "at": at("10:00"),
        "base_version": 3,
        "catalog_root": b"\x01" * 32,
        "body": BODY,
        "models": 0,
        "counts": COUNTS,
    }
    return quarantine.add(connection, opened.id, **wanted | more)


def test_it_is_kept_whole_and_its_source_is_marked(database: Database) -> None:
    with database.write() as connection:
        number = set_aside(connection)
        found = quarantine.get(connection, number)
        assert quarantine.body_of(connection, number) == BODY
        assert sources.choose(connection, "s").holding
    assert (found.source, found.state, found.reason) == ("s", HELD, "the catalog is empty")
    assert (found.first_at, found.last_at, found.polls) == (at("10:00"), at("10:00"), 1)
    assert (found.base_version, found.models, found.counts) == (3, 0, COUNTS)
    assert (found.catalog_root, found.decided_at) == (b"\x01" * 32, None)


def test_the_same_catalog_again_is_counted(database: Database) -> None:
    with database.write() as connection:
        number = set_aside(connection)
        quarantine.seen_again(connection, number, at("10:15"), polls=2)
        found = quarantine.get(connection, number)
    assert (found.first_at, found.last_at, found.polls) == (at("10:00"), at("10:15"), 2)


@pytest.mark.parametrize("verdict", [APPROVED, REJECTED, CONFIRMED, SUPERSEDED])
def test_a_verdict_frees_its_source_and_no_other(database: Database, verdict: str) -> None:
    with database.write() as connection:
        number = set_aside(connection)
        set_aside(connection, "other")
        quarantine.decide(connection, number, verdict, at("11:00"))
        found = quarantine.get(connection, number)
        assert (found.state, found.decided_at) == (verdict, at("11:00"))
        assert not sources.choose(connection, "s").holding
        assert sources.choose(connection, "other").holding


def test_what_is_held_or_rejected_still_stands(database: Database) -> None:
    with database.write() as connection:
        numbers = [set_aside(connection, reason=f"reason {number}") for number in range(4)]
        other = set_aside(connection, "other")
        for number, verdict in zip(numbers, (REJECTED, APPROVED, SUPERSEDED), strict=False):
            quarantine.decide(connection, number, verdict, at("11:00"))
        source = sources.choose(connection, "s").id
        undecided = [entry.id for entry in quarantine.undecided(connection, source)]
        assert undecided == [numbers[0], numbers[3]]
        assert [entry.id for entry in quarantine.listed(connection)] == [*numbers, other]
        assert [entry.id for entry in quarantine.listed(connection, source)] == numbers


def test_one_that_is_not_there_says_where_to_look(database: Database) -> None:
    with (
        database.read() as connection,
        pytest.raises(NotFoundError, match="no quarantine 7: see `pricetrail quarantine list`"),
    ):
        quarantine.get(connection, 7)
