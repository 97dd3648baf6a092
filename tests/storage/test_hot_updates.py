"""Rows that are written again and again on Postgres: beside themselves, and in no index."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text

from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import webhooks
from pricetrail.storage.polls.polls import Poll
from tests.support.histories import at, build, catalog, model

POLLS = 300
_UPDATES = text("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables WHERE relname = :name")


@pytest.fixture
def database(postgres_url: str) -> Iterator[Database]:
    found = Database(postgres_url)
    yield found
    found.close()


def updates(database: Database, table: str) -> tuple[int, int]:
    """How many rows of a table were updated, and of how many no index heard."""
    # What a connection counted is told at the latest when it ends.
    database.engine.dispose()
    with database.write() as connection:
        connection.execute(text("SELECT pg_stat_force_next_flush()"))
        row = connection.execute(_UPDATES, {"name": table}).one()
    return row.n_tup_upd, row.n_tup_hot_upd


def test_an_unchanged_poll_writes_its_coverage_where_it_lies(database: Database) -> None:
    names = [f"s{number}" for number in range(20)]
    for name in names:
        build(database, name, [("09:00", catalog(model("a")))])
    before = updates(database, "coverage")
    for number in range(POLLS):
        when = at("10:00") + timedelta(minutes=number)
        with database.write() as connection:
            state = sources.choose(connection, names[number % len(names)])
            PollRecorder(Poll(state, when, when)).unchanged(connection)
    all_of_them, hot = (
        now - then for now, then in zip(updates(database, "coverage"), before, strict=True)
    )
    assert all_of_them >= POLLS - len(names)
    assert hot >= 0.95 * all_of_them


def test_a_message_that_was_taken_writes_its_webhook_where_it_lies(database: Database) -> None:
    for number in range(POLLS):
        with database.write() as connection:
            webhooks.count_delivered(connection, f"w{number % 30}", 1, at("10:00"))
    all_of_them, hot = updates(database, "webhook")
    assert all_of_them == POLLS - 30
    assert hot >= 0.9 * all_of_them
