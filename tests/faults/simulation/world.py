"""One world from one seed: what happens in it, and the program that lives through it."""

import logging
import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from hashlib import sha256
from unittest import mock

from pricetrail.jobs.deliveries import sending
from pricetrail.jobs.in_force import Configured
from pricetrail.jobs.planning import plan as plan_slots
from pricetrail.jobs.planning import planned_slot
from pricetrail.jobs.polls import reviewing
from pricetrail.storage.database import Database
from pricetrail.storage.outbox import webhooks
from pricetrail.storage.polls import quarantine
from tests.faults.simulation import checks, ends
from tests.faults.simulation.gateway import Gateway
from tests.faults.simulation.model import Fetch, SourceModel
from tests.faults.simulation.plan import Plan
from tests.faults.simulation.processes import Process, WorldDatabase
from tests.faults.simulation.receiver import Receiver, Wire
from tests.faults.simulation.rows import Rows, State
from tests.faults.simulation.scheduler import Actor, current
from tests.support.certainty_model import DAY, HOUR, moment

# A process that is stopped goes on after so many seconds: most leases have run out by then.
_STOPPED_FOR = [20, 100, 200, 700, 2000]
_JUMPS = [0, 0, 30, -30, HOUR, -HOUR, 7 * HOUR, 2 * DAY, -2 * DAY]
# From the end of a history on all goes well: so many rounds are enough for whatever is owed.
_ROUNDS_AFTER = 60


class World:
    """What happens from a seed, on a migrated and empty database.

    `trace` is all that happened, in words that are the same for the same seed.
    """

    def __init__(self, seed: int, url: str) -> None:
        self.seed, self.url = seed, url
        self.chance = random.Random(seed)
        self.plan = Plan.of(self.chance)
        self.second = 10 * HOUR + self.chance.randrange(HOUR)
        self.ahead = 0
        self.trace: list[str] = []
        self.configured = Configured(self.plan.sources, self.plan.webhooks)
        self.gateways = {
            name: Gateway.of(self.chance, dates=self.plan.dates) for name in self.plan.sources
        }
        self.receivers = {name: Receiver(self.chance) for name in self.plan.webhooks}
        self.models = {name: SourceModel(one) for name, one in self.plan.sources.items()}
        self.database = WorldDatabase(url, self)
        self.rows = Rows(Database(url, clock=self.clock))
        self.state = State()
        self.ledger = checks.Ledger(self)
        # By the actor's name: what it knows, fetched and does.
        self.known_now: dict[str, datetime] = {}
        self.fetches: dict[str, tuple[str, Fetch]] = {}
        self.begun: dict[tuple[str, str], int] = {}
        self.by_hand: set[str] = set()
        self.releasing: set[str] = set()
        self.processes: list[Process] = []
        # What was found wrong while the program was at work.
        self.failure: Exception | None = None
        # Whether nothing goes wrong any more.
        self.calm = False
        self._made = 0

    @property
    def local(self) -> int:
        """The second by the machine's clock."""
        return self.second + self.ahead

    def clock(self) -> datetime:
        """The time by the machine's clock, which may be wrong."""
        return moment(self.local)

    def monotonic(self) -> float:
        """The time that only goes on."""
        return 1_000_000.0 + self.second

    def tell(self, what: str) -> None:
        """Write into the trace."""
        self.trace.append(f"{self.second} {what}")

    @property
    def fingerprint(self) -> str:
        """The same for histories in which the same happened."""
        return sha256("\n".join(self.trace).encode()).hexdigest()

    def looked(self) -> None:
        """An actor reads what a poll by hand begins from."""
        actor = current()
        if actor is not None and actor.name in self.by_hand and actor.name not in self.fetches:
            self.begun |= {(actor.name, name): m.polls for name, m in self.models.items()}

    def fetched(self, actor: Actor, source: str, fetch: Fetch) -> None:
        """An actor has an answer, which is to be recorded."""
        polls = self.begun.get((actor.name, source), 0)
        self.fetches[actor.name] = source, Fetch(fetch.began, fetch.ended, fetch.served, polls)

    def ended(self, actor: Actor) -> None:
        """An actor's poll is over; where nothing was recorded of it, another's was."""
        pending = self.fetches.pop(actor.name, None)
        if pending is not None:
            self.ledger.dropped(actor, *pending)

    def forget(self, actor: Actor) -> None:
        """An actor was killed, or an error ended what it did."""
        self.fetches.pop(actor.name, None)
        self.releasing.discard(actor.name)

    def committed(self) -> None:
        """A transaction was committed: all that it wrote must be as the models say."""
        if self.failure is not None:
            return
        before, self.state = self.state, self.rows.read()
        try:
            self.ledger.committed(before, self.state, current())
        except Exception as error:  # noqa: BLE001 - raised again where the program cannot catch it
            self.failure = error

    def live(self) -> None:
        """Live through the history, and check it in the end."""
        with self._in_place():
            plan_slots(self.database, self.plan.sources.values(), planned_slot)
            self.processes = [self._process() for _ in range(self.plan.processes)]
            rounds = self.plan.rounds
            while rounds:
                if not self._step():
                    self._round()
                    rounds -= 1
            self._settle()
            ends.check(self)

    @contextmanager
    def _in_place(self) -> Iterator[None]:
        """The world in the place of the network and of the time that passes."""

        def wire(_network: object) -> Wire:
            return Wire(self.receivers, lambda: self.second)

        with (
            mock.patch("time.monotonic", self.monotonic),
            mock.patch.object(sending, "Way", wire),
        ):
            # What goes wrong here is meant to.
            logging.disable()
            try:
                yield
            finally:
                logging.disable(logging.NOTSET)
                for process in self.processes:
                    process.kill()
                self.rows.close()
                self.database.close()

    def _process(self) -> Process:
        self._made += 1
        return Process(self, f"p{self._made}")

    def _step(self) -> bool:
        """Let somebody who has something in hand go on, or let it go wrong; False: nobody has."""
        ready = [
            (process, actor)
            for process in self.processes
            for actor in process.actors
            if not actor.idle and actor.stopped_until <= self.second
        ]
        if not ready:
            return False
        process, actor = self.chance.choice(ready)
        dice = self.chance.random()
        if dice < 0.01:
            self.tell(f"kill {process.name} at {actor.name} {actor.where}")
            process.kill()
        elif dice < 0.045:
            actor.stopped_until = self.second + self.chance.choice(_STOPPED_FOR)
            self.tell(f"stop {actor.name} at {actor.where} until {actor.stopped_until}")
        else:
            self._resume(actor)
            self.second += self.chance.choice([0, 0, 0, 0, 1])
        self._replace_the_dead()
        return True

    def _resume(self, actor: Actor) -> None:
        actor.resume()
        self.tell(f"{actor.name} {actor.where}")
        if self.failure is not None or actor.error is not None:
            raise self.failure or actor.error or AssertionError

    def _replace_the_dead(self) -> None:
        for process in [one for one in self.processes if one.dead]:
            process.kill()
            self.processes.remove(process)
            self.processes.append(self._process())

    def _round(self) -> None:
        """Time passes, the world changes, and the processes look again."""
        self._pass(self._next_second())
        for name, gateway in self.gateways.items():
            if self.chance.random() < 0.7:
                self.tell(f"{name}: {gateway.live()}")
        for name, receiver in self.receivers.items():
            if self.chance.random() < 0.4:
                self.tell(f"{name}: {receiver.live()}")
        # A clock that is set during a fetch is not what the model of certainty is about.
        between_polls = all(process.polls.idle for process in self.processes)
        if self.plan.jumps and between_polls and self.chance.random() < 0.3:
            self.ahead = self.chance.choice(_JUMPS)
            self.tell(f"the clock is {self.ahead} ahead")
        self._operate()
        for number, process in enumerate(self.processes):
            if number == 0 or self.chance.random() < 0.5:
                self._wake(process)
        self.chance.shuffle(self.processes)

    def _wake(self, process: Process) -> None:
        for actor in self.chance.choice([process.actors, process.actors, [process.polls]]):
            if actor.idle and not actor.done and actor.stopped_until <= self.second:
                self._resume(actor)

    def _next_second(self) -> int:
        """When something is due next, as a rule; sometimes nobody looks for long."""
        slots = [one.due_at - self.ahead for one in self.state.slots.values()]
        mail = [at - self.ahead for at in self._owed()]
        period, dice = self.plan.period, self.chance.random()
        if dice < 0.1:
            return self.second + self.chance.randint(1, 4 * period)
        wanted = mail if dice < 0.35 and mail else slots
        coming = [round(at) for at in wanted if self.second < at < self.second + DAY]
        due = any(at <= self.second for at in wanted)
        late = self.chance.choice([0, 0, 1, 20, period // 3])
        return (self.second if due or not coming else min(coming)) + late

    def _pass(self, second: int) -> None:
        self.second = max(self.second + 1, second)

    def _operate(self) -> None:
        """An operator looks after what only a person can decide."""
        dice = self.chance.random()
        if dice < 0.08:
            self._decide(approves=dice < 0.06)
        if self.chance.random() < 0.2:
            self._enable()

    def _enable(self) -> None:
        with self.database.write() as connection:
            for name in self.plan.webhooks:
                webhooks.enable(connection, name)

    def _decide(self, *, approves: bool) -> None:
        with self.database.read() as connection:
            held = quarantine.listed(connection, states=[quarantine.HELD])
        if not held or self.plan.jumps:
            return
        entry = held[0]
        model = self.models[entry.source]
        self.ledger.expected = model.approve() if approves else model.reject()
        if self.ledger.expected is None:
            return
        self.tell(f"{'approve' if approves else 'reject'} {entry.source}")
        verdict = reviewing.approve if approves else reviewing.reject
        verdict(self.database, self.plan.webhooks, self.plan.sources, entry.id)
        assert self.ledger.expected is None

    def _settle(self) -> None:
        """All goes well from now on, until nothing is owed any more."""
        self.tell("all goes well")
        for gateway in self.gateways.values():
            gateway.heal()
        for receiver in self.receivers.values():
            receiver.mood = "takes"
        self.calm = True
        for number in range(_ROUNDS_AFTER):
            for process in self.processes:
                for actor in process.actors:
                    actor.stopped_until = 0
            self._run_to_the_end()
            if number and not self._owed():
                return
            polls = not number or bool(self.state.waiting)
            self._pass(self._due(polls=polls))
            if number < 2:
                self._enable()
            first = self.processes[0]
            for actor in first.actors if polls else [first.deliveries]:
                self._resume(actor)
        raise AssertionError(f"still owed: {self._owed()}")

    def _run_to_the_end(self) -> None:
        while busy := [a for p in self.processes for a in p.actors if not a.idle]:
            self._resume(self.chance.choice(busy))
            self._replace_the_dead()

    def _owed(self) -> list[float]:
        """When whatever is owed may be told, by the machine's clock."""
        return [*(one.next_at for one in self.state.open), *self.state.waiting]

    def _due(self, *, polls: bool) -> int:
        """When something may be told next, or polled."""
        times = self._owed()
        if polls:
            times += [one.due_at for one in self.state.slots.values()]
        coming = [at for at in times if at > self.local] or [self.local + self.plan.period]
        return round(min(coming) - self.ahead) + 1
