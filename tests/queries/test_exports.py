"""The history as rows, as documents, and as observations that an import takes in again."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from sqlalchemy import QueuePool

from pricetrail.queries.exports import (
    TableAnswer,
    ask_events,
    ask_observations,
    ask_prices,
    ask_snapshots,
)
from pricetrail.storage.database import Database
from pricetrail.storage.sources import SourceNeededError
from tests.support.histories import at, build, catalog, model, tokens

DEAR, CHEAP = tokens("0.000003", "3e-6"), tokens("0.0000025", "3e-6")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """Version 1 at 10:00; at 11:00 `a` gets cheaper and is renamed; at 12:00 `b` comes."""
    opened = Database(database_url)
    second = model("a", CHEAP, display_name="The A")
    build(
        opened,
        "s",
        [
            ("10:00", catalog(model("a", DEAR))),
            ("11:00", catalog(second)),
            ("12:00", catalog(second, model("b", {"kind": "token", "text": {"prompt": "free"}}))),
        ],
    )
    yield opened
    opened.close()


def rows(asked: AbstractContextManager[TableAnswer]) -> list[dict[str, Any]]:
    with asked as answer:
        names = [column.name for column in answer.columns]
        return [dict(zip(names, row, strict=True)) for row in answer.rows]


def documents(asked: AbstractContextManager[TableAnswer]) -> list[dict[str, Any]]:
    with asked as answer:
        return list(answer.documents)


def test_each_price_is_told_for_as_long_as_it_stood(database: Database) -> None:
    found = rows(ask_prices(database))
    versions = [
        (row["model"], row["path"], row["amount"], row["from_version"], row["until_version"])
        for row in found
    ]
    assert versions == [
        ("a", "/pricing/text/completion", "0.000003", 1, None),
        ("a", "/pricing/text/prompt", "0.000003", 1, 2),
        ("a", "/pricing/text/prompt", "0.0000025", 2, None),
        ("b", "/pricing/text/prompt", None, 3, None),
    ]
    assert (found[1]["until_not_before"], found[1]["until_not_after"]) == (at("10:00"), at("11:00"))
    assert {row["unit"] for row in found} == {"USD/token"}
    assert [row["flagged"] for row in found] == [None, None, None, "free"]


def test_each_version_is_a_row(database: Database) -> None:
    first, second, third = rows(ask_snapshots(database, "s"))
    assert [row["version"] for row in (first, second, third)] == [1, 2, 3]
    assert second["previous_hash"] == first["hash"]
    assert (second["repriced"], second["updated"], third["added"]) == (1, 1, 1)
    assert (third["models"], third["not_before"], third["not_after"]) == (
        2,
        at("11:00"),
        at("12:00"),
    )


def test_an_event_has_a_row_for_each_changed_leaf(database: Database) -> None:
    found = rows(ask_events(database))
    assert [
        (row["type"], row["path"], row["old"], row["new"], row["percent"]) for row in found
    ] == [
        ("model.repriced", "/pricing/text/prompt", "0.000003", "0.0000025", "-16.67"),
        ("model.updated", "/display_name", "A", "The A", None),
        ("model.added", None, None, None, None),
    ]
    assert found[0]["direction"] == "decrease"
    assert {row["source"] for row in found} == {"s"}


def test_documents_are_the_same_rows_and_events_the_messages(database: Database) -> None:
    prices = documents(ask_prices(database))
    assert prices[1]["until_not_after"] == "2026-03-01T11:00:00Z"
    assert [row["amount"] for row in prices] == [
        row["amount"] for row in rows(ask_prices(database))
    ]
    messages = documents(ask_events(database))
    assert [message["type"] for message in messages] == [
        *("model.repriced", "model.updated", "model.added"),
    ]
    assert list(messages[0]) == ["type", "timestamp", "data"]


def test_observations_carry_the_body_as_it_was_served_and_what_is_known(
    database: Database,
) -> None:
    with ask_observations(database) as observations:
        found = [(observation.as_line(), observation.rebuilt) for observation in observations]
    lines = [line for line, _ in found]
    loaded = [json.loads(line) for line in lines]
    first = loaded[0]
    assert first["observed_at"] == "2026-03-01T10:00:00Z"
    assert first["payload"] == catalog(model("a", DEAR))
    assert (first["coverage"]["version"], first["coverage"]["not_before"]) == (1, None)
    assert first["coverage"]["stretches"][0]["outcome"] == "good"
    assert [one["coverage"]["version"] for one in loaded if "coverage" in one] == [1, 2, 3]
    assert all(line.endswith("}\n") and line.count("\n") == 1 for line in lines)
    assert not any(rebuilt for _, rebuilt in found)


def test_of_several_sources_one_has_to_be_named_before_anything_is_read(
    database: Database,
) -> None:
    build(database, "other", [("10:00", catalog(model("x")))])
    assert [row["model"] for row in rows(ask_prices(database, "other"))] == ["x", "x"]
    for ask in (ask_prices, ask_snapshots, ask_events, ask_observations):
        with pytest.raises(SourceNeededError), ask(database):
            pass


class GivenUpError(Exception):
    """Somebody's disk is full, or what was read is not as it should be."""


@pytest.mark.parametrize("ask", [ask_prices, ask_snapshots, ask_events, ask_observations])
def test_what_is_given_up_half_way_keeps_no_transaction(
    database: Database, ask: Callable[[Database], Any]
) -> None:
    def give_up() -> None:
        with ask(database) as answer:
            next(answer.rows if isinstance(answer, TableAnswer) else answer)
            raise GivenUpError

    # The error, which is kept here, keeps every iterator that it went through.
    with pytest.raises(GivenUpError) as kept:
        give_up()
    pool = database.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0, kept
