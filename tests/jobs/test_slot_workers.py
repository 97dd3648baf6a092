"""Threads that serve slots: each once, whoever shares them, and none waits for a thread in vain."""

import json
import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.slot_workers import Outcomes, SlotWorkers
from pricetrail.jobs.slots import Slots
from pricetrail.storage.database import Database
from tests.jobs.stage import Stage, many, staged
from tests.support.volume import seeds

BODY = json.dumps(many(2)).encode()
SLOTS = len(seeds(60, thorough=200))


class Fleet:
    """Sources that are due, and processes that poll them."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.stage = stage
        self.sources = {f"s{n:03}": stage.source(name=f"s{n:03}") for n in range(number)}
        self.fetched: Counter[str] = Counter()
        self.polled: list[str] = []
        self.told: list[str] = []
        self.during: Callable[[str], object] = lambda _name: None
        plan(stage.database, self.sources.values(), planned_slot)

    def fetch(self, source: Any, *_args: Any, **_limits: Any) -> Answer:
        self.fetched[source.name] += 1
        self.during(source.name)
        return Answer(200, BODY, None)

    def workers(self, at_once: int, most: int | None = None) -> SlotWorkers:
        """Those of a process of its own."""
        database = Database(self.stage.database.url, clock=lambda: self.stage.now)
        slots = Slots(Poller(database, {}, fetch=self.fetch), InForce(Configured(self.sources)))
        outcomes = Outcomes(
            lambda _slot, polled: self.polled.append(polled.source),
            lambda name, error: self.told.append(f"{name}: {error}"),
            lambda error: self.told.append(str(error)),
        )
        return SlotWorkers(slots, outcomes, at_once=at_once, most=most)


def test_five_processes_share_what_is_due_and_fetch_each_slot_once(database_url: str) -> None:
    with staged(database_url) as stage:
        fleet = Fleet(stage, SLOTS)
        everybody = [fleet.workers(2) for _ in range(5)]
        for workers in everybody:
            workers.look()
        for workers in everybody:
            workers.wait()
            workers.slots.database.close()
        assert fleet.fetched == Counter(dict.fromkeys(fleet.sources, 1))
        assert sorted(fleet.polled) == sorted(fleet.sources)
        assert fleet.told == []


def test_no_more_is_claimed_than_can_soon_begin(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        fleet = Fleet(stage, 20)
        all_there, go_on = threading.Barrier(4, timeout=20), threading.Event()

        def wait(_name: str) -> None:
            all_there.wait()
            assert go_on.wait(20)

        fleet.during = wait
        workers = fleet.workers(3)
        workers.look()
        all_there.wait()
        workers.look()
        # Three are under way; the rest is anybody's.
        assert len(fleet.workers(20).slots.claim(20)) == 17
        fleet.during = lambda _name: None
        go_on.set()
        workers.wait()
        assert len(fleet.polled) == 3


def test_a_stop_gives_back_what_was_not_begun(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        fleet = Fleet(stage, 9)
        workers = fleet.workers(1)
        stopping = workers.slots.poller.stopping

        def stop(_name: str) -> None:
            if len(fleet.fetched) == 2:
                # The second slot was claimed by the thread itself, of nine due ones.
                stopping.set()

        fleet.during = stop
        workers.look()
        workers.wait()
        assert (len(fleet.polled), stopping.unfinished()) == (2, [])
        assert len(fleet.workers(9).slots.claim(9)) == 7


def test_what_keeps_one_from_being_polled_keeps_no_other_and_no_claim_is_no_end(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(sqlite_url) as stage:
        fleet = Fleet(stage, 4)
        workers = fleet.workers(2)

        def broken(name: str) -> None:
            if name == "s000":
                raise PricetrailError("cannot be polled")

        fleet.during = broken
        real = workers.slots.claim
        away = iter([False, True, True])

        def claim(most: int) -> Any:
            if next(away, False):
                raise PricetrailError("the database is away")
            return real(most)

        monkeypatch.setattr(workers.slots, "claim", claim)
        for _ in range(3):
            try:
                workers.look()
            except PricetrailError as error:
                assert str(error) == "the database is away"  # noqa: PT017 - it may be here
            workers.wait()
        assert sorted(fleet.polled) == ["s001", "s002", "s003"]
        assert "s000: cannot be polled" in fleet.told


def test_a_limit_is_of_polls(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        fleet = Fleet(stage, 9)
        workers = fleet.workers(2, most=5)
        workers.look()
        workers.wait()
        assert len(fleet.polled) == 5
        assert len(fleet.workers(9).slots.claim(9)) == 4
