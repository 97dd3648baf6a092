"""The service: a clock that claims slots, polls and works off the outbox until it is stopped.

APScheduler is the clock alone. What is due, and whose turn it is, stands in the database, so that
any number of replicas can run side by side and a restart forgets nothing.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.deliveries.delivering import MAX_AT_ONCE, Deliverer
from pricetrail.jobs.deliveries.tally import Tally
from pricetrail.jobs.error_log import ErrorLog
from pricetrail.jobs.in_force import Configured, InForce, Sources
from pricetrail.jobs.log_lines import log_deliveries, log_end, log_poll
from pricetrail.jobs.maintenance import Upkeep
from pricetrail.jobs.planning import plan, planned_slot
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slot_workers import POLLS_AT_ONCE, Outcomes, SlotWorkers
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.standby_watch import StandbyWatch
from pricetrail.jobs.stopping import MOMENT
from pricetrail.jobs.supervisor import Supervisor
from pricetrail.jobs.workers import Workers
from pricetrail.storage import schema
from pricetrail.storage.database import Database
from pricetrail.text.sums import counted

Job = Callable[[], None]

TICK = 1.0
# The looks that go to the database each time.
_ASK_THE_DATABASE = ("release", "deliver")


class Service:
    """Polls every source at its slots and delivers, on threads of its own.

    Args:
        sources_: what is in force, or the sources that hold for good.
        tick: seconds between looks at what is due.
        polls_at_once: how many polls may be under way at a time.
        supervisor: who is told when every look was taken once more, and of the end.
        more: further looks to be taken, by name.
    """

    def __init__(
        self,
        database: Database,
        sources_: Sources | InForce,
        poller: Poller,
        deliverer: Deliverer,
        *,
        tick: float = TICK,
        polls_at_once: int = POLLS_AT_ONCE,
        supervisor: Supervisor | None = None,
        more: Mapping[str, Job] | None = None,
    ) -> None:
        self.database = database
        self.in_force = sources_ if isinstance(sources_, InForce) else InForce(Configured(sources_))
        self.poller = poller
        self.deliverer = deliverer
        self.tick = tick
        self.supervisor = supervisor or Supervisor()
        # One stop for all: whatever waits obeys it.
        self.stopping = poller.stopping = deliverer.stopping
        outcomes = Outcomes(_log_poll, self._poll_failed, self._unclaimed)
        self.slots = SlotWorkers(Slots(poller, self.in_force), outcomes, at_once=polls_at_once)
        self.error_log = ErrorLog()
        self._ticks: dict[str, Job] = {
            "poll": self._poll_tick,
            "release": self._release_tick,
            "deliver": self._deliver_tick,
            "upkeep": Upkeep(database).look,
            "standby": StandbyWatch(database).look,
            **(more or {}),
        }
        self._looks = Workers(len(self._ticks), "tick")
        self._deliveries = Workers(MAX_AT_ONCE, "deliver")
        self._busy: dict[str, Future[None]] = {}
        # What the slots were planned for.
        self._planned: Configured | None = None
        # The looks that were not taken yet since all of them were.
        self._missing = set(self._ticks)
        self._lock = threading.Lock()
        # Why it stopped by itself, if it did.
        self.problem: PricetrailError | None = None

    def run(self) -> bool:
        """Run until `stop`; then finish what is in hand. False if that took too long."""
        clock = BackgroundScheduler(timezone="UTC")
        for name, job in self._ticks.items():
            clock.add_job(
                self._begin,
                "interval",
                seconds=self.tick,
                args=[self._looks, name, job],
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        clock.start()
        self.stopping.wait()
        self.supervisor.ending()
        # Else it may hand over a job while it is being shut down, and log a traceback.
        clock.remove_all_jobs()
        # It only ever hands jobs to our threads, so there is nothing of its own to wait for.
        clock.shutdown(wait=True)
        self._looks.submit(self.slots.let_go)
        finished = self.stopping.finished()
        with self._lock:
            running = [*self._busy.values(), *self.slots.running()]
        # What is not in hand may hang with the database, and is then left behind.
        wait(running, timeout=MOMENT)
        self.poller.pings.finish(self.stopping)
        return finished

    def stop(self) -> None:
        """Begin nothing new."""
        self.stopping.set()

    def _begin(self, workers: Workers, name: str, job: Job) -> None:
        """Have a job done unless one of that name waits or runs."""
        with self._lock:
            running = self._busy.get(name)
            if self.stopping.is_set() or (running is not None and not running.done()):
                return
            self._busy[name] = workers.submit(partial(self._guarded, name, job))

    def _guarded(self, name: str, job: Job) -> None:
        """A job that fails is told once and tried again: the database may be away for a while."""
        if self.stopping.is_set():
            return
        began = time.monotonic()
        try:
            job()
        except Exception as error:  # noqa: BLE001 - told by kind and place; the service goes on
            if not self._failed(name, error):
                return
            self._looked(name)
            self.stopping.wait(min(10 * self.tick, 10.0))
        else:
            if name in _ASK_THE_DATABASE:
                self.error_log.reached(began)
            self._looked(name)

    def _failed(self, where: str, error: Exception) -> bool:
        """Tell an error; False where the service gives up for it."""
        if problem := schema.changed(self.database, error):
            self._give_up(problem)
            return False
        self.error_log.report(where, error)
        return True

    def _give_up(self, problem: PricetrailError) -> None:
        """Stop: another program is to go on from here."""
        with self._lock:
            first, self.problem = self.problem is None, self.problem or problem
        if first:
            log_end(problem)
        self.stop()

    def _looked(self, name: str) -> None:
        """Once no look is missing, say so: a look that fails is one, a look that hangs is not.

        Polls and deliveries have deadlines of their own, and may take as long as those allow.
        """
        with self._lock:
            self._missing.discard(name)
            if self._missing:
                return
            self._missing = set(self._ticks)
        self.supervisor.went_round(f"polling {counted(len(self.in_force.now.sources), 'source')}")

    def _release_tick(self) -> None:
        self.deliverer.release()

    def _deliver_tick(self) -> None:
        for name in self.deliverer.with_due():
            self._begin(self._deliveries, f"webhook {name}", partial(self._drain, name))

    def _drain(self, name: str) -> None:
        tally = self.deliverer.drain(name)
        if tally == Tally():
            # Mail is there, but somebody else has it.
            return
        log_deliveries(name, tally)

    def _poll_tick(self) -> None:
        configured = self.in_force.now
        if configured is not self._planned:
            plan(self.database, configured.sources.values(), planned_slot, self._poll_failed)
            self._planned = configured
        self.slots.look()

    def _unclaimed(self, error: Exception) -> None:
        self._failed("poll", error)

    def _poll_failed(self, source: str, error: Exception) -> None:
        self._failed(f"source {source}", error)


def _log_poll(_slot: Claimed, polled: Polled) -> None:
    log_poll(polled)
