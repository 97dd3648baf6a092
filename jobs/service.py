"""The service: a clock that claims slots, polls and works off the outbox until it is stopped.

APScheduler is the clock alone. What is due, and whose turn it is, stands in the database, so that
any number of replicas can run side by side and a restart forgets nothing.
"""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.deliveries.delivering import MAX_AT_ONCE, Deliverer, Tally
from pricetrail.jobs.mishaps import Mishaps
from pricetrail.jobs.polls import cadence
from pricetrail.jobs.polls.polling import Polled, Poller, Slot
from pricetrail.jobs.schedule import Schedule, jitter
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import shown_url
from pricetrail.jobs.stopping import MOMENT
from pricetrail.jobs.workers import Workers
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.errors import DatabaseUnavailableError
from pricetrail.storage.polls import polls
from pricetrail.storage.sources import SourceState

Job = Callable[[], None]

log = logging.getLogger("pricetrail.service")

TICK = 1.0
GRACE = timedelta(seconds=30)
# However rare the slots: a poll that has not ended by then will not.
LONGEST_LEASE = timedelta(minutes=10)
MAX_POLLS_AT_ONCE = 8


class Service:
    """Polls every source at its slots and delivers, on threads of its own.

    Args:
        tick: seconds between looks at what is due.
    """

    def __init__(
        self,
        database: Database,
        sources_: Mapping[str, Source],
        poller: Poller,
        deliverer: Deliverer,
        *,
        tick: float = TICK,
    ) -> None:
        self.database = database
        self.sources = dict(sources_)
        self.poller = poller
        self.deliverer = deliverer
        self.tick = tick
        # One stop for all: whatever waits obeys it.
        self.stopping = poller.stopping = deliverer.stopping
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self.mishaps = Mishaps()
        self._ticks: dict[str, Job] = {
            "poll": self._poll_tick,
            "release": self._release_tick,
            "deliver": self._deliver_tick,
        }
        self._looks = Workers(len(self._ticks), "tick")
        self._polls = Workers(MAX_POLLS_AT_ONCE, "poll")
        self._deliveries = Workers(MAX_AT_ONCE, "deliver")
        self._busy: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

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
        # Else it may hand over a job while it is being shut down, and log a traceback.
        clock.remove_all_jobs()
        # It only ever hands jobs to our threads, so there is nothing of its own to wait for.
        clock.shutdown(wait=True)
        finished = self.stopping.finished()
        with self._lock:
            running = list(self._busy.values())
        # What is not in hand may hang with the database, and is then left behind.
        wait(running, timeout=MOMENT)
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
        try:
            job()
        except Exception as error:  # noqa: BLE001 - told by kind and place; the service goes on
            self.mishaps.tell(name, error)
            self.stopping.wait(min(10 * self.tick, 10.0))

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
        log.info(
            "webhook %s: %d delivered, %d to retry, %d dead",
            name,
            tally.delivered,
            tally.retrying,
            tally.dead,
        )

    def _poll_tick(self) -> None:
        with self.database.read() as connection:
            states = {name: sources.state(connection, name) for name in self.sources}
        # Read after the states: by a time from before them, a slot that another replica has
        # served since would seem to be the next one.
        now = self.database.now()
        for source in self.sources.values():
            try:
                self._look_at(source, states[source.name], now)
            except DatabaseUnavailableError:
                raise
            except Exception as error:  # noqa: BLE001 - told; the other sources are polled
                self.mishaps.tell(f"source {source.name}", error)

    def _look_at(self, source: Source, state: SourceState | None, now: datetime) -> None:
        slot = due_slot(source, self._planned(source, state, now), now)
        if slot is not None:
            serve = partial(self._serve, source, slot)
            self._begin(self._polls, f"source {source.name}", serve)

    def _planned(self, source: Source, state: SourceState | None, now: datetime) -> SourceState:
        wanted = planned_slot(source, state, now)
        if state is not None and state.next_slot_at is not None and wanted < state.next_slot_at:
            # Or others went on since `now` was read: only a clock that was set back moves it back.
            wanted = planned_slot(source, state, self.database.now())
        noted = cadence.noted(state.cadence if state is not None else None, source, now)
        if state is not None and wanted == state.next_slot_at and noted == state.cadence:
            return state
        with self.database.write() as connection:
            made = sources.open_source(connection, source.name, now, url=shown_url(source.url))
            # A schedule is in force from when the service knows it, whatever comes of its polls.
            sources.remember_cadence(connection, made.id, noted)
            known = state.next_slot_at if state is not None else None
            sources.schedule(connection, source.name, wanted, instead=known)
            state = sources.state(connection, source.name)
        if state is None:
            raise PricetrailError(f"the source {source.name} vanished from the database")
        return state

    def _serve(self, source: Source, slot_at: datetime) -> None:
        """Claim a slot, poll, and give it back; exactly one replica gets it."""
        schedule = Schedule.parse(source.schedule, source.timezone)
        now = self.database.now()
        until = min(max(schedule.next_after(now), now + GRACE), now + LONGEST_LEASE)
        slot = Slot(slot_at, uuid.uuid4().hex, until)
        with ExitStack() as hand:
            with self.database.write() as connection:
                if self.stopping.is_set():
                    return
                # In hand from here on; before, there was at most a wait for the database.
                hand.enter_context(self.stopping.in_hand(f"source {source.name}"))
                taken = sources.claim(
                    connection,
                    source.name,
                    slot.at,
                    owner=self.owner,
                    token=slot.token,
                    now=now,
                    until=until + GRACE,
                )
                # Recorded, but its holder was gone before it could give the slot back.
                served = taken and polls.recorded(connection, source.name, slot.at, now)
            if not taken:
                return
            if not served:
                told(self.poller.poll(source, slot=slot))
            with self.database.write() as connection:
                # The next slot after the poll began: one that came meanwhile is not left out.
                following = schedule.next_after(max(now, slot.at))
                sources.finish_slot(connection, source.name, slot.token, following)


def planned_slot(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """The slot that a source's row should show: its own, unless that cannot be right.

    A source that is new is due at once. A slot further away than the schedule's next one comes
    from another schedule, or from a clock that was ahead.
    """
    if state is None or state.next_slot_at is None:
        return now
    following = Schedule.parse(source.schedule, source.timezone).next_after(now)
    return min(state.next_slot_at, following)


def due_slot(source: Source, state: SourceState, now: datetime) -> datetime | None:
    """The slot to serve now; None while it is not due, held by another, or paused."""
    slot = state.next_slot_at
    if slot is None or state.paused:
        return None
    if state.lease_until is not None and now < state.lease_until < now + sources.FARTHEST_LEASE:
        return None
    schedule = Schedule.parse(source.schedule, source.timezone)
    spread = jitter(source.name, schedule.period(now)) if state.polls else timedelta(0)
    return slot if now >= slot + spread else None


def told(result: Polled) -> None:
    """Say in the log how a poll went."""
    counts = ", ".join(f"{number} {name}" for name, number in result.counts.items() if number)
    log.info(
        "source %s: %s, version %d%s%s",
        result.source,
        result.outcome,
        result.version,
        f", {counts}" if counts else "",
        f": {result.error}" if result.error else "",
    )
