"""The service: each slot once, whatever replicas, clocks and signals do."""

import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event as sql_hooks
from sqlalchemy import func, select, text

import pricetrail.storage.database
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.in_force import Configured
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.overdue import overdue_at
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.service import Service
from pricetrail.jobs.source import Source
from pricetrail.storage import schema, sources, standbys
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.standbys import Waiting
from tests.jobs.stage import KEY, START, many
from tests.support.receivers import receiving
from tests.support.volume import seeds

pytestmark = pytest.mark.slow

PERIOD = timedelta(minutes=15)
SOURCE = Source(name="pipellm", url="http://localhost/v1/models", api_key=KEY, schedule="every 15m")
SLOTS = len(seeds(12, thorough=36))


@dataclass
class World:
    """The clock, the gateway and the replicas that share one database."""

    url: str
    now: datetime = START
    tick: float = 0.02
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
        deliverer = Deliverer(database, {})
        service = Service(database, {"pipellm": SOURCE}, poller, deliverer, tick=self.tick)
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
        self.now = slot + timedelta(seconds=1)

    def __post_init__(self) -> None:
        self.database_of_test = self.database()


@pytest.fixture
def world(database_url: str) -> Iterator[World]:
    made = World(database_url)
    yield made
    made.database_of_test.close()


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 120
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
    # Nearly all of them want each slot at once, however seldom they look.
    world = World(postgres_url, tick=0.2)
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


def test_a_tick_that_raises_leaves_a_line_and_the_service_goes_on(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret, failed = "https://hooks.example.com/secret", threading.Event()

    def broken(_deliverer: Deliverer) -> int:
        failed.set()
        raise RuntimeError(secret)

    monkeypatch.setattr(Deliverer, "release", broken)
    with world.replica():
        assert failed.wait(20)
        wait_for(world.served)
        world.to_next_slot()
        wait_for(lambda: len(world.fetches) == 2 and world.served())
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert len(told) == 1
    assert told[0].startswith("release: unexpected RuntimeError in ")
    assert secret not in caplog.text


def test_commits_that_wait_for_a_standby_are_told(
    postgres_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting = Waiting(3, timedelta(minutes=4))
    monkeypatch.setattr(standbys, "waiting", lambda _: waiting)
    with World(postgres_url).replica():
        wait_for(lambda: "3 commits have waited for a synchronous standby" in caplog.text)


def test_a_poll_that_raises_leaves_a_line_and_the_next_slot_is_served(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def broken() -> None:
        world.during = None
        raise RuntimeError("https://hooks.example.com/secret")

    world.during = broken
    with world.replica():
        wait_for(lambda: "source pipellm: unexpected RuntimeError" in caplog.text)
        world.now += timedelta(minutes=45)
        wait_for(lambda: len(world.fetches) == 2 and world.served())
    assert "secret" not in caplog.text


def test_a_source_that_cannot_be_planned_holds_no_other_back(
    world: World, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = overdue_at

    def overdue(source: Source, *seen: Any) -> datetime:
        if source.name == "broken":
            raise ValueError("https://hooks.example.com/secret")
        return real(source, *seen)

    monkeypatch.setattr("pricetrail.jobs.planning.overdue_at", overdue)
    with world.replica() as service:
        broken = replace(SOURCE, name="broken")
        service.in_force.replace(Configured({"broken": broken, "pipellm": SOURCE}))
        wait_for(world.served)
        wait_for(lambda: "source broken: unexpected ValueError" in caplog.text)
    assert "secret" not in caplog.text


def test_a_schema_that_changes_under_it_ends_the_service(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    def upgraded() -> None:
        """While a poll is under way, somebody upgrades the database."""
        with world.database_of_test.write() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))

    world.during = upgraded
    with world.replica() as service:
        schema.hold(service.database)
        assert service.stopping.wait(60)
    assert "newer than this pricetrail" in str(service.problem)
    assert polled(world) == (0, 0)
    told = [record.getMessage() for record in caplog.records if record.levelname == "ERROR"]
    assert told == [f"the service stops: {service.problem}"]


_OPEN = "SELECT count(*) FROM delivery WHERE state IN ('pending', 'leased')"


def test_a_hundred_webhooks_and_a_database_that_is_locked(
    sqlite_url: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody runs out of connections; once it is free again, everything goes out."""
    monkeypatch.setattr(pricetrail.storage.database, "BUSY_TIMEOUT", 2.0)
    with receiving() as receiver:
        names = [f"w{number}" for number in range(100)]
        hooks = {n: Webhook(name=n, url=receiver.url, allow_private=True) for n in names}
        database = Database(sqlite_url)
        # Whoever waits for a connection longer than that has run out of them.
        monkeypatch.setattr(database.engine.pool, "_timeout", 1.0)
        sql_hooks.listen(
            database.engine, "connect", lambda c, _: c.execute("PRAGMA synchronous=OFF")
        )
        with database.write() as connection:
            owed = [
                deliveries.NewDelivery(f"d-{name}", name, ("evt_" + "0" * 40,)) for name in names
            ]
            deliveries.enqueue(connection, owed, database.now())
        service = Service(
            database, {}, Poller(database, hooks), Deliverer(database, hooks), tick=0.1
        )
        thread = threading.Thread(target=service.run, daemon=True)
        other = Database(sqlite_url)
        with other.write():
            thread.start()
            wait_for(lambda: "is locked by another process" in caplog.text)
            time.sleep(3)
        other.close()

        def all_out() -> bool:
            with closing(sqlite3.connect(database.sqlite_path or "", timeout=30)) as reading:
                return bool(reading.execute(_OPEN).fetchone() == (0,))

        wait_for(all_out)
        service.stop()
        thread.join()
        database.close()
    assert "in use" not in caplog.text
    assert "unexpected" not in caplog.text
    assert caplog.text.count("is locked by another process") < 5
