"""Threads that serve slots: each once, whoever shares them, and none waits for a thread in vain."""

import json
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import update

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs import slot_queue
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.slot_queue import AT_ONE_HOST
from pricetrail.jobs.slot_workers import Outcomes, SlotWorkers
from pricetrail.jobs.slots import Slots
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from tests.jobs.stage import Stage, many, staged
from tests.support.volume import seeds

BODY = json.dumps(many(2)).encode()
SLOTS = len(seeds(60, thorough=200))


class Fleet:
    """Sources that are due, and processes that poll them."""

    def __init__(self, stage: Stage, number: int, url: Callable[[int], str] | None = None) -> None:
        self.stage = stage
        # As many hosts as sources: those of one have tests of their own.
        url = url or "http://127.0.0.{}/".format
        self.sources = {
            f"s{n:03}": stage.source(name=f"s{n:03}", url=url(n)) for n in range(number)
        }
        self.fetched: Counter[str] = Counter()
        self.polled: list[str] = []
        self.told: list[str] = []
        self.during: Callable[[str], object] = lambda _name: None
        self.reached: Callable[[], object] = lambda: None
        plan(stage.database, self.sources.values(), planned_slot)

    def fetch(self, source: Any, *_args: Any, **_limits: Any) -> Answer:
        self.fetched[source.name] += 1
        self.during(source.name)
        return Answer(200, BODY, None)

    def _done(self, name: str) -> None:
        self.polled.append(name)
        self.reached()

    def workers(self, at_once: int, most: int | None = None) -> SlotWorkers:
        """Those of a process of its own."""
        database = Database(self.stage.database.url, clock=lambda: self.stage.now)
        slots = Slots(Poller(database, {}, fetch=self.fetch), InForce(Configured(self.sources)))
        outcomes = Outcomes(
            lambda _slot, polled: self._done(polled.source),
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


def test_no_thread_ends_while_another_claims_for_it(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A new one costs more than the poll that it makes."""
    with staged(sqlite_url) as stage:
        fleet = Fleet(stage, 40)
        workers, begun = fleet.workers(4), []
        real = workers.slots.claim

        def claim(*wanted: Any) -> Any:
            found = real(*wanted)
            # Until all others have nothing to do any more.
            time.sleep(0.02)
            return found

        def submit(job: Callable[[], Any]) -> Any:
            begun.append(job)
            return own(job)

        own = workers._workers.submit
        monkeypatch.setattr(workers.slots, "claim", claim)
        monkeypatch.setattr(workers._workers, "submit", submit)
        workers.look()
        workers.wait()
        assert (len(fleet.polled), len(begun)) == (40, 4)


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

        def claim(*wanted: Any) -> Any:
            if next(away, False):
                raise PricetrailError("the database is away")
            return real(*wanted)

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


HANGS, OTHERS = 50, 20


class HangingHost:
    """A host that hangs, with `HANGS` sources that are due first, beside one with `OTHERS`."""

    def __init__(self, stage: Stage) -> None:
        self.go_on, self.others_polled = threading.Event(), threading.Event()
        self.lock = threading.Lock()
        self.asked = self.most_asked = 0
        self.fleet = Fleet(
            stage, HANGS + OTHERS, lambda n: f"http://127.0.0.{1 if n < HANGS else 2}/v1/models"
        )
        self.fleet.during, self.fleet.reached = self._hang, self._reached

    def hangs(self, name: str) -> bool:
        return name < f"s{HANGS:03}"

    def _hang(self, name: str) -> None:
        if not self.hangs(name):
            return
        with self.lock:
            self.asked += 1
            self.most_asked = max(self.asked, self.most_asked)
        assert self.go_on.wait(60)
        with self.lock:
            self.asked -= 1

    def _reached(self) -> None:
        if sum(not self.hangs(name) for name in list(self.fleet.polled)) == OTHERS:
            self.others_polled.set()


def test_a_host_that_hangs_keeps_nobody_from_the_others(database_url: str) -> None:
    with staged(database_url) as stage:
        host = HangingHost(stage)
        workers = host.fleet.workers(64)
        workers.look()
        assert host.others_polled.wait(20), host.fleet.told
        assert host.fleet.polled == [name for name in host.fleet.polled if not host.hangs(name)]
        host.go_on.set()
        workers.wait()
        assert host.most_asked == AT_ONE_HOST
        assert host.fleet.fetched == Counter(dict.fromkeys(host.fleet.sources, 1))
        assert (len(host.fleet.polled), host.fleet.told) == (HANGS + OTHERS, [])
        workers.slots.database.close()


def test_what_is_held_aside_is_given_back_when_the_stop_comes(sqlite_url: str) -> None:
    with staged(sqlite_url) as stage:
        host = HangingHost(stage)
        workers = host.fleet.workers(64)
        workers.look()
        assert host.others_polled.wait(20), host.fleet.told
        workers.slots.poller.stopping.set()
        workers.let_go()
        assert len(workers.slots.poller.stopping.unfinished()) == AT_ONE_HOST
        assert len(host.fleet.workers(64).slots.claim(64)) == HANGS - AT_ONE_HOST
        host.go_on.set()
        workers.wait()
        assert len(host.fleet.polled) == AT_ONE_HOST + OTHERS


def test_what_is_held_aside_for_too_long_is_anybodys_and_polled_in_the_end(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with staged(sqlite_url) as stage:
        host = HangingHost(stage)
        workers = host.fleet.workers(64, most=HANGS + OTHERS)
        workers.look()
        assert host.others_polled.wait(20), host.fleet.told
        with monkeypatch.context() as patched:
            patched.setattr(slot_queue, "LONGEST_ASIDE", 0.0)
            workers.look()
        somebody_else = host.fleet.workers(64).slots
        claimed = somebody_else.claim(64)
        assert len(claimed) == HANGS - AT_ONE_HOST
        somebody_else.give_back(claimed)
        host.go_on.set()
        workers.wait()
        assert host.fleet.fetched == Counter(dict.fromkeys(host.fleet.sources, 1))


def test_what_cannot_be_held_aside_is_put_off_and_stands_in_nobodys_way(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(slot_queue, "_MOST_ASIDE", 8)
    with staged(sqlite_url) as stage:
        host = HangingHost(stage)
        # They were moved there: the database has their first addresses.
        with stage.database.write() as connection:
            connection.execute(update(t.source).values(url="http://localhost/"))
        workers = host.fleet.workers(64)
        workers.look()
        assert host.others_polled.wait(20), host.fleet.told
        assert host.fleet.workers(64).slots.claim(64) == []
        host.go_on.set()
        for _ in range(3):
            workers.wait()
            stage.pass_time(seconds=15)
            workers.look()
        workers.wait()
        assert set(host.fleet.fetched) == set(host.fleet.sources)
        assert host.most_asked == AT_ONE_HOST
