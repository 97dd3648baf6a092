"""What ever changed about a model, on both databases."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from pricetrail.catalog.changes import Change
from pricetrail.catalog.errors import NotFoundError
from pricetrail.queries.history import HistoryAnswer, ask
from pricetrail.storage.database import Database
from pricetrail.storage.history import streams
from tests.support.histories import at, build, catalog, hourly, model, tokens

PROMPT = "/pricing/text/prompt"
OTHER = model("b")
HISTORY = [
    catalog(model("a"), OTHER),
    catalog(model("a", tokens("0.0000025", "0.000015")), OTHER),
    catalog(model("a", tokens("0.0000025", "0.000015"), display_name="A 2"), OTHER),
    catalog(OTHER),
    catalog(model("a", tokens("0.0000025", "0.00001"), display_name="A 2"), OTHER),
]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    opened = Database(database_url)
    build(opened, "s", hourly("10:00", HISTORY))
    yield opened
    opened.close()


def kinds(answer: HistoryAnswer) -> list[tuple[str, int]]:
    return [(entry.type, entry.version) for entry in answer.entries]


def test_it_begins_with_the_baseline_and_goes_on_with_each_event(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_PIECE", 1)
    answer = ask(database, None, "a")
    assert kinds(answer) == [
        ("baseline", 1),
        ("model.repriced", 2),
        ("model.updated", 3),
        ("model.removed", 4),
        ("model.added", 5),
    ]
    assert kinds(answer) == kinds(ask(database, "s", "a"))
    baseline, repriced, *_ = answer.entries
    assert (baseline.not_before, baseline.not_after, baseline.changes) == (None, at("10:00"), ())
    assert (repriced.not_before, repriced.not_after) == (at("10:00"), at("11:00"))
    assert repriced.changes == (Change(PROMPT, Decimal("0.000003"), Decimal("0.0000025")),)


def test_its_json_is_the_contracts(database: Database) -> None:
    found: Any = ask(database, None, "a").as_json()
    assert list(found) == ["source", "model", "events"]
    first, second, *_ = found["events"]
    assert first == {
        "id": None,
        "type": "baseline",
        "version": 1,
        "observed": {"not_before": None, "not_after": "2026-03-01T10:00:00Z"},
        "direction": None,
        "changes": [],
    }
    assert second.pop("id").startswith("evt_")
    assert second == {
        "type": "model.repriced",
        "version": 2,
        "observed": {"not_before": "2026-03-01T10:00:00Z", "not_after": "2026-03-01T11:00:00Z"},
        "direction": "decrease",
        "changes": [
            {
                "path": PROMPT,
                "unit": "USD/token",
                "old": "0.000003",
                "new": "0.0000025",
                "percent": "-16.67",
            }
        ],
    }


def test_of_one_field_only_its_changes_are_told_and_what_is_about_the_whole_model(
    database: Database,
) -> None:
    whole = [("baseline", 1), ("model.removed", 4), ("model.added", 5)]
    assert kinds(ask(database, None, "a", PROMPT)) == sorted(
        [*whole, ("model.repriced", 2)], key=lambda entry: entry[1]
    )
    assert kinds(ask(database, None, "a", "/pricing/text/completion")) == whole
    assert ("model.repriced", 2) in kinds(ask(database, None, "a", "/pricing/text"))


@pytest.mark.parametrize(
    ("name", "field", "message"),
    [
        ("aa", None, "did you mean a"),
        ("a", "/pricing/text/promt", r"it has: text\.prompt"),
        ("a", "/display_nme", "it has: /display_name"),
    ],
)
def test_what_never_was_is_refused_with_its_neighbours(
    database: Database, name: str, field: str | None, message: str
) -> None:
    with pytest.raises(NotFoundError, match=message):
        ask(database, None, name, field)
