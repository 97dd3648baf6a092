"""A value that somebody changed behind our back: every reading command ends in one line."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pricetrail.storage import tables as t
from pricetrail.storage.history.shared_bodies import number_of
from tests.pricetrail.commands.running import made_up_history, run

pytestmark = pytest.mark.slow

READING = [
    ("events",),
    ("history", "gpt-5"),
    ("price", "gpt-5"),
    ("price", "gpt-5", "--at", "2026-03-01T13:00:00Z"),
    ("diff", "1", "3"),
    ("models",),
    ("models", "--at", "2026-03-01T12:00:00Z"),
    ("snapshots",),
    ("coverage",),
    ("export", "--format", "csv"),
    ("export", "events", "--format", "jsonl"),
    ("export", "observations"),
    ("deliveries", "list"),
    ("deliveries", "show", "msg_1"),
    ("quarantine", "list"),
    ("quarantine", "show", "1"),
    ("silence", "list"),
    ("usage", "show"),
    ("sources", "list"),
    ("head",),
    ("verify",),
    ("evidence", "gpt-5", "-o", "gpt-5.json"),
]
ROWS = """
INSERT INTO delivery (id, webhook, event_ids, blips, state, created_at, next_at, last_error)
    SELECT 'msg_1', 'w', '["evt_' || lower(hex(id)) || '"]', '[]', 'dead', 1772359200000,
        1772359200000, 'no' FROM event LIMIT 1;
INSERT INTO attempt (delivery_id, at, status, error) VALUES (1, 1772359200000, 500, 'no');
INSERT INTO routing SELECT id, 'w', 'delivery', 'msg_1', 1772359200000 FROM event LIMIT 1;
INSERT INTO silence (glob, until, reason, created_at) VALUES ('*', 1772359200000, 'x', 0);
INSERT INTO usage VALUES ('gpt-5', '2026-03-01', '/pricing/text/prompt', '12');
INSERT INTO usage_file VALUES (zeroblob(32), 'u.csv', 1, 1772359200000);
INSERT INTO webhook (name, failing_since, why) VALUES ('w', 1772359200000, 'no');
INSERT INTO held (source_id, model_id, version, event_ids, state_before, state_after, due_at,
    due_polls) SELECT 1, model_id, version, '["evt_' || lower(hex(id)) || '"]', zeroblob(32),
        zeroblob(32), 1772359200000, 9 FROM event WHERE model_id IS NOT NULL LIMIT 1;
INSERT INTO quarantine (source_id, state, reason, first_at, last_at, polls, base_version,
    catalog_root, body, models, counts) SELECT 1, 'held', 'empty', 1772359200000, 1772359200000, 1,
        3, catalog_root, body, 2, '{"added":1}' FROM snapshot WHERE body_base IS NULL LIMIT 1;
INSERT INTO verification VALUES (1, 1772359200000, 3, 3, 2, NULL);
INSERT INTO sunset SELECT 1, id, 1772359200000, 1772359200000 FROM model LIMIT 1;
INSERT INTO shared_body SELECT number_of(body), body FROM snapshot WHERE version = 1;
UPDATE snapshot SET body = NULL, shared_body_id = number_of(body) WHERE version = 1;
INSERT INTO slot (source_id, slot_at, due_at, set_at, owner, token)
    VALUES (1, 1772359200000, 1772359200000, 1772359200000, 'host:1', 'x');
INSERT INTO removed_source VALUES (9, 'gone', 'gone', 2, zeroblob(32), 1, 1772359200000);
"""
WRONG: list[Any] = [
    *("", "x", "2026-03-01", "[", "[]", "{}", "null", "NaN", "evt_1", "ß\x1b[2J"),
    *("[1]", '["x"]', '[["x"]]', "[[1]]", '{"a":1}', '{"a":"x"}', '{"a":{}}'),
    *(b"", b"\xff\xfe", b"\x00" * 20, b"(\xb5/\xfd" + b"\x01" * 9),
    *(-1, 0, 1, 7, 10**12, 2**62, -(2**62), 1.5, 1e300),
]
COLUMNS = [column for table in t.metadata.sorted_tables for column in table.c]


class Cell(NamedTuple):
    """A column, and which of its rows: counted round."""

    table: str
    column: str
    row: int
    value: Any


CELLS = st.builds(
    lambda column, row, value: Cell(column.table.name, column.name, row, value),
    st.sampled_from(COLUMNS),
    st.integers(0, 30),
    st.sampled_from(WRONG),
)


@pytest.fixture
def history() -> None:
    """A history with a row in every table, and a copy of it to go back to."""
    made_up_history()
    with closing(_opened()) as connection:
        connection.executescript(ROWS)
    shutil.copyfile("pricetrail.db", "whole.db")


def _opened() -> sqlite3.Connection:
    connection = sqlite3.connect("pricetrail.db", isolation_level=None)
    connection.execute("PRAGMA ignore_check_constraints=ON")
    connection.create_function("number_of", 1, number_of)
    return connection


def tamper(cell: Cell) -> bool:
    """Whether a wrong value could be put there."""
    shutil.copyfile("whole.db", "pricetrail.db")
    with closing(_opened()) as connection:
        keys = [row[1] for row in connection.execute(f"PRAGMA table_info({cell.table})") if row[5]]
        named = ", ".join(keys)
        query = f"SELECT {named} FROM {cell.table} ORDER BY {named}"
        rows = connection.execute(query).fetchall()
        if not rows:
            return False
        where = " AND ".join(f"{key} = ?" for key in keys)
        change = f"UPDATE {cell.table} SET {cell.column} = ? WHERE {where}"
        try:
            connection.execute(change, (cell.value, *rows[cell.row % len(rows)]))
        except sqlite3.IntegrityError:
            return False
    return True


def test_there_is_a_row_in_every_table(history: None) -> None:
    with closing(_opened()) as connection:
        counts = {
            table.name: connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0]
            for table in t.metadata.sorted_tables
        }
    assert all(counts.values()), counts
    for command in READING:
        assert run(*command)[0] in (0, 1, 3), command


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    max_examples=150,
)
@given(cell=CELLS, command=st.sampled_from(READING))
def test_a_command_that_reads_a_wrong_value_ends_in_one_line(
    history: None, cell: Cell, command: tuple[str, ...]
) -> None:
    Path("gpt-5.json").unlink(missing_ok=True)
    if not tamper(cell):
        return
    code, _, err = run(*command)
    assert code in (0, 1, 3), err
    assert (code == 0) or err.count("\n") == 1, err


@pytest.mark.parametrize(
    ("cell", "command"),
    [
        (Cell("event", "at", 0, "yesterday"), ("events",)),
        (Cell("event", "body", 3, "[1]"), ("events",)),
        (Cell("event", "id", 0, "evt_1"), ("events",)),
        (Cell("event", "type", 0, 7), ("events",)),
        (Cell("coverage", "last_at", 3, "x"), ("price", "gpt-5")),
        (Cell("coverage", "version", 1, -1), ("price", "gpt-5", "--at", "2026-03-01T13:00:00Z")),
        (Cell("coverage", "version", 1, 0), ("price", "gpt-5", "--at", "2026-03-01T13:00:00Z")),
        (Cell("usage", "day", 0, ""), ("usage", "show")),
        (Cell("coverage", "first_at", 0, 2**62), ("coverage",)),
        (Cell("snapshot", "not_after", 0, 2**62), ("snapshots",)),
        (Cell("model_version", "document", 0, b"\xff"), ("models", "--at", "2026-03-01T10:00:00Z")),
        (Cell("delivery", "event_ids", 0, "{"), ("deliveries", "list")),
        (Cell("delivery", "next_at", 0, "x"), ("deliveries", "list")),
        (Cell("quarantine", "counts", 0, "[1]"), ("quarantine", "show", "1")),
        (Cell("quarantine", "first_at", 0, b"\xff"), ("quarantine", "list")),
        (Cell("price", "amount", 0, "1,5"), ("export", "--format", "csv")),
        (Cell("source", "good_at", 0, 1e300), ("sources", "list")),
        (Cell("snapshot", "not_after", 0, "x"), ("export", "observations")),
    ],
    ids=str,
)
def test_it_says_that_the_database_is_damaged(
    history: None, cell: Cell, command: tuple[str, ...]
) -> None:
    assert tamper(cell)
    code, _, err = run(*command)
    assert (code, err.count("\n")) == (1, 1), err
    assert "damaged" in err
    assert "see `pricetrail verify`" in err
    # Nor does what failed keep a lock on it.
    with closing(_opened()) as connection:
        connection.execute("BEGIN EXCLUSIVE")
