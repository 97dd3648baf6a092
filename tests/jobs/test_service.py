"""The service: each slot once, whatever replicas, clocks and signals do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from jobs.delivering import Deliverer
from jobs.gateway import Answer
from jobs.polling import Poller
from jobs.schedule import jitter
from jobs.service import Service
from jobs.source import Source
from storage import sources
from storage import tables as t
from storage.database import Database
from tests.jobs.stage import KEY, START, many

PERIOD = timedelta(minutes=15)
SOURCE = Source(name="pipellm", url="http://localhost/v1/models", api_key=KEY, schedule="every 15m")
SLOTS = 36


@dataclass
class World:
    """The clock, the gateway and the replicas that share one database."""

    url: str
    now: datetime = START
    fetches: list[datetime] = field(default_factory=list)
    during: Callable[[], None] | None = None

    def fetch(self, *_args: Any, **_limits: Any) -> Answer:
        self.fetches.append(self.now)
        if self.during is not None:
            self.during()
        return Answer(200, json.dumps(many(2 + len(self.fetches) // 3)).encode(), None)

    def database(self) -> Database:
        return Database(self.url, clock=lambda: self.now)

    @contextmanager
    def replica(self) -> Iterator[Service]:
        database = self.database()
        poller = Poller(database, {}, fetch=self.fetch)
        service = Service(database, {"pipellm": SOURCE}, poller, Deliverer(database, {}), tick=0.02)
        thread = threading.Thread(target=service.run)
        thread.start()
        try:
            yield service
        finally:
            service.stop()
            thread.join()
            database.close()

    def served(self) -> bool:
        """Whether nobody holds a slot, and the next one is ahead."""
        with self.database_of_test.read() as connection:
            state = sources.state(connection, "pipellm")
        free = state is not None and state.lease_until is None and state.polls > 0
        return free and state is not None and (state.next_slot_at or self.now) > self.now

    def planned(self) -> bool:
        """Whether the next slot is one that the schedule means by the clock of now."""
        with self.database_of_test.read() as connection:
            slot = sources.choose(connection, "pipellm").next_slot_at
        return self.served() and slot is not None and slot <= self.now + PERIOD

    def to_next_slot(self) -> None:
        with self.database_of_test.read() as connection:
            slot = sources.choose(connection, "pipellm").next_slot_at
        assert slot is not None
        self.now = slot + jitter("pipellm", PERIOD) + timedelta(seconds=1)

    def __post_init__(self) -> None:
        self.database_of_test = self.database()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database_of_test.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def polled(world: World) -> tuple[int, int]:
    """Polls in all, and the slots among them."""
    query = select(func.count(), func.count(t.poll.c.slot.distinct()))
    with world.database_of_test.read() as connection:
        row = connection.execute(query).one()
    return row[0], row[1]


def serve_slots(world: World, replicas: int, slots: int) -> None:
    with ExitStack() as stack:
        for _ in range(replicas):
            stack.enter_context(world.replica())
        wait_for(world.served)
        for _ in range(slots - 1):
            world.to_next_slot()
            wait_for(world.served)


def test_five_replicas_fetch_each_slot_once(postgres_url: str) -> None:
    world = World(postgres_url)
    serve_slots(world, 5, SLOTS)
    assert len(world.fetches) == SLOTS
    assert polled(world) == (SLOTS, SLOTS)
    world.database_of_test.close()


def test_two_processes_on_one_file_fetch_each_slot_once(sqlite_url: str) -> None:
    world = World(sqlite_url)
    serve_slots(world, 2, 8)
    assert polled(world) == (8, 8)
    world.database_of_test.close()


def test_after_a_long_absence_there_is_one_poll_and_not_many(world: World) -> None:
    with world.replica():
        wait_for(world.served)
    world.now += timedelta(days=3)
    with world.replica():
        wait_for(lambda: len(world.fetches) == 2 and world.served())
        time.sleep(0.2)
    assert len(world.fetches) == 2


@pytest.mark.parametrize("jump", [timedelta(days=30 * 365), timedelta(hours=-1)])
def test_a_clock_that_jumps_makes_no_storm_and_no_stall(world: World, jump: timedelta) -> None:
    with world.replica():
        wait_for(world.served)
        world.now += jump
        wait_for(world.planned)
        assert len(world.fetches) <= 2
        world.now -= jump
        wait_for(world.planned)
        before = len(world.fetches)
        assert before <= 3
        # The slot that was polled while the clock was ahead is not polled again, the next one is.
        for _ in range(2):
            world.now += PERIOD + timedelta(minutes=2)
            wait_for(world.served)
        assert before < len(world.fetches) <= before + 2


def test_a_replica_past_its_lease_records_nothing(world: World) -> None:
    taken_over = threading.Event()

    def stopped() -> None:
        # The first replica sleeps through its lease; a second one serves the slot meanwhile.
        world.during = None
        world.now += timedelta(minutes=20)
        with world.replica():
            wait_for(lambda: len(world.fetches) == 2 and world.served())
        taken_over.set()

    world.during = stopped
    with world.replica():
        wait_for(taken_over.is_set)
    total, slots = polled(world)
    assert total == slots == 1


def test_stopping_finishes_the_poll_in_hand(world: World) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert go_on.wait(20)

    world.during = slow
    with world.replica() as service:
        assert begun.wait(20)
        service.stop()
        go_on.set()
    assert polled(world) == (1, 1)
    assert world.served()
