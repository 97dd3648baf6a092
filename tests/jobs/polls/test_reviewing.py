"""A person's verdict on a catalog that was set aside."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import text

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.errors import NotFoundError
from pricetrail.catalog.events import Event
from pricetrail.catalog.versions import NewVersion
from pricetrail.jobs.polls import reviewing
from pricetrail.jobs.polls.gateway import GatewayError
from pricetrail.jobs.polls.reviewing import VerdictError
from pricetrail.storage import sources
from pricetrail.storage.history import versions
from pricetrail.storage.polls import coverage, quarantine
from tests.jobs.stage import Stage, many, staged
from tests.support.payloads import data

MODELS = 20
FEW = many(5)


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    hooks = {"all": Webhook(name="all", url="http://127.0.0.1:9/")}
    with staged(database_url, webhooks=hooks) as made:
        made.poll(many(MODELS))
        assert made.poll(FEW).outcome == "quarantined"
        yield made


def approve(stage: Stage, number: int = 1) -> NewVersion:
    return reviewing.approve(stage.database, stage.webhooks, {"pipellm": stage.source()}, number)


def reject(stage: Stage, number: int = 1) -> None:
    reviewing.reject(stage.database, stage.webhooks, {"pipellm": stage.source()}, number)


def state_of(stage: Stage, number: int = 1) -> str:
    with stage.database.read() as connection:
        return quarantine.get(connection, number).state


def verdicts(stage: Stage) -> list[str]:
    return [data(event)["verdict"] for event in stage.events("source.released")]


def messages(events: list[Event]) -> list[object]:
    return [event.as_json() for event in events]


def test_showing_says_what_approving_then_announces(stage: Stage) -> None:
    with stage.database.read() as connection:
        answer = reviewing.preview(connection, {"pipellm": stage.source()}, 1, stage.now)
    stage.pass_time(hours=2)
    new = approve(stage)
    removed = stage.events("model.removed")
    assert len(removed) == 15
    assert messages(list(answer.events)) == messages(removed)
    assert data(stage.events()[0])["counts"] == new.counts


@pytest.mark.parametrize("between", [GatewayError("HTTP 503"), b"{", many(3)])
def test_what_went_wrong_after_the_poll_that_is_approved_stays_a_gap(
    stage: Stage, between: object
) -> None:
    """Approved is the catalog of one poll; a later one said nothing, or something else."""
    aside = stage.now
    stage.poll(between, after=5)
    number = 1 if between != many(3) else 2
    if number == 2:
        # Brought again later still: it is the newest that is held.
        stage.poll(GatewayError("HTTP 503"), after=1)
        aside = stage.now - timedelta(minutes=1)
    approve(stage, number)
    catalog = FEW if number == 1 else many(3)
    assert stage.poll(catalog, after=5).outcome == "unchanged"
    with stage.database.read() as connection:
        found = coverage.around(connection, stage.state.id, aside + timedelta(minutes=2))
        at_the_poll = coverage.around(connection, stage.state.id, aside)
    assert found is not None
    assert found.certainty == "gap"
    assert at_the_poll is not None
    assert (at_the_poll.certainty, at_the_poll.before.version) == ("observed", 2)


def test_approved_the_catalog_is_the_next_version_and_is_announced(stage: Stage) -> None:
    stage.pass_time(hours=2)
    new = approve(stage)
    assert new.version.number == stage.state.head_version == 2
    assert verdicts(stage) == ["approved"]
    assert stage.state.holding is False
    # One quarantined, one released, fifteen removals: each owed once.
    assert len(stage.owed()) == 17
    with stage.database.read() as connection:
        window = versions.snapshots(connection, stage.state.id)[-1]
    assert window.not_after < stage.now
    assert stage.poll(FEW).outcome == "unchanged"


def test_rejected_it_stays_set_aside_in_silence(stage: Stage) -> None:
    reject(stage)
    outcomes = {stage.poll(FEW, after=60).outcome for _ in range(5)}
    assert outcomes == {"quarantined"}
    assert stage.state.head_version == 1
    assert [event.type for event in stage.events()] == ["source.quarantined", "source.released"]
    assert stage.poll(many(MODELS)).outcome == "unchanged"
    assert verdicts(stage) == ["rejected"]


def test_a_rejected_catalog_is_judged_anew_once_the_baseline_moved_on(stage: Stage) -> None:
    reject(stage)
    stage.poll(many(MODELS + 1))
    assert stage.poll(FEW).outcome == "quarantined"
    assert state_of(stage, 2) == "held"


def test_another_odd_catalog_after_a_rejection_is_news(stage: Stage) -> None:
    reject(stage)
    stage.poll(many(4))
    assert len(stage.events("source.quarantined")) == 2


@pytest.mark.parametrize("first", [approve, reject])
@pytest.mark.parametrize("second", [approve, reject])
def test_a_verdict_is_given_once(stage: Stage, first: object, second: object) -> None:
    assert callable(first)
    assert callable(second)
    first(stage)
    before = [event.id for event in stage.events()]
    with pytest.raises(VerdictError, match="already"):
        second(stage)
    assert [event.id for event in stage.events()] == before


@pytest.mark.parametrize("give", [approve, reject])
def test_a_catalog_that_was_got_over_takes_no_verdict(stage: Stage, give: object) -> None:
    assert callable(give)
    stage.poll(many(MODELS + 1))
    with pytest.raises(VerdictError, match="superseded already"):
        give(stage)
    assert stage.state.head_version == 2


def test_an_entry_of_an_earlier_version_is_out_of_date(stage: Stage) -> None:
    stage.poll(many(MODELS + 1))
    with stage.database.write() as connection:
        quarantine.decide(connection, 1, quarantine.HELD, stage.now)
    with pytest.raises(VerdictError, match="out of date"):
        approve(stage)
    reject(stage)
    assert state_of(stage) == "rejected"


def test_a_verdict_on_what_is_not_there_says_where_to_look(stage: Stage) -> None:
    with pytest.raises(NotFoundError, match="quarantine list"):
        approve(stage, 7)


def test_a_verdict_waits_for_whoever_writes_to_the_source(postgres_url: str) -> None:
    """So that its event is numbered behind theirs, as it is seen behind theirs."""
    with staged(postgres_url) as stage, ThreadPoolExecutor() as threads:
        stage.poll(many(MODELS))
        stage.poll(FEW)
        with stage.database.write() as writing:
            sources.lock(writing, sources.choose(writing, "pipellm").id)
            verdict = threads.submit(reject, stage)
            until(lambda: is_waited_for(stage))
            assert not verdict.done()
        verdict.result()
        assert verdicts(stage) == ["rejected"]


def is_waited_for(stage: Stage) -> bool:
    with stage.database.read() as connection:
        waiting = connection.execute(text("SELECT 1 FROM pg_locks WHERE NOT granted"))
        return waiting.first() is not None


def until(happened: Callable[[], bool]) -> None:
    for _ in range(1000):
        if happened():
            return
        time.sleep(0.01)
    raise AssertionError
