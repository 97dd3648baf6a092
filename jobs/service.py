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
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import partial

from apscheduler.schedulers.background import BackgroundScheduler

from catalog.errors import PricetrailError
from jobs import cadence
from jobs.delivering import Deliverer, Tally
from jobs.polling import Polled, Poller, Slot
from jobs.schedule import Schedule, jitter
from jobs.source import Source
from jobs.source_secrets import shown_url
from storage import polls, sources
from storage.database import Database
from storage.sources import SourceState

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
        self.stopping = deliverer.stopping
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
        self._busy: dict[str, Future[None]] = {}
        self._lock = threading.Lock()

    def run(self) -> bool:
        """Run until `stop`; then finish what is in hand. False if that took over 30 s."""
        clock = BackgroundScheduler(timezone="UTC")
        for name, job in (("poll", self._poll_tick), ("deliver", self._deliver_tick)):
            clock.add_job(
                self._guarded,
                "interval",
                seconds=self.tick,
                args=[name, job],
                coalesce=True,
                max_instances=1,
                misfire_grace_time=None,
            )
        with ThreadPoolExecutor(MAX_POLLS_AT_ONCE + len(self.deliverer.hooks)) as pool:
            self._pool = pool
            clock.start()
            self.stopping.wait()
            clock.shutdown(wait=True)
            return self._finish()

    def stop(self) -> None:
        """Begin nothing new."""
        self.stopping.set()

    def _finish(self) -> bool:
        with self._lock:
            in_hand = list(self._busy.values())
        deadline = threading.Event()
        timer = threading.Timer(GRACE.total_seconds(), deadline.set)
        timer.daemon = True
        timer.start()
        while any(not future.done() for future in in_hand) and not deadline.wait(0.05):
            pass
        timer.cancel()
        return all(future.done() for future in in_hand)

    def _guarded(self, name: str, job: Job) -> None:
        """A tick that fails is told once and tried again: the database may be away for a while."""
        try:
            job()
        except PricetrailError as error:
            log.error("%s: %s", name, error)  # noqa: TRY400 - its text says it all
            self.stopping.wait(min(10 * self.tick, 10.0))

    def _begin(self, key: str, job: Job) -> None:
        """Run a job on a thread unless one of that name still runs."""
        with self._lock:
            running = self._busy.get(key)
            if self.stopping.is_set() or (running is not None and not running.done()):
                return
            self._busy[key] = self._pool.submit(self._guarded, key, job)

    def _deliver_tick(self) -> None:
        self.deliverer.release()
        for name in self.deliverer.with_mail():
            self._begin(f"webhook {name}", partial(self._drain, name))

    def _drain(self, name: str) -> None:
        tally = self.deliverer.drain(name)
        if tally == Tally():
            # Mail is there, but none that may go before the one that waits for its retry.
            return
        log.info(
            "webhook %s: %d delivered, %d to retry, %d dead",
            name,
            tally.delivered,
            tally.retrying,
            tally.dead,
        )

    def _poll_tick(self) -> None:
        now = self.database.now()
        for source in self.sources.values():
            state = self._state(source, now)
            slot = due_slot(source, state, now)
            if slot is not None:
                self._begin(f"source {source.name}", partial(self._serve, source, slot))

    def _state(self, source: Source, now: datetime) -> SourceState:
        with self.database.read() as connection:
            state = sources.state(connection, source.name)
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
        with self.database.write() as connection:
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
            # The next slot after the poll began: one that came while it lasted is not left out.
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
