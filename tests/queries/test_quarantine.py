"""What was set aside, of one source or of all, and the body as it came."""

from collections.abc import Iterator

import pytest

from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.event_details import ModelRemoved
from pricetrail.catalog.events import REMOVED, Event
from pricetrail.queries.quarantine import ReviewAnswer, ask, ask_body
from pricetrail.storage import sources
from pricetrail.storage.database import Database, Transaction
from pricetrail.storage.polls import quarantine
from pricetrail.storage.polls.quarantine import REJECTED
from tests.queries.documents import document
from tests.support.histories import at, model

BODY = b'\xef\xbb\xbf{"object": "list", "data": []}\n'


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Two catalogs of `one`, of which the first was rejected, and one of `two`."""
    opened = Database(database_url)
    with opened.write() as transaction:
        first = add(transaction, "one", "10:00", 12)
        quarantine.decide(transaction, first, REJECTED, at("10:30"))
        add(transaction, "one", "11:00", 0)
        add(transaction, "two", "12:00", 3)
    yield opened
    opened.close()


def add(transaction: Transaction, source: str, when: str, models: int) -> int:
    opened = sources.open_source(transaction, source, at(when))
    return quarantine.add(
        transaction,
        opened.id,
        reason=f"{models} models",
        at=at(when),
        base_version=1,
        catalog_root=bytes(32),
        body=BODY,
        models=models,
        counts={"added": 0, "removed": models, "repriced": 0, "updated": 0},
    )


@pytest.mark.parametrize(
    ("source", "held", "expected"),
    [
        (None, None, [("one", 12), ("one", 0), ("two", 3)]),
        (None, True, [("one", 0), ("two", 3)]),
        ("one", None, [("one", 12), ("one", 0)]),
        (None, False, [("one", 12)]),
        ("two", True, [("two", 3)]),
    ],
)
def test_only_what_is_asked_for_comes_oldest_first(
    database: Database, source: str | None, held: bool | None, expected: list[tuple[str, int]]
) -> None:
    with database.read() as transaction:
        answer = ask(transaction, source, held=held)
    assert [(entry.source, entry.models) for entry in answer.entries] == expected


def test_an_entry_says_when_it_came_and_what_became_of_it(database: Database) -> None:
    with database.read() as transaction:
        first, second, _ = document(ask(transaction))["quarantine"]
    assert first == {
        "id": first["id"],
        "source": "one",
        "at": "2026-03-01T10:00:00Z",
        "last_at": "2026-03-01T10:00:00Z",
        "reason": "12 models",
        "state": "rejected",
        "models": 12,
        "polls": 1,
        "counts": {"added": 0, "removed": 12, "repriced": 0, "updated": 0},
        "decided_at": "2026-03-01T10:30:00Z",
    }
    assert (second["state"], second["decided_at"]) == ("held", None)


def test_a_review_adds_what_approving_would_announce(database: Database) -> None:
    with database.read() as transaction:
        [entry] = ask(transaction, "two").entries
    details = ModelRemoved(model("a"))
    gone = Event("evt_1", "two", 2, 0, REMOVED, "a", at("12:00"), details)
    shown = document(ReviewAnswer(entry, (gone,)))
    assert (shown["id"], shown["models"]) == (entry.id, 3)
    [event] = shown["events"]
    assert (event["type"], event["timestamp"]) == ("model.removed", "2026-03-01T12:00:00Z")
    assert (event["data"]["id"], event["data"]["model"]) == ("evt_1", model("a"))


def test_the_body_comes_back_byte_for_byte(database: Database) -> None:
    with database.read() as transaction:
        [entry] = ask(transaction, "two").entries
        assert ask_body(transaction, entry.id) == BODY
        with pytest.raises(NotFoundError, match="no quarantine 99"):
            ask_body(transaction, 99)


def test_a_source_that_is_not_there_is_nothing_to_answer_from(database: Database) -> None:
    with database.read() as transaction, pytest.raises(NotFoundError, match="no source 'three'"):
        ask(transaction, "three")
