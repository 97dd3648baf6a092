"""The program's processes: the real objects of a service, with the world behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, event

from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.in_force import InForce
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.slots import Slots
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError
from tests.faults.simulation.model import Fetch
from tests.faults.simulation.scheduler import Actor, Killed, current, point

if TYPE_CHECKING:
    from tests.faults.simulation.world import World

# How often a process dies inside a transaction, or its database goes away: before the commit, or
# after it and before the answer.
_DIES_INSIDE, _GOES_AWAY = 0.006, 0.012


class WorldDatabase(Database):
    """A database whose clock is the world's, and whose transactions begin and end at points."""

    def __init__(self, url: str, world: "World", process: "Process | None" = None) -> None:
        super().__init__(url, clock=world.clock)
        self._world, self._process = world, process
        if self.sqlite_path is not None:
            event.listen(self.engine, "connect", _without_care)

    def now(self) -> datetime:
        """The world's time, as this thread knows it from then on."""
        found, worker = super().now(), current()
        if worker is not None:
            self._world.known_now[worker.name] = found
        return found

    @contextmanager
    def read(self) -> Iterator[Connection]:
        point("read")
        with super().read() as connection:
            yield connection

    @contextmanager
    def autocommit(self) -> Iterator[Connection]:
        point("read")
        self._world.looked()
        with super().autocommit() as connection:
            yield connection

    @contextmanager
    def write(self, *, long: bool = False, often: bool = False) -> Iterator[Connection]:
        point("write")
        with super().write(long=long, often=often) as connection:
            yield connection
            self._may_end()
        self._world.committed()
        if self._can_fail() and self._world.chance.random() < _GOES_AWAY:
            self._world.tell("the answer to a commit is lost")
            raise DatabaseUnavailableError("the connection broke")
        point("written")

    def _may_end(self) -> None:
        """Before a commit: the process may die, or the database go away."""
        if not self._can_fail() or self._process is None:
            return
        dice = self._world.chance.random()
        if dice < _DIES_INSIDE:
            self._process.dead = True
            self._world.tell("dies inside a transaction")
            raise Killed
        if dice < _DIES_INSIDE + _GOES_AWAY:
            self._world.tell("the database goes away before a commit")
            raise DatabaseUnavailableError("the connection broke")

    def _can_fail(self) -> bool:
        return current() is not None and not self._world.calm


class Process:
    """One replica: a thread that polls, and one that delivers."""

    def __init__(self, world: "World", name: str) -> None:
        self.world, self.name = world, name
        self.dead = False
        self.database = WorldDatabase(world.url, world, self)
        in_force = InForce(world.configured)
        self.poller = Poller(self.database, in_force, fetch=self._fetch)
        self.slots = Slots(self.poller, in_force, spread=world.plan.spread)
        self.deliverer = Deliverer(self.database, in_force, chance=world.chance.random)
        self.polls = Actor(f"{name} polls", self._poll)
        self.deliveries = Actor(f"{name} delivers", self._deliver)

    @property
    def actors(self) -> list[Actor]:
        """Its threads."""
        return [self.polls, self.deliveries]

    def kill(self) -> None:
        """End it as `kill -9` does: whatever it had in hand stays as it was."""
        self.dead = True
        for actor in self.actors:
            actor.kill()
            self.world.forget(actor)
        self.database.close()

    def _poll(self, actor: Actor) -> None:
        world = self.world
        while True:
            actor.point("idle")
            if world.chance.random() < 0.12:
                name = world.chance.choice(list(world.models))
                self._guarded(actor, lambda name=name: self._by_hand(actor, name))
                continue
            claimed = self._guarded(actor, lambda: self.slots.claim(world.chance.choice([1, 2, 2])))
            for one in claimed or ():
                if world.chance.random() < 0.05:
                    self._guarded(actor, lambda one=one: self.slots.give_back([one]))
                else:
                    self._guarded(actor, lambda one=one: self.slots.serve(one))
                world.ended(actor)

    def _by_hand(self, actor: Actor, name: str) -> None:
        """Somebody asks for a poll, whatever the schedule says."""
        self.world.by_hand.add(actor.name)
        try:
            self.poller.poll(self.world.configured.sources[name])
        finally:
            self.world.by_hand.discard(actor.name)
        self.world.ended(actor)

    def _deliver(self, actor: Actor) -> None:
        while True:
            actor.point("idle")
            self.world.releasing.add(actor.name)
            self._guarded(actor, self.deliverer.release)
            self.world.releasing.discard(actor.name)
            for name in self._guarded(actor, self.deliverer.with_due) or ():
                self._guarded(actor, lambda name=name: self.deliverer.drain(name))

    def _guarded(self, actor: Actor, work: Any) -> Any:
        """What the service's threads do where the database is away: tell it, and go on."""
        try:
            return work()
        except DatabaseUnavailableError as error:
            self.world.tell(f"{actor.name}: {error}")
            self.world.forget(actor)
        return None

    def _fetch(self, source: Source, etag: str | None, **_limits: object) -> Answer:
        world, actor = self.world, current()
        assert actor is not None
        began = world.local
        point("fetch")
        served = world.gateways[source.name].serve(etag, world.second)
        point("fetched")
        world.second += world.chance.choice([1, 1, 1, 2, 20])
        world.fetched(actor, source.name, Fetch(began, world.local, served, 0))
        if served.error is not None:
            raise served.error
        assert served.answer is not None
        return served.answer


def _without_care(connection: Any, _record: object) -> None:
    """Nothing here outlives the test: the machine is not killed, processes of the world are."""
    connection.execute("PRAGMA synchronous=OFF")
    connection.execute("PRAGMA journal_mode=MEMORY")
