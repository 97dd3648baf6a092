"""Polls that found nothing new: recorded together as each would be alone, or each alone."""

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from pricetrail.jobs.polls import together
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.recording import record_plain
from pricetrail.storage import sources
from pricetrail.storage.polls import coverage
from tests.jobs.stage import Stage, many, staged

NAMES = tuple(f"s{number}" for number in range(6))
SAME = Answer(304, None, '"2"', True)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    """Six sources, each polled twice: the second time nothing was new."""
    with staged(database_url) as found:
        found.served = Answer(200, json.dumps(many(3)).encode(), '"1"')
        for _ in range(2):
            for name in NAMES:
                found.poller().poll(found.source(name=name))
            found.pass_time(minutes=15)
        found.served = SAME
        yield found


def poll_at_once(stage: Stage, poller: Poller) -> list[str | None]:
    """What went wrong with a poll of each, all of which end at one time."""
    fetch, all_there = poller.fetch, threading.Barrier(len(NAMES), timeout=20)

    def wait(*args: Any, **limits: Any) -> Answer:
        all_there.wait()
        return fetch(*args, **limits)

    poller.fetch = wait
    with ThreadPoolExecutor(len(NAMES)) as pool:
        polled = list(pool.map(lambda name: poller.poll(stage.source(name=name)), NAMES))
    assert {one.outcome for one in polled} == {"unchanged"}
    return [one.error for one in polled]


def recorded(stage: Stage, name: str) -> tuple[object, ...]:
    """All that is known of a source's polls, whichever source it is."""
    with stage.database.read() as connection:
        state = sources.choose(connection, name)
        stretches = coverage.stretches(connection, state.id)
        query = "SELECT slot, finished_at, outcome, version FROM poll WHERE source_id = :id"
        rows = connection.execute(text(query), {"id": state.id}).all()
    alike = replace(state, id=0, name="", head_hash=b"", chain_name=None)
    return alike, [replace(one, id=0) for one in stretches], sorted(map(tuple, rows))


def test_what_is_recorded_together_is_what_each_would_be_alone(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    real = record_plain

    def record(connection: Any, seen: Any) -> None:
        written.append(len(seen))
        real(connection, seen)

    monkeypatch.setattr(together, "record_plain", record)
    assert poll_at_once(stage, stage.poller()) == [None] * 6
    assert sum(written) == 6
    assert len({repr(recorded(stage, name)) for name in NAMES}) == 1
    one = recorded(stage, NAMES[0])
    stage.pass_time(minutes=15)
    monkeypatch.setattr(together.Together, "record", lambda *_: False)
    stage.poller().poll(stage.source(name=NAMES[0]))
    monkeypatch.undo()
    stage.poller().poll(stage.source(name=NAMES[1]))
    assert recorded(stage, NAMES[0]) == recorded(stage, NAMES[1]) != one


def test_one_that_was_overtaken_costs_no_other(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    poller, begin = stage.poller(), Poller._begin

    def stale(self: Poller, source: Any) -> Any:
        begun = begin(self, source)
        if source.name == "s3":
            begun = begun._replace(source=replace(begun.source, polls=begun.source.polls - 1))
        return begun

    monkeypatch.setattr(Poller, "_begin", stale)
    errors = dict(zip(NAMES, poll_at_once(stage, poller), strict=True))
    assert "meanwhile" in (errors.pop("s3") or "")
    assert set(errors.values()) == {None}
    with stage.database.read() as connection:
        counted = {name: sources.choose(connection, name).polls for name in NAMES}
    assert counted == dict.fromkeys(NAMES, 3) | {"s3": 2}


def test_a_database_that_is_away_fails_each(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    poller = stage.poller()

    def away(*_args: object, **_more: object) -> None:
        raise ConnectionError("away")

    monkeypatch.setattr("pricetrail.jobs.polls.recording.polls.find_again", away)
    monkeypatch.setattr("pricetrail.jobs.polls.recording.polls.move_on", away)
    with pytest.raises(ConnectionError):
        poller.poll(stage.source(name="s0"))
    monkeypatch.undo()
    assert poller.poll(stage.source(name="s0")).error is None


def test_what_is_more_than_that_is_recorded_by_itself(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    real = together.Together.record

    def record(self: Any, seen: Any) -> bool:
        asked.append(seen.poll.source.name)
        return real(self, seen)

    monkeypatch.setattr(together.Together, "record", record)
    poller = stage.poller()
    poller.poll(stage.source(name="s0"))
    poller.poll(stage.source(name="s1", api_key="sk-another"))
    poller.poll(stage.source(name="s2", schedule="@daily"))
    stage.now += timedelta(days=3)
    poller.poll(stage.source(name="s3"))
    assert asked == ["s0"]
