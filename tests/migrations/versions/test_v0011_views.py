"""The public views, and the queries of docs/sql.md, on both databases."""

import json
import re
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.catalog.amounts import plain
from pricetrail.storage import sources
from pricetrail.storage.codecs import changes
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.exports import price_intervals
from tests.conftest import Recording
from tests.support.histories import build, catalog, hourly, model, tokens

pytestmark = pytest.mark.slow

PAGE = Path(__file__).resolve().parents[3] / "docs" / "sql.md"
DEAR, CHEAP = tokens("0.000003", "0.00001"), tokens("0.0000025", "0.00001")


def one_that_comes_back(database: Database) -> None:
    renamed = model("gpt-5", DEAR, display_name="Another name")
    odd = model("odd", {"kind": "token", "text": {"prompt": "1,5"}})
    build(
        database,
        "s",
        [
            ("2026-02-01", catalog(model("gpt-5", DEAR), odd)),
            ("2026-02-10", catalog(renamed, odd)),
            ("2026-02-20", catalog(odd)),
            ("2026-02-25", catalog(renamed, odd)),
            ("2026-03-05", catalog(model("gpt-5", CHEAP), odd)),
        ],
    )


@pytest.fixture
def database(with_history: Callable[[Recording], str]) -> Iterator[Database]:
    found = Database(with_history(one_that_comes_back))
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


def test_the_changes_are_those_of_the_log(database: Database) -> None:
    """Whether an event keeps them itself, or prices tell: dropped, odd, back, and beside a kind."""
    both, dear = tokens("0.1", "0.2", cache={"read": "0.01"}), tokens("0.3", "0.2")
    odd = {"kind": "token", "text": {"prompt": "free"}, "": {"x": "0.5"}}
    text, other = tokens("0.1", "free"), tokens("0.4", "gratis")
    kinds = {"kind": "image", "text": {"prompt": "0.3", "completion": None}, "per_image": "0.04"}
    states = [both, dear, both, None, dear, both, odd, dear, kinds, both, text, other, both]
    build(
        database,
        "s",
        [
            (f"2026-04-{day + 1:02}", catalog(model("new"), *([model("m", one)] if one else [])))
            for day, one in enumerate(states)
        ],
    )
    with database.read() as connection:
        log = {
            event.id: json.loads(changes.encode(event.changes))
            for _, event in events.read(connection, events.EventFilter())
            if event.changes
        }
    query = "SELECT id, changes FROM v_events WHERE changes IS NOT NULL AND type LIKE 'model.%'"
    found = rows(database, query)
    assert {name: _plain(json.loads(changes)) for name, changes in found} == log
    [(kept,)] = rows(database, "SELECT COUNT(*) FROM event WHERE type = 'p' AND body IS NULL")
    assert 0 < kept < len(log)


def _plain(changes: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """On Postgres the same amount may be written with zeros behind it."""
    return {
        path: [
            plain(Decimal(one)) if isinstance(one, str) and one[0].isdigit() else one for one in two
        ]
        for path, two in changes.items()
    }


def test_a_model_that_comes_back_starts_its_prices_anew(database: Database) -> None:
    query = (
        "SELECT from_version, until_version, substr(CAST(until_not_after AS TEXT), 1, 10)"
        " FROM v_price_history WHERE model = 'gpt-5' AND path = '/pricing/text/prompt'"
        " ORDER BY from_version"
    )
    assert rows(database, query) == [(1, 3, "2026-02-20"), (4, 5, "2026-03-05"), (5, None, None)]


def test_times_are_rfc_3339(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("2026-02-01T09:08:07.006Z", catalog(model("a", DEAR)))])
    build(database, "s", [("2026-02-01T09:08:08Z", catalog(model("a", CHEAP)))])
    [(before, after)] = rows(database, "SELECT not_before, not_after FROM v_events")
    assert (before, after) == ("2026-02-01T09:08:07.006Z", "2026-02-01T09:08:08.000Z")
    database.close()


def test_times_before_1970_are_written_as_they_are(sqlite_url: str) -> None:
    database = Database(sqlite_url)
    build(database, "s", [("1969-12-31T23:59:58.500Z", catalog(model("a", DEAR)))])
    build(database, "s", [("1970-01-01T00:00:00.250Z", catalog(model("a", CHEAP)))])
    [(before, after)] = rows(database, "SELECT not_before, not_after FROM v_events")
    assert (before, after) == ("1969-12-31T23:59:58.500Z", "1970-01-01T00:00:00.250Z")
    database.close()


def test_a_model_of_many_prices_is_viewed_at_once(sqlite_url: str) -> None:
    """Its rows are sought and not searched: else this takes minutes."""
    database = Database(sqlite_url)
    hours = [catalog(model("a", tokens(f"0.{n + 1}", "0.5"))) for n in range(700)]
    build(database, "s", hourly("2026-03-01", hours))
    [(number,)] = rows(database, "SELECT COUNT(changes) FROM v_events")
    [(intervals,)] = rows(database, "SELECT COUNT(until_version) FROM v_price_history")
    assert (number, intervals) == (699, 699)
    database.close()


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
