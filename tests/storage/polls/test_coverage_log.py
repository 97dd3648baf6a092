"""Coverage: written in one place, by what polls, imports and clocks have said."""

import ast
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.polls import coverage_log
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens
from tests.support.tree import modules

pytestmark = pytest.mark.slow

_STATEMENT = re.compile(r"\b(insert\s+into|update|delete\s+from)\s+coverage\b", re.IGNORECASE)
ONE, TWO = catalog(model("a")), catalog(model("a", tokens("1", "1")))


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    found = Database(database_url)
    yield found
    found.close()


def state(database: Database) -> SourceState:
    with database.read() as connection:
        return sources.choose(connection, "s")


def made(database: Database, when: datetime, **more: Any) -> Poll:
    return Poll(state(database), when, when + timedelta(seconds=2), **more)


def record_unchanged(database: Database, poll: Poll) -> None:
    with database.write() as connection:
        PollRecorder(poll).unchanged(connection)


def stretches(database: Database) -> list[tuple[Any, ...]]:
    columns = (
        t.coverage.c[name] for name in ("outcome", "version", "first_at", "last_at", "polls")
    )
    with database.read() as connection:
        return [
            tuple(row) for row in connection.execute(select(*columns).order_by(t.coverage.c.id))
        ]


def outcomes(database: Database) -> list[tuple[str, int]]:
    query = select(t.poll.c.outcome, t.poll.c.version).order_by(t.poll.c.id)
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(query)]


def test_polls_that_agree_are_one_stretch_and_others_begin_one(database: Database) -> None:
    histories.build(
        database,
        "s",
        [
            *(("10:00", ONE), ("10:15", ONE), ("10:30", None), ("10:45", None)),
            *(("11:00", ONE), ("11:15", TWO), ("11:30", TWO)),
        ],
    )
    assert stretches(database) == [
        ("good", 1, at("10:00"), at("10:15"), 2),
        ("failed", 1, at("10:30"), at("10:45"), 2),
        ("good", 1, at("11:00"), at("11:00"), 1),
        ("good", 2, at("11:15"), at("11:30"), 2),
    ]


def test_an_unchanged_poll_covers_only_up_to_its_beginning(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE)
    record_unchanged(database, made(database, at("10:15")))
    assert stretches(database) == [("good", 1, at("10:00"), at("10:15"), 2)]


def test_a_pause_longer_than_the_schedule_is_missed(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE)
    pause = timedelta(minutes=20)
    record_unchanged(database, made(database, at("10:20"), longest_pause=pause))
    record_unchanged(database, made(database, at("11:00"), longest_pause=pause))
    ended = at("11:00") + timedelta(seconds=2)
    assert stretches(database) == [
        ("good", 1, at("10:00"), at("10:20"), 2),
        ("missed", 1, at("10:20"), ended, 0),
        ("good", 1, ended, ended, 1),
    ]


def test_what_is_imported_or_decided_afterwards_is_no_poll_in_the_log(database: Database) -> None:
    histories.poll(database, "s", "10:00", ONE, imported=True)
    record_unchanged(database, made(database, at("10:15"), logged=False))
    assert outcomes(database) == []
    assert [(row[0], row[4]) for row in stretches(database)] == [("imported", 1), ("good", 1)]


def test_somebody_elses_polls_go_on_from_a_good_or_an_imported_one(database: Database) -> None:
    hour = timedelta(hours=1)
    histories.poll(database, "s", "10:00", ONE, imported=True)
    source = state(database).id
    with database.write() as connection:
        coverage_log.log_agreement(connection, source, at("12:30"), hour)
        # It is covered already.
        coverage_log.log_agreement(connection, source, at("12:00"), hour)
        coverage_log.log_agreement(connection, source, at("14:30"), hour)
    assert stretches(database) == [
        ("imported", 1, at("10:00"), at("10:00"), 1),
        ("good", 1, at("10:00"), at("14:30"), 4),
    ]
    histories.failed(database, "s", "15:00")
    with database.write() as connection:
        coverage_log.log_agreement(connection, source, at("16:00"), hour)
    assert stretches(database)[-1][0] == "failed"


def test_what_is_given_up_is_a_gap_from_the_last_sighting(database: Database) -> None:
    histories.build(database, "s", [("10:00", ONE), ("10:15", ONE), ("13:00", None)])
    source = state(database).id
    with database.write() as connection:
        coverage_log.give_up(connection, source, 1, at("10:10"), at("10:00"), at("10:12"))
    assert stretches(database) == [
        ("good", 1, at("10:00"), at("10:00"), 2),
        ("failed", 1, at("10:10"), at("10:10"), 1),
        ("missed", 1, at("10:00"), at("10:12"), 0),
    ]


def test_only_this_module_writes_coverage() -> None:
    """Every statement that changes a table names it: `insert(t.x)`, `update(t.x)`, `upsert(…)`."""
    writers = {name for name, module in modules().items() if _writes_coverage(module)}
    assert writers == {"storage/polls/coverage_log.py"}


def _writes_coverage(tree: ast.Module) -> bool:
    texts = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    if any(isinstance(text, str) and _STATEMENT.search(text) for text in texts):
        return True
    calls = (node for node in ast.walk(tree) if isinstance(node, ast.Call))
    return any(_is_write(call) and _names_coverage(call) for call in calls)


def _is_write(call: ast.Call) -> bool:
    name = getattr(call.func, "id", None) or getattr(call.func, "attr", None)
    return name in {"insert", "update", "delete", "upsert", "insert_or_skip"}


def _names_coverage(call: ast.Call) -> bool:
    """Whether the table is an argument, or what a method such as `t.coverage.insert()` is of."""
    owners = [call.func.value] if isinstance(call.func, ast.Attribute) else []
    return any(
        isinstance(node, ast.Attribute) and node.attr == "coverage"
        for node in (*owners, *call.args)
    )


@pytest.mark.parametrize(
    ("statement", "writes"),
    [
        ("update(t.coverage).values(polls=1)", True),
        ("connection.execute(insert(tables.coverage))", True),
        ("t.coverage.delete()", True),
        ("insert_or_skip(connection, t.coverage, rows)", True),
        ("text('UPDATE coverage SET polls = 1')", True),
        ("select(t.coverage)", False),
        ("update(t.source).values(polls=t.coverage.c.polls)", False),
    ],
)
def test_a_statement_that_writes_coverage_is_seen(statement: str, writes: bool) -> None:
    assert _writes_coverage(ast.parse(statement)) == writes
