"""A fleet of `pricetrail run` on one database: real processes, stopped, killed and started anew."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, update

from pricetrail.storage import sources
from pricetrail.storage import tables as t
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.history.events import EventFilter
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.verification.verify import verify
from tests.faults.ledgers import (
    Gateway,
    LedgerError,
    Message,
    NotYetError,
    Taken,
    check_chains,
    first_ones,
    serving,
)
from tests.support import hurried
from tests.support.forks import Forked
from tests.support.receivers import Receiver, receiving

WEBHOOKS = {"billing", "search"}
OFTEN, SELDOM = "every 1s", "@yearly"
# What a machine that is busy may take.
_PATIENCE = 90


def wait_for(condition: Callable[[], object], what: str = "") -> None:
    """Wait until it holds."""
    deadline = time.monotonic() + _PATIENCE
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


@dataclass
class Fleet:
    """Replicas on one database, their gateway, and the receiver of their webhooks.

    `without`: a guard that is taken from the program (see `hurried`).
    """

    url: str
    folder: Path
    gateway: Gateway
    receiver: Receiver
    names: list[str]
    without: str = ""
    short_leases: bool = True
    replicas: list[Forked] = field(default_factory=list)
    ended: list[Forked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.taken = Taken(self.receiver)

    def configure(self, schedule: str) -> None:
        """Write the configuration that all of them start with."""
        text = [f'database_url = "{self.url}"']
        text += [
            f'[sources.{name}]\nurl = "{self.gateway.url}/{name}/v1/models"\napi_key = "made-up"\n'
            f'schedule = "{schedule}"\nmax_repriced_percent = 100'
            for name in self.names
        ]
        text += [
            f'[webhooks.{name}]\nurl = "{self.receiver.url}/{name}"\nformat = "json"\n'
            'allow_private = true\nevents = ["model.*"]'
            for name in sorted(WEBHOOKS)
        ]
        (self.folder / "pricetrail.toml").write_text("\n".join(text))

    def command(self, *arguments: str) -> Forked:
        """A command of the same program on the same database."""
        program = hurried.program(self.without, short_leases=self.short_leases)
        return Forked(program, *arguments, folder=self.folder)

    def start(self, number: int = 1) -> list[Forked]:
        """Start so many more replicas; those."""
        new = [self.command("run") for _ in range(number)]
        self.replicas += new
        return new

    def kill(self, replica: Forked) -> None:
        """`kill -9`."""
        replica.kill()
        assert replica.wait() == -signal.SIGKILL, replica.told()
        self.replicas.remove(replica)
        self.ended.append(replica)

    def stop(self) -> str:
        """Stop those that are left, which end well; what all of them have said."""
        for one in self.replicas:
            one.send_signal(signal.SIGTERM)
        codes = [one.wait() for one in self.replicas]
        said = self.said()
        assert codes == [0] * len(codes), said
        self.ended += self.replicas
        self.replicas = []
        return said

    def said(self) -> str:
        """What all replicas have said up to now."""
        return "\n".join(one.told() for one in [*self.ended, *self.replicas])

    def messages(self) -> list[Message]:
        """What the receivers took up to now."""
        return self.taken.messages()

    def troubles(self) -> list[str]:
        """The lines of warnings and errors that they have said."""
        return [line for line in self.said().splitlines() if line and " info " not in line]

    def led_to_the_end(self) -> bool:
        """Whether every webhook has heard all of what the gateway shows.

        Raises:
            LedgerError: it never will, or what it was told on the way is wrong.
        """
        try:
            check_chains(self.messages(), dict(self.gateway.numbers), WEBHOOKS)
        except NotYetError:
            return False
        return True

    def calm(self) -> None:
        """Let catalogs move no more, and wait until everybody knows the last ones."""
        with self.gateway.lock:
            self.gateway.moving = False
        wait_for(self.led_to_the_end, self.said())

    def close(self) -> None:
        """End whatever is left, however it is."""
        for one in [*self.replicas, *self.ended]:
            with one:
                pass


@contextmanager
def fleet(
    url: str,
    folder: Path,
    sources: int,
    *,
    schedule: str = OFTEN,
    steps: int = 1,
    without: str = "",
    short_leases: bool = True,
) -> Iterator[Fleet]:
    """A fleet without replicas as yet; those that are left at the end are killed."""
    names = [f"s{number}" for number in range(sources)]
    with serving(Gateway(steps=steps)) as gateway, receiving() as receiver:
        made = Fleet(url, folder, gateway, receiver, names, without, short_leases)
        made.configure(schedule)
        try:
            yield made
        finally:
            made.close()


@contextmanager
def opened(url: str) -> Iterator[Database]:
    """The database, looked at by the test."""
    database = Database(url)
    try:
        yield database
    finally:
        database.close()


def wait_for_fetches(made: Fleet, more: int) -> None:
    """Wait until so many more are under way."""
    until = made.gateway.total + more
    wait_for(lambda: made.gateway.total >= until, made.said())


def begin_histories(made: Fleet) -> None:
    """The first slot of each source, which is its baseline, served by a process of its own."""
    with made.command("poll", "--due", "--quiet") as process:
        assert process.wait() == 0, process.told()
    assert made.gateway.fetches == {name: [0] for name in made.names}


def let_all_be_due(database: Database) -> None:
    """Let the time of the next slot of every source have come; nobody may hold one."""
    with database.write() as connection:
        now = database.now_within(connection)
        assert connection.execute(_HELD).scalar_one() == 0
        connection.execute(update(t.slot).values(slot_at=now, due_at=now))


def slots_served(database: Database) -> list[tuple[Any, ...]]:
    """The source and slot of each poll that served one."""
    with database.read() as connection:
        query = select(t.poll.c.source_id, t.poll.c.slot).where(t.poll.c.slot.is_not(None))
        return [tuple(row) for row in connection.execute(query)]


def leases_held(database: Database) -> int:
    """How many slots somebody holds."""
    with database.read() as connection:
        return int(connection.execute(_HELD).scalar_one())


_HELD = select(func.count()).where(t.slot.c.token.is_not(None))


def check_history(made: Fleet) -> None:
    """What the database says is sound, and what the receivers were told: all of it, once.

    Raises:
        LedgerError: it is not.
    """
    taken = made.messages()
    check_chains(taken, dict(made.gateway.numbers), WEBHOOKS)
    with opened(made.url) as database, database.read() as connection:
        for name in made.names:
            broken = verify(connection, sources.choose(connection, name)).first_break
            if broken is not None:
                raise LedgerError(f"{name}: {broken}")
        ids = [one.id for _, one in events.read(connection, EventFilter())]
        states = {one.state for one in deliveries.deliveries(connection)}
    for webhook, ones in first_ones(taken).items():
        if sorted(one.id for one in ones) != sorted(ids):
            raise LedgerError(f"{webhook} was told of other events than the database has")
    if len(set(ids)) != len(ids) or states - {deliveries.DELIVERED}:
        raise LedgerError(f"an event twice, or a message that is {states}")
