"""Holds: a change that is undone in time is one line at most, and nothing that lasts is lost."""

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event as hooks

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.events import ADDED, REMOVED, Event
from pricetrail.jobs.deliveries.messages import parts_of
from pricetrail.storage.outbox.deliveries import Delivery
from tests.jobs.stage import Stage, listing, model, staged
from tests.support.payloads import data
from tests.support.volume import examples

pytestmark = pytest.mark.slow

HOUR = timedelta(hours=1)
LOW, MIDDLE, HIGH = "0.000001", "0.000002", "0.000003"
WEBHOOKS = {
    "people": Webhook(name="people", url="http://127.0.0.1:9/", format="slack"),
    "program": Webhook(name="program", url="http://127.0.0.1:9/"),
}


@pytest.fixture
def stage(database_url: str) -> Iterator[Stage]:
    with staged(database_url, webhooks=WEBHOOKS, settings={"hold": HOUR}) as made:
        yield made


def serve(stage: Stage, *prices: str, after: float = 15, **settings: Any) -> int:
    """Poll the model `a` at each price in turn, then release; how many messages that makes."""
    for price in prices:
        stage.poll(listing(model("a", price), model("z")), after=after, **settings)
    return stage.deliverer().release()


def announced(stage: Stage, webhook: str) -> list[str]:
    return [event_id for one in stage.owed(webhook) for event_id in one.event_ids]


def blips(stage: Stage, webhook: str = "people") -> list[list[str]]:
    return [blip for one in stage.owed(webhook) for blip in one.blips]


def test_there_and_back_within_the_hold_is_one_blip(stage: Stage) -> None:
    assert serve(stage, LOW, HIGH, LOW) == 0
    stage.pass_time(hours=1)
    assert stage.deliverer().release() == 1
    stage.pass_time(hours=9)
    assert stage.deliverer().release() == 0
    [blip] = blips(stage)
    assert blip == [event.id for event in stage.events("model.repriced")]
    # A program's last word is still true: it is told nothing.
    assert stage.owed("program") == []


def test_a_blip_says_where_the_price_went(stage: Stage) -> None:
    serve(stage, LOW, HIGH, LOW)
    serve(stage, LOW, after=60)
    [owed] = stage.owed("people")
    with stage.database.read() as connection:
        [message] = parts_of(connection, WEBHOOKS["people"], owed.event_ids, owed.blips)
    text = message.body.decode()
    assert "went and came back" in text
    assert "$1.00" in text
    assert "$3.00" in text


def test_many_flaps_within_the_hold_are_one_blip(stage: Stage) -> None:
    serve(stage, LOW, HIGH, LOW, HIGH, LOW, after=10)
    serve(stage, LOW, after=120)
    assert [len(blip) for blip in blips(stage)] == [4]
    assert announced(stage, "people") == []


def test_what_lasts_is_announced_when_the_hold_is_over(stage: Stage) -> None:
    serve(stage, LOW, HIGH)
    assert serve(stage, HIGH, after=59) == 0
    assert serve(stage, HIGH, after=1) == 2
    [event] = stage.events("model.repriced")
    assert announced(stage, "program") == announced(stage, "people") == [event.id]


def test_what_is_undone_after_the_hold_is_two_alerts_even_if_nothing_ran_between(
    stage: Stage,
) -> None:
    stage.poll(listing(model("a", LOW), model("z")))
    stage.poll(listing(model("a", HIGH), model("z")))
    stage.poll(listing(model("a", LOW), model("z")), after=61)
    stage.pass_time(hours=2)
    stage.deliverer().release()
    assert announced(stage, "program") == [e.id for e in stage.events("model.repriced")]
    assert blips(stage) == []


def test_a_path_that_does_not_lead_back_is_told_step_by_step(stage: Stage) -> None:
    serve(stage, LOW, MIDDLE, HIGH)
    serve(stage, HIGH, after=120)
    assert announced(stage, "program") == [e.id for e in stage.events("model.repriced")]
    assert len(announced(stage, "program")) == 2


def test_a_step_back_undoes_only_what_came_after(stage: Stage) -> None:
    serve(stage, LOW, MIDDLE, HIGH, MIDDLE)
    serve(stage, MIDDLE, after=120)
    first, second, third = (event.id for event in stage.events("model.repriced"))
    assert announced(stage, "people") == [first]
    assert blips(stage) == [[second, third]]


def test_a_model_that_goes_and_comes_back_is_a_blip(stage: Stage) -> None:
    stage.poll(listing(model("a"), model("z")))
    stage.poll(listing(model("z")))
    stage.poll(listing(model("a"), model("z")))
    serve(stage, HIGH, after=120)
    assert [len(blip) for blip in blips(stage)] == [2]
    assert announced(stage, "program") == []


def test_rises_go_through_at_once_where_they_may(stage: Stage) -> None:
    stage.settings["hold_rises"] = False
    serve(stage, MIDDLE, HIGH)
    assert len(announced(stage, "program")) == 1
    serve(stage, MIDDLE)
    assert len(announced(stage, "program")) == 1
    serve(stage, MIDDLE, after=60)
    assert announced(stage, "program") == [e.id for e in stage.events("model.repriced")]


def test_a_rise_takes_along_what_waited_before_it(stage: Stage) -> None:
    stage.settings["hold_rises"] = False
    serve(stage, MIDDLE, LOW)
    assert announced(stage, "program") == []
    serve(stage, HIGH)
    assert announced(stage, "program") == [e.id for e in stage.events("model.repriced")]


def test_events_about_the_source_never_wait(stage: Stage) -> None:
    stage.poll(listing(model("z")))
    stage.poll(listing())
    assert len(stage.owed("program")) == 1


# A plain model of all that: what each model really is, and what the alerts so far say it is.


@dataclass
class Move:
    """Minutes until the next poll, what it finds, and whether something is released then."""

    minutes: int
    a: str | None
    b: str | None
    release: bool


@dataclass
class Truth:
    """One model as polls found it: its price (None: not visible), since when, seen how often."""

    price: str | None
    since: datetime
    polls: int = 1

    def seen(self, price: str | None, now: datetime) -> None:
        if price == self.price:
            self.polls += 1
        else:
            self.price, self.since, self.polls = price, now, 1


@dataclass
class Run:
    """One sequence of polls on a database of its own."""

    stage: Stage
    truth: dict[str, Truth] = field(default_factory=dict)

    def poll(self, move: Move) -> None:
        prices = {"a": move.a, "b": move.b}
        documents = [model(name, price) for name, price in prices.items() if price is not None]
        self.stage.poll(listing(*documents, model("z")), after=move.minutes)
        for name, price in prices.items():
            self.truth.setdefault(name, Truth(price, self.stage.now)).seen(price, self.stage.now)
        if move.release:
            self.release()

    def release(self) -> None:
        self.stage.deliverer().release()
        self.check_that_nothing_lasting_is_unsaid()

    def settled(self, truth: Truth) -> bool:
        source = self.stage.source()
        enough = truth.polls >= source.confirm_removals or truth.price is not None
        return enough and self.stage.now - truth.since >= source.hold

    def check_that_nothing_lasting_is_unsaid(self) -> None:
        said = self.said()
        for name, truth in self.truth.items():
            if self.settled(truth):
                assert said[name] == truth.price

    def said(self) -> dict[str, str | None]:
        """What a program believes that applies every message it was owed."""
        events = {event.id: event for event in self.stage.events()}
        believed = dict(self.baseline)
        for event_id in announced(self.stage, "program"):
            event = events[event_id]
            believed[str(event.model)] = _price_after(event)
        return believed

    @property
    def baseline(self) -> dict[str, str | None]:
        return {"a": MIDDLE, "b": MIDDLE}


def _price_after(event: Event) -> str | None:
    if event.type == REMOVED:
        return None
    if event.type == ADDED:
        return str(data(event)["model"]["pricing"]["text"]["prompt"])
    return str(data(event)["changes"][0]["new"])


@pytest.fixture(scope="module")
def template(_sqlite_template: Path) -> Path:
    return _sqlite_template


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="holds-") as made:
        yield Path(made)


prices = st.sampled_from([None, LOW, MIDDLE, HIGH])
moves = st.builds(Move, st.sampled_from([5, 15, 30, 45, 60, 90]), prices, prices, st.booleans())


@settings(max_examples=examples(12))
@given(
    st.lists(moves, min_size=1, max_size=12),
    st.sampled_from([timedelta(0), HOUR]),
    st.sampled_from([1, 2]),
    st.booleans(),
)
def test_any_sequence_of_flaps_ends_in_what_is_true(
    folder: Path,
    template: Path,
    steps: list[Move],
    hold: timedelta,
    confirm: int,
    rises: bool,
) -> None:
    path = folder / "flaps.db"
    shutil.copyfile(template, path)
    settings = {"hold": hold, "confirm_removals": confirm, "hold_rises": rises}
    with staged(f"sqlite:///{path}", webhooks=WEBHOOKS, settings=settings) as stage:
        hooks.listen(stage.database.engine, "connect", _hurry)
        run = Run(stage)
        for step in [Move(15, MIDDLE, MIDDLE, False), *steps]:
            run.poll(step)
        last = steps[-1]
        for minutes in (120, 120):
            run.poll(Move(minutes, last.a, last.b, True))
        assert run.said() == {"a": last.a, "b": last.b}
        _check_what_was_said(stage, in_order=confirm == 1 and (rises or not hold))


def _hurry(connection: Any, _record: Any) -> None:
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")


def _check_what_was_said(stage: Stage, *, in_order: bool) -> None:
    """Nothing twice, nothing both an alert and a blip, of one model nothing out of order."""
    alerts, undone = announced(stage, "people"), [one for blip in blips(stage) for one in blip]
    assert len(set(alerts + undone)) == len(alerts + undone)
    assert sorted(alerts) == sorted(announced(stage, "program"))
    events = {event.id: event for event in stage.events()}
    told = [events[event_id] for event_id in announced(stage, "program")]
    for name in ("a", "b"):
        versions = [event.version for event in told if event.model == name]
        assert versions == sorted(versions)
    if in_order:
        assert [event.version for event in told] == sorted(event.version for event in told)
        assert set(alerts + undone) == set(events)
    _check_that_snapshots_are_not_split(stage.owed("people"), events, in_order=in_order)


def _check_that_snapshots_are_not_split(
    owed: list[Delivery], events: dict[str, Event], *, in_order: bool
) -> None:
    versions = [{events[one].version for one in delivery.event_ids} for delivery in owed]
    told = [found.pop() for found in versions if found]
    assert not any(versions)
    if in_order:
        assert len(set(told)) == len(told)
