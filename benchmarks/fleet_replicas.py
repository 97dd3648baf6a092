"""A replica that polls a made-up fleet in a process of its own, as the service's threads do."""

import multiprocessing
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks import clocks
from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slot_workers import POLLS_AT_ONCE, Outcomes, SlotWorkers
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.settings.kept import MOST, KeptSettings
from pricetrail.storage.database import Database


class Replica:
    """A running one; see `replica`."""

    def __init__(self, orders: Connection, process: int) -> None:
        self._orders, self._process = orders, process

    def poll_due(self) -> Counter[str]:
        """Poll all that is due; how many polls had which outcome.

        Raises:
            AssertionError: something kept a source from being polled.
        """
        self._orders.send(None)
        found: Counter[str]
        found, problem = self._orders.recv()
        if problem is not None:
            raise AssertionError(problem)
        return found

    def worked(self) -> float:
        """The seconds that it has spent on the processors."""
        return clocks.worked(self._process)

    def resident(self) -> int:
        """The bytes of memory that it holds."""
        status = Path(f"/proc/{self._process}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024


@contextmanager
def replica(url: str, environ: Mapping[str, str], held: int = MOST) -> Iterator[Replica]:
    """A replica on a database that keeps its sources, while the context is open.

    Args:
        environ: what decrypts their keys.
        held: of so many sources it holds the settings.

    Raises:
        EOFError: it could not begin.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_run, args=(theirs, url, dict(environ), held), daemon=True)
    process.start()
    # Else nobody would hear that it ended before it polled.
    theirs.close()
    try:
        ours.recv()
        yield Replica(ours, process.pid or 0)
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()


def slots_of(database: Database, environ: Mapping[str, str], held: int = MOST) -> Slots:
    """The slots of the sources that a database keeps, as a replica without any other has them."""
    in_force = InForce(Configured(kept=KeptSettings(Path.cwd(), environ, most=held)))
    return Slots(Poller(database, in_force), in_force)


def _run(orders: Connection, url: str, environ: Mapping[str, str], held: int) -> None:
    told = _Told()
    outcomes = Outcomes(told.polled, told.failed, partial(told.failed, "a claim"))
    workers = SlotWorkers(slots_of(Database(url), environ, held), outcomes, at_once=POLLS_AT_ONCE)
    orders.send(None)
    while True:
        orders.recv()
        workers.look()
        workers.wait()
        orders.send(told.all())


class _Told:
    """What became of slots, told by several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._found: Counter[str] = Counter()
        self._problem: str | None = None

    def polled(self, _claimed: Claimed, polled: Polled) -> None:
        with self._lock:
            self._found[polled.outcome] += 1
            if polled.error is not None:
                self._problem = f"{polled.source}: {polled.error}"

    def failed(self, where: str, error: Exception) -> None:
        with self._lock:
            self._problem = f"{where}: {error!r}"

    def all(self) -> tuple[Counter[str], str | None]:
        """The outcomes since the last time, and a problem that there was."""
        with self._lock:
            found, self._found = self._found, Counter()
            return found, self._problem
