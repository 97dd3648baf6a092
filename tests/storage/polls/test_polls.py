"""Polls: each leaves a row, and none overwrites a newer one."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from pricetrail.jobs.polls.recording import PollRecorder
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.errors import StaleHolderError
from pricetrail.storage.polls import polls
from pricetrail.storage.polls.polls import Poll
from pricetrail.storage.sources import SourceState
from tests.support import histories
from tests.support.histories import at, catalog, model, tokens
from tests.support.slots import set_slot, take

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


def record_failed(database: Database, poll: Poll) -> None:
    with database.write() as connection:
        PollRecorder(poll).failed(connection, "503")


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


def test_every_poll_leaves_a_row(database: Database) -> None:
    histories.build(
        database, "s", [("10:00", ONE), ("10:15", ONE), ("10:30", None), ("10:45", TWO)]
    )
    histories.quarantined(database, "s", "11:00")
    assert outcomes(database) == [
        ("changed", 1),
        ("unchanged", 1),
        ("failed", 1),
        ("changed", 2),
        ("quarantined", 2),
    ]


def test_failures_are_counted_until_a_good_poll(database: Database) -> None:
    histories.build(database, "s", [("10:00", ONE), ("10:15", None), ("10:30", None)])
    failing = state(database)
    assert (failing.failures, failing.failing_since) == (2, at("10:15"))
    assert failing.good_at == at("10:00")
    histories.poll(database, "s", "10:45", ONE)
    good = state(database)
    assert (good.failures, good.failing_since, good.good_at) == (0, None, at("10:45"))
    assert (good.polls, good.good_polls) == (4, 2)


@pytest.mark.parametrize(("told", "kept"), [(True, 2), (False, 0)])
def test_a_catalog_set_aside_is_no_failure_and_forgets_none_that_was_told(
    database: Database, told: bool, kept: int
) -> None:
    histories.build(database, "s", [("10:00", ONE), ("10:15", None), ("10:30", None)])
    with database.write() as connection:
        told_at = at("10:30") if told else None
        polls.remember_failing(connection, state(database).id, told_at)
    histories.quarantined(database, "s", "10:45")
    assert state(database).failures == kept


@pytest.mark.parametrize("record", [record_unchanged, record_failed])
def test_a_poll_that_began_before_another_was_recorded_is_refused(
    database: Database, record: Any
) -> None:
    histories.poll(database, "s", "10:00", ONE)
    stale = made(database, at("10:15"))
    histories.poll(database, "s", "10:15", TWO)
    before = (state(database), stretches(database), outcomes(database))
    with pytest.raises(StaleHolderError, match="meanwhile") as refusal:
        record(database, stale)
    assert refusal.value.retry
    assert (state(database), stretches(database), outcomes(database)) == before


@pytest.mark.parametrize("record", [record_unchanged, record_failed])
def test_a_poll_whose_lease_was_taken_over_is_refused_whole(
    database: Database, record: Any
) -> None:
    histories.poll(database, "s", "10:00", ONE)
    with database.write() as connection:
        set_slot(connection, "s", at("10:15"))
        assert take(connection, "s", token="theirs", now=at("10:15"), until=at("10:17"))
    before = (state(database), stretches(database), outcomes(database))
    with pytest.raises(StaleHolderError, match="lease"):
        record(database, made(database, at("10:15"), token="mine"))
    assert (state(database), stretches(database), outcomes(database)) == before
    record(database, made(database, at("10:15"), token="theirs"))
    assert state(database).polls == 2


def test_a_poll_that_began_at_a_version_which_is_lost_is_refused(database: Database) -> None:
    """As where a standby took over without it, and as many polls were recorded since."""
    histories.poll(database, "s", "10:00", ONE)
    stale = made(database, at("10:30"))
    stale = replace(stale, source=replace(stale.source, head_hash=b"\x01" * 32))
    with pytest.raises(StaleHolderError, match="meanwhile"):
        record_unchanged(database, stale)
    assert outcomes(database) == [("changed", 1)]


def test_the_last_polls_are_found_from_the_end(database: Database) -> None:
    histories.build(database, "s", [("10:00", ONE), ("10:15", None)])
    source = state(database).id
    with database.read() as connection:
        found = [polls.finished(connection, source, back) for back in (1, 2, 3)]
    assert found == [at("10:15"), at("10:00"), None]


def test_a_new_notation_and_tag_are_remembered_and_nothing_is_forgotten(
    database: Database,
) -> None:
    histories.poll(database, "s", "10:00", ONE)
    poll = made(database, at("10:15"))
    with database.write() as connection:
        PollRecorder(poll).unchanged(connection, body_hash=b"\x01" * 32, etag='"a"')
    record_unchanged(database, made(database, at("10:30")))
    found = state(database)
    assert (found.body_hash, found.etag, found.head_version) == (b"\x01" * 32, '"a"', 1)
