"""The public views, and the queries of docs/sql.md, on both databases."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import events, sources
from storage.database import Database
from storage.exports import price_intervals
from tests.support.histories import build, catalog, model, tokens

PAGE = Path(__file__).resolve().parents[2] / "docs" / "sql.md"
DEAR, CHEAP = tokens("0.000003", "0.00001"), tokens("0.0000025", "0.00001")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    renamed = model("gpt-5", DEAR, display_name="Another name")
    odd = model("odd", {"kind": "token", "text": {"prompt": "1,5"}})
    build(
        found,
        "s",
        [
            ("2026-02-01", catalog(model("gpt-5", DEAR), odd)),
            ("2026-02-10", catalog(renamed, odd)),
            ("2026-02-20", catalog(odd)),
            ("2026-02-25", catalog(renamed, odd)),
            ("2026-03-05", catalog(model("gpt-5", CHEAP), odd)),
        ],
    )
    yield found
    found.close()


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text(query))]


def queries() -> list[str]:
    found = re.findall(r"```sql\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert len(found) == 3
    return found


def test_the_intervals_are_those_of_the_export(database: Database) -> None:
    with database.read() as connection:
        exported = [
            (
                one.model,
                one.path,
                one.unit,
                None if one.amount is None else str(one.amount),
                one.flagged,
                one.from_version,
                one.until_version,
            )
            for one in price_intervals(connection, sources.choose(connection, None).id)
        ]
    viewed = rows(
        database,
        "SELECT model, path, unit, CAST(amount AS TEXT), flagged, from_version, until_version"
        " FROM v_price_history",
    )
    plain = [(*row[:3], None if row[3] is None else row[3].rstrip("0"), *row[4:]) for row in viewed]
    expected = [
        (*row[:3], None if row[3] is None else f"{float(row[3]):.7f}".rstrip("0"), *row[4:])
        for row in exported
    ]
    assert sorted(plain, key=str) == sorted(expected, key=str)
    assert len([row for row in plain if row[1] == "/pricing/text/prompt"]) == 4


def test_the_events_are_those_of_the_log(database: Database) -> None:
    with database.read() as connection:
        log = [
            (event.id, event.source, event.version, event.type, event.model)
            for _, event in events.read(connection, events.EventFilter())
        ]
    query = "SELECT id, source, version, type, model FROM v_events ORDER BY version, sequence"
    assert rows(database, query) == log
    assert len(log) == 5


def test_the_page_answers_what_a_model_cost_on_a_day(database: Database) -> None:
    found = rows(database, queries()[0])
    assert [(path, float(amount), unit) for path, amount, unit in found] == [
        ("/pricing/text/completion", 0.00001, "USD/token"),
        ("/pricing/text/prompt", 0.000003, "USD/token"),
    ]


def test_the_page_counts_reprices(database: Database) -> None:
    assert rows(database, queries()[1]) == [("gpt-5", 1)]


def test_the_page_finds_the_cheapest_prompts(database: Database) -> None:
    [(name, amount)] = rows(database, queries()[2])
    assert (name, float(amount)) == ("gpt-5", 0.0000025)
