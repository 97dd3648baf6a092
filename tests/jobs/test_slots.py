"""Whose turn it is: slots of one database that several processes claim."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import due_from, following, next_slots, plan, planned_slot
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.source import Source
from pricetrail.storage import slots as rows
from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.slots import Planned
from tests.jobs.stage import START, Stage, many, staged
from tests.support.histories import at
from tests.support.slots import due_at, set_slot


@dataclass
class KeptHere:
    """Sources that the database keeps: their settings are their schedules, `-` is faulty."""

    stage: Stage
    read: list[str] = field(default_factory=list)

    def source(self, name: str, settings: str) -> Source | None:
        self.read.append(name)
        return None if settings == "-" else self.stage.source(name=name, schedule=settings)


def worker(stage: Stage, *names: str, **options: Any) -> Slots:
    """One more process, whose configuration has these sources."""
    configured = {name: stage.source(name=name) for name in names}
    in_force = InForce(Configured(configured, kept=KeptHere(stage)))
    return Slots(stage.poller(), in_force, **options)


def planned(stage: Stage, *names: str) -> None:
    plan(stage.database, [stage.source(name=name) for name in names], planned_slot)


def names(claimed: list[Claimed]) -> list[str]:
    return [one.source.name for one in claimed]


def keep(stage: Stage, name: str, settings: str) -> None:
    """Let the database keep a source, which is due now."""
    with stage.database.write() as connection:
        source = sources.open_source(connection, name, stage.now)
        connection.execute(
            t.source.update().where(t.source.c.id == source.id).values(settings=settings)
        )
        rows.plan(connection, {source.id: Planned(stage.now, stage.now, stage.now)})


def test_of_two_replicas_one_serves_a_slot(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.poll(many(3), after=0)
        planned(stage, "pipellm")
        first, second = (worker(stage, "pipellm") for _ in range(2))
        [claimed] = first.claim(8)
        assert (claimed.slot.at, claimed.polled) == (START, False)
        assert second.claim(8) == []
        polled = first.serve(claimed)
        assert polled is not None
        assert polled.next_at == following(stage.source(), START, START).slot_at
        assert stage.state.polls == 2
        assert (stage.state.next_slot_at, stage.state.lease_until) == (polled.next_at, None)
        assert second.claim(8) == []


def test_whoever_comes_early_for_slots_takes_none_from_its_holder(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.poll(many(3), after=0)
        planned(stage, "pipellm")
        service, cron = worker(stage, "pipellm"), worker(stage, "pipellm", spread=False)
        [claimed] = service.claim(8)
        with stage.database.read() as connection:
            ends = due_at(connection, "pipellm")
        stage.now = ends - timedelta(seconds=1)
        assert cron.names_due(8) == []
        assert cron.claim(8) == []
        stage.now = ends
        assert names(cron.claim(8)) == ["pipellm"]
        assert claimed.slot.at == START


def test_the_most_overdue_come_first_and_a_paused_one_never(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        stage.served = Answer(200, json.dumps(many(2)).encode(), None)
        everything = ("new", "late", "later", "paused", "asked")
        # It was asked for once, and is due since the slot after.
        stage.poller().poll(stage.source(name="asked"))
        asked = following(stage.source(name="asked"), START, START).slot_at
        stage.pass_time(minutes=15)
        for name in ("paused", "later", "late"):
            planned(stage, name)
            stage.pass_time(minutes=1)
        with stage.database.write() as connection:
            paused = sources.choose(connection, "paused")
            sources.set_paused(connection, paused.id, paused=True)
        plan(stage.database, [stage.source(name=name) for name in everything], due_from)
        due = worker(stage, *everything).claim(9)
        assert names(due) == ["asked", "later", "late", "new"]
        shown = next_slots(
            stage.database, [stage.source(name=name) for name in everything], planned_slot
        )
        assert shown == {
            "asked": asked,
            "new": stage.now,
            "late": at("10:17"),
            "later": at("10:16"),
            "paused": None,
        }


def test_a_slot_that_was_recorded_before_its_holder_went_is_only_given_back(
    database_url: str,
) -> None:
    with staged(database_url) as stage:
        stage.poll(many(3), after=0)
        planned(stage, "pipellm")
        slots = worker(stage, "pipellm")
        slots.serve(*slots.claim(1))
        polls, after = stage.state.polls, stage.state.next_slot_at
        with stage.database.write() as connection:
            set_slot(connection, "pipellm", START)
        [claimed] = slots.claim(1)
        assert claimed.polled
        assert slots.serve(claimed) is None
        assert (stage.state.polls, stage.state.next_slot_at) == (polls, after)


def test_sources_of_the_database_are_claimed_with_their_settings(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.served = Answer(200, json.dumps(many(2)).encode(), None)
        keep(stage, "kept", "every 2h")
        slots = worker(stage)
        [claimed] = slots.claim(1)
        assert (claimed.source.name, claimed.source.schedule) == ("kept", "every 2h")
        slots.serve(claimed)
        with stage.database.read() as connection:
            state = sources.choose(connection, "kept")
        assert state.polls == 1
        assert state.next_slot_at == following(claimed.source, START, START).slot_at


def test_what_nobody_here_can_poll_is_left_to_others_and_then_stands_in_no_way(
    database_url: str,
) -> None:
    with staged(database_url) as stage:
        orphans = [f"orphan {n:03}" for n in range(300)]
        planned(stage, *orphans)
        keep(stage, "faulty", "-")
        stage.pass_time(minutes=30)
        planned(stage, "ours")
        slots = worker(stage, "ours")
        # However many were due before.
        assert names(slots.claim(2)) == ["ours"]
        with stage.database.read() as connection:
            put_off = {due_at(connection, name) for name in [*orphans, "faulty"]}
        assert put_off == {stage.now + timedelta(minutes=10)}
        # Who has them in its configuration begins, and so do those who had them all along.
        planned(stage, "orphan 007")
        assert names(worker(stage, "orphan 007").claim(2)) == ["orphan 007"]
        stage.pass_time(minutes=10)
        assert len(worker(stage, *orphans).claim(400)) == 299


def test_what_came_due_just_now_is_not_put_off_by_who_cannot_poll_it(database_url: str) -> None:
    with staged(database_url) as stage:
        planned(stage, "theirs", "ours")
        assert names(worker(stage, "ours").claim(1)) == ["ours"]
        assert names(worker(stage, "theirs").claim(1)) == ["theirs"]


def test_who_is_asked_for_some_claims_no_other_and_puts_none_off(database_url: str) -> None:
    with staged(database_url) as stage:
        planned(stage, "a", "b")
        stage.pass_time(hours=1)
        assert names(worker(stage, "a", "b", only=["b"]).claim(5)) == ["b"]
        assert names(worker(stage, "a", "b").claim(5)) == ["a"]


def test_what_was_claimed_and_not_begun_is_anybodys_again_at_once(database_url: str) -> None:
    with staged(database_url) as stage:
        planned(stage, "a", "b")
        slots = worker(stage, "a", "b")
        claimed = slots.claim(2)
        assert slots.poller.stopping.unfinished() == ["source a", "source b"]
        slots.give_back(claimed)
        assert slots.poller.stopping.unfinished() == []
        assert len(worker(stage, "a", "b").claim(2)) == 2


def test_a_source_that_left_the_configuration_while_it_waited_is_given_back(
    database_url: str,
) -> None:
    with staged(database_url) as stage:
        planned(stage, "a")
        slots = worker(stage, "a")
        [claimed] = slots.claim(1)
        slots.in_force.replace(Configured({}))
        assert slots.serve(claimed) is None
        assert stage.etags == []
        assert names(worker(stage, "a").claim(1)) == ["a"]


def test_after_a_stop_nothing_is_claimed(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        planned(stage, "a")
        slots = worker(stage, "a")
        slots.poller.stopping.set()
        assert slots.claim(1) == []
        assert slots.names_due(9) == ["a"]


def test_a_clock_that_went_back_puts_nothing_off(database_url: str) -> None:
    with staged(database_url) as stage:
        stage.served = Answer(200, json.dumps(many(2)).encode(), None)
        stage.pass_time(hours=30 * 365 * 24)
        planned(stage, "pipellm")
        slots = worker(stage, "pipellm")
        slots.claim(1)
        stage.pass_time(hours=-30 * 365 * 24)
        # The lease, and the slot that it is of, are of no time that anybody may wait for.
        assert slots.claim(1) == []
        assert stage.state.next_slot_at == following(stage.source(), START, START).slot_at
        stage.pass_time(minutes=15)
        assert names(worker(stage, "pipellm").claim(1)) == ["pipellm"]


@pytest.mark.parametrize(("schedule", "seconds"), [("every 10s", 60), ("every 1h", 630)])
def test_a_lease_lasts_as_long_as_a_poll_may(sqlite_url: str, schedule: str, seconds: int) -> None:
    with staged(sqlite_url, settings={"schedule": schedule}) as stage:
        planned(stage, "pipellm")
        worker(stage, "pipellm").claim(1)
        until = stage.state.lease_until
        assert until is not None
        assert until - START <= timedelta(seconds=seconds)
        stage.now = until - timedelta(seconds=1)
        assert worker(stage, "pipellm").claim(1) == []
        stage.now = until
        assert names(worker(stage, "pipellm").claim(1)) == ["pipellm"]
