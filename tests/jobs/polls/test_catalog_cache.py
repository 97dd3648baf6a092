"""A process that lasts remembers what it accepted: it records what one that begins anew would."""

import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from sqlalchemy import Connection, event

from pricetrail.catalog.errors import NotFoundError
from pricetrail.jobs.polls import catalog_cache
from pricetrail.jobs.polls.catalog_cache import CatalogCache
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.results import Polled
from pricetrail.storage.database import Database
from pricetrail.storage.history import latest
from pricetrail.storage.polls import coverage, poll_state
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.schema import prepare
from pricetrail.storage.verification.verify import verify
from tests.jobs.stage import Stage, many, staged
from tests.support.histories import build


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def test_a_process_that_lasts_records_what_processes_that_begin_anew_do(
    database_url: str, tmp_path: Path
) -> None:
    """Models come, go and come back, prices flap, and another process polls in between."""
    other_url = f"sqlite:///{tmp_path / 'other.db'}"
    prepare(other_url)
    chance = random.Random(5)
    states = [
        many(chance.choice((11, 12, 12, 12, 13)), prompts={chance.randrange(11): price})
        for price in ("0.1", "0.2", "0.25", "free", "0.1") * 6
    ]
    with staged(database_url) as lasting, staged(other_url) as anew:
        poller = lasting.poller()
        for turn, state in enumerate(states):
            lasting.pass_time(minutes=15)
            lasting.served = Answer(200, json.dumps(state).encode(), None, False)
            one = poller if turn % 7 else lasting.poller()
            result = one.poll(lasting.source(max_removed_percent=Decimal(50)))
            anew.pass_time(minutes=15)
            anew.served = lasting.served
            assert result == anew.poller().poll(anew.source(max_removed_percent=Decimal(50)))
        assert lasting.state.head_hash == anew.state.head_hash
        assert lasting.events() == anew.events()
        assert len(lasting.events()) > 20
        with lasting.database.read() as connection:
            assert verify(connection, lasting.state).ok


def test_what_was_not_recorded_is_not_remembered(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller = stage.poller()

    def poll(catalog: dict[str, Any]) -> Polled:
        stage.pass_time(minutes=15)
        stage.served = Answer(200, json.dumps(catalog).encode(), None, False)
        return poller.poll(stage.source())

    poll(many(12))
    with monkeypatch.context() as patch:
        patch.setattr(
            "pricetrail.jobs.polls.news.announce", Mock(side_effect=RuntimeError("power cut"))
        )
        with pytest.raises(RuntimeError):
            poll(many(14))
    assert poll(many(13)).counts["added"] == 1
    assert stage.kinds() == [("model.added", "m-012")]
    with stage.database.read() as connection:
        assert verify(connection, stage.state).ok


def test_of_all_sources_so_many_bytes_are_remembered_the_latest_ones(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.poll(many(12))
    with stage.database.read() as connection:
        head = latest.load(connection, stage.state)
    assert head is not None
    size = len(head.body)
    monkeypatch.setattr(catalog_cache, "_REMEMBERED", 3 * size)
    cache = CatalogCache(stage.database)
    for name in ("a", "b", "a", "c", "d"):
        cache.keep(replace(stage.state, name=name), 1, b"hash", head)
    assert list(cache._heads) == ["a", "c", "d"]
    assert cache._size == 3 * size
    monkeypatch.setattr(catalog_cache, "_REMEMBERED", size - 1)
    cache.keep(replace(stage.state, name="c"), 1, b"hash", head)
    assert "c" not in cache._heads


def test_a_history_that_went_back_is_gone_on_from_and_told_once(
    stage: Stage, caplog: pytest.LogCaptureFixture
) -> None:
    """As where a standby took over that lacks what was recorded last."""
    cache, states = CatalogCache(stage.database), []
    for models in (12, 13):
        stage.poll(many(models))
        states.append(stage.state)
        found = cache.find(stage.state)
        assert found is not None
        assert len(found.catalog) == models
    assert caplog.messages == []
    for _ in range(2):
        found = cache.find(states[0])
        assert found is not None
        assert len(found.catalog) == 12
    [told] = caplog.messages
    assert told.startswith("source pipellm: the database went back to version 1, after version 2")
    # Another of the same name is not it.
    cache.find(states[1])
    with pytest.raises(NotFoundError):
        cache.find(replace(states[0], id=states[0].id + 1))
    assert len(caplog.messages) == 1


def test_a_changed_poll_of_a_process_that_lasts_takes_few_statements(stage: Stage) -> None:
    poller = stage.poller()
    count: list[str] = []
    for prompt in ("0.1", "0.2", "0.1"):
        stage.pass_time(minutes=15)
        body = json.dumps(many(300, prompts={7: prompt, 9: prompt})).encode()
        stage.served = Answer(200, body, None, False)
        count.clear()
        with counted(stage.database, count):
            assert poller.poll(stage.source()).outcome == "changed"
    assert len(count) <= 10


def test_a_source_that_another_process_made_meanwhile_is_gone_on_from(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import holds the lock while a first poll waits for it: what it missed is written down."""
    find = poll_state.find

    def begun(connection: Connection, name: str) -> PollState | None:
        found = find(connection, name)
        monkeypatch.setattr(poll_state, "find", find)
        connection.rollback()
        made = [("10:00", many(12)), ("10:15", many(12))]
        build(stage.database, "pipellm", made, longest_pause=timedelta(minutes=15))
        return found

    monkeypatch.setattr(poll_state, "find", begun)
    assert stage.poll(many(12), after=24 * 60).outcome == "unchanged"
    with stage.database.read() as connection:
        found = coverage.stretches(connection, stage.state.id)
    assert [one.outcome for one in found] == ["good", "missed", "good"]


@contextmanager
def counted(database: Database, count: list[str]) -> Iterator[None]:
    def told(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        count.append(statement)

    event.listen(database.engine, "before_cursor_execute", told)
    try:
        yield
    finally:
        event.remove(database.engine, "before_cursor_execute", told)
