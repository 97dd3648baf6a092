"""Whose turn it is: by values, and by one row that several processes look at."""

import json
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.schedule import jitter
from pricetrail.jobs.slots import Slots, due_from, due_slot, due_slots, next_slots, planned_slot
from pricetrail.jobs.source import Source
from pricetrail.storage import sources
from tests.jobs.polls.test_timing import STATE
from tests.jobs.stage import START, many, staged
from tests.support.histories import at

SOURCE = Source(name="s", url="http://localhost/", api_key="-", schedule="every 15m")
SPREAD = jitter("s", timedelta(minutes=15))


@pytest.mark.parametrize(
    ("slot", "planned"),
    [
        (None, at("10:20")),
        (at("10:15"), at("10:15")),
        (at("10:30"), at("10:30")),
        # Beyond the next one of the schedule: another schedule's, or a clock's that was ahead.
        (at("23:00"), at("10:30")),
    ],
)
def test_a_row_shows_its_own_slot_unless_that_cannot_be_right(
    slot: datetime | None, planned: datetime
) -> None:
    assert planned_slot(SOURCE, replace(STATE, next_slot_at=slot), at("10:20")) == planned
    assert planned_slot(SOURCE, None, at("10:20")) == at("10:20")


def test_a_slot_is_due_once_its_share_of_the_period_has_passed() -> None:
    state = replace(STATE, next_slot_at=at("10:15"))
    due = at("10:15") + SPREAD
    assert due_slot(SOURCE, state, due) == at("10:15")
    assert due_slot(SOURCE, state, due - timedelta(seconds=1)) is None
    # Who comes at the minutes of the slots does not come again for that.
    assert due_slot(SOURCE, state, at("10:15"), spread=False) == at("10:15")
    # The very first poll waits for nothing.
    assert due_slot(SOURCE, replace(state, polls=0), at("10:15")) == at("10:15")


@pytest.mark.parametrize(("minutes", "held"), [(-1, False), (5, True), (31, True), (33, False)])
def test_a_slot_is_held_for_as_long_as_a_lease_can_be(minutes: int, held: bool) -> None:
    now = at("10:29")
    lease = now + timedelta(minutes=minutes)
    state = replace(STATE, next_slot_at=at("10:15"), lease_until=lease)
    assert (due_slot(SOURCE, state, now) is None) == held
    assert due_slot(SOURCE, replace(state, lease_until=None, paused=True), now) is None


def test_of_two_replicas_one_serves_a_slot(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.poll(many(3), after=0)
        source = stage.source()
        first, second = (Slots(stage.database, stage.poller()) for _ in range(2))
        assert first.plan(source, None, stage.now).next_slot_at == START
        first.serve(source, START)
        second.serve(source, START)
        assert stage.state.polls == 2
        assert stage.state.next_slot_at == START + timedelta(minutes=15)


def test_what_was_polled_by_request_alone_is_due_at_the_next_slot() -> None:
    asked = replace(STATE, next_slot_at=None, last_poll_at=at("10:20"))
    for state, now, due in [
        (None, "10:25", "10:25"),
        (asked, "10:25", "10:30"),
        (asked, "11:00", "10:30"),
        # That was by a clock that ran ahead.
        (replace(asked, last_poll_at=at("23:00")), "10:25", "10:30"),
        (replace(asked, next_slot_at=at("10:15")), "10:25", "10:15"),
    ]:
        assert due_from(SOURCE, state, at(now)) == at(due)


def test_the_most_overdue_come_first_and_a_paused_one_never(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        stage.served = Answer(200, json.dumps(many(2)).encode(), None)
        slots = Slots(stage.database, stage.poller())
        named = {
            name: stage.source(name=name) for name in ("new", "late", "later", "paused", "asked")
        }
        # It was asked for once, and is due since the slot after.
        stage.poller().poll(stage.source(name="asked"))
        stage.pass_time(minutes=15)
        for name in ("paused", "later", "late"):
            slots.plan(named[name], None, stage.now)
            stage.pass_time(minutes=1)
        with stage.database.write() as connection:
            paused = sources.choose(connection, "paused")
            sources.set_paused(connection, paused.id, paused=True)
        due = due_slots(slots, list(named.values()))
        assert [source.name for source, _ in due] == ["asked", "later", "late", "new"]
        assert due_slots(slots, [named["new"]]) == [(named["new"], stage.now)]
        following = next_slots(stage.database, named.values(), planned_slot)
        assert following == {
            "new": stage.now,
            "late": at("10:17"),
            "later": at("10:16"),
            "paused": None,
            # Its slot was planned just now.
            "asked": stage.now,
        }


def test_a_slot_that_was_recorded_before_its_holder_went_is_only_given_back(
    database_url: str,
) -> None:
    with staged(database_url) as stage:
        stage.poll(many(3), after=0)
        slots = Slots(stage.database, stage.poller())
        slots.plan(stage.source(), None, stage.now)
        slots.serve(stage.source(), START)
        polls, following = stage.state.polls, stage.state.next_slot_at
        with stage.database.write() as connection:
            sources.schedule(connection, "pipellm", START, instead=following)
        slots.serve(stage.source(), START)
        assert (stage.state.polls, stage.state.next_slot_at) == (polls, following)
