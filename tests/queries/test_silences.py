"""The silences in force, or all that there ever were."""

from collections.abc import Iterator

import pytest

from pricetrail.queries.silences import ask
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import silences
from tests.queries.documents import document
from tests.support.histories import at


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    yield opened
    opened.close()


def test_silences_are_told_until_they_end_or_are_removed(database: Database) -> None:
    with database.write() as transaction:
        first = silences.add(transaction, "gpt-*", at("12:00"), "we know", at("10:00"))
        second = silences.add(transaction, "*", at("11:00"), "quiet", at("10:00"))
        silences.remove(transaction, second, at("10:30"))
    with database.read() as transaction:
        in_force = {
            when: [silence.id for silence in ask(transaction, at(when)).silences]
            for when in ("10:45", "12:00")
        }
        everything = document(ask(transaction))["silences"]
    assert in_force == {"10:45": [first], "12:00": []}
    assert everything[0] == {
        "id": first,
        "glob": "gpt-*",
        "until": "2026-03-01T12:00:00Z",
        "reason": "we know",
        "created_at": "2026-03-01T10:00:00Z",
        "removed_at": None,
    }
    assert (everything[1]["id"], everything[1]["removed_at"]) == (second, "2026-03-01T10:30:00Z")
