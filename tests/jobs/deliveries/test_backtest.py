"""Backtests: what a webhook would have got, from the log alone."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries.backtest import Backtest, Day, backtest
from tests.jobs.stage import START, Stage, listing, many, model, staged


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url) as made:
        yield made


def tried(stage: Stage, hold: timedelta = timedelta(0), **settings: Any) -> Backtest:
    webhook = Webhook(name="new", url="http://127.0.0.1:9/", **settings)
    known = {"pipellm": stage.source(hold=hold)}
    with stage.database.read() as connection:
        return backtest(connection, webhook, known, START)


def test_messages_and_events_are_counted_by_day(stage: Stage) -> None:
    stage.poll(many(2))
    stage.poll(many(4))
    stage.poll(many(5), after=24 * 60)
    people = tried(stage, format="slack")
    assert people.days == [Day("2026-03-01", 1, 2, 0, 0), Day("2026-03-02", 1, 1, 0, 0)]
    assert tried(stage).days[0] == Day("2026-03-01", 2, 2, 0, 0)
    assert tried(stage, batch=True).days[0] == Day("2026-03-01", 1, 2, 0, 0)


def test_the_rule_that_kept_an_event_back_is_named(stage: Stage) -> None:
    stage.poll(many(2))
    stage.poll(many(4, prompts={0: "0.5"}))
    found = tried(stage, models=("m-002",))
    assert found.filtered == {"models": 2}
    assert found.days == [Day("2026-03-01", 1, 1, 0, 2)]


def test_with_a_hold_a_flap_is_a_blip_and_what_lasts_comes_later(stage: Stage) -> None:
    for price in ("1", "2", "1", "3"):
        stage.poll(listing(model("a", price), model("z")))
    assert tried(stage, format="slack").days == [Day("2026-03-01", 3, 3, 0, 0)]
    held = tried(stage, timedelta(hours=24), format="slack")
    assert held.days == [Day("2026-03-01", 1, 0, 1, 0), Day("2026-03-02", 1, 1, 0, 0)]


def test_nothing_is_sent_and_nothing_is_written(stage: Stage) -> None:
    assert tried(stage).days == []
    stage.poll(many(2))
    stage.poll(many(3))
    before = stage.kinds()
    tried(stage)
    assert stage.owed() == []
    assert stage.kinds() == before
