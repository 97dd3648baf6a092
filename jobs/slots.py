"""Whose turn it is: slots of schedules, planned in the database, claimed by one replica, served."""

import logging
import os
import socket
import uuid
from contextlib import ExitStack
from datetime import datetime, timedelta

from pricetrail.catalog.errors import PricetrailError
from pricetrail.jobs.polls import missed_slots
from pricetrail.jobs.polls.overdue import overdue_at
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.timing import Slot
from pricetrail.jobs.schedule import Schedule, jitter
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import safe_url
from pricetrail.storage import sources
from pricetrail.storage.database import Database
from pricetrail.storage.polls import polls
from pricetrail.storage.sources import SourceState
from pricetrail.text.sums import listed

log = logging.getLogger("pricetrail.service")

GRACE = timedelta(seconds=30)
# However rare the slots: a poll that has not ended by then will not.
LONGEST_LEASE = timedelta(minutes=10)


class Slots:
    """The slots that one process serves, beside any number of others."""

    def __init__(self, database: Database, poller: Poller) -> None:
        self.database = database
        self.poller = poller
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"

    def plan(self, source: Source, state: SourceState | None, now: datetime) -> SourceState:
        """Write the slot and the schedule that a source's row should show; its state then."""
        wanted = planned_slot(source, state, now)
        if state is not None and state.next_slot_at is not None and wanted < state.next_slot_at:
            # Or others went on since `now` was read: only a clock that was set back moves it back.
            wanted = planned_slot(source, state, self.database.now())
        noted = missed_slots.schedules_in_force(
            state.cadence if state is not None else None, source, now
        )
        if state is not None and wanted == state.next_slot_at and noted == state.cadence:
            return state
        with self.database.write() as connection:
            made = sources.open_source(connection, source.name, now, url=safe_url(source.url))
            # A schedule is in force from when the service knows it, whatever comes of its polls.
            sources.remember_cadence(connection, made.id, noted)
            if noted != made.cadence:
                sources.expect(connection, made.id, overdue_at(source, now))
            known = state.next_slot_at if state is not None else None
            sources.schedule(connection, source.name, wanted, instead=known)
            state = sources.state(connection, source.name)
        if state is None:
            raise PricetrailError(f"the source {source.name} vanished from the database")
        return state

    def serve(self, source: Source, slot_at: datetime) -> None:
        """Claim a slot, poll, and give it back; exactly one replica gets it."""
        schedule = Schedule.parse(source.schedule, source.timezone)
        now = self.database.now()
        until = min(max(schedule.next_after(now), now + GRACE), now + LONGEST_LEASE)
        slot = Slot(slot_at, uuid.uuid4().hex, until)
        with ExitStack() as hand:
            taken = self._claim(source, slot, now, hand)
            if taken is None:
                return
            if taken:
                log_result(self.poller.poll(source, slot=slot))
            with self.database.write() as connection:
                # The next slot after the poll began: one that came meanwhile is not left out.
                following = schedule.next_after(max(now, slot.at))
                sources.finish_slot(connection, source.name, slot.token, following)

    def _claim(self, source: Source, slot: Slot, now: datetime, hand: ExitStack) -> bool | None:
        """Take a slot in hand: whether it is to be polled still; None where it is not ours."""
        stopping = self.poller.stopping
        with self.database.write() as connection:
            if stopping.is_set():
                return None
            # In hand from here on; before, there was at most a wait for the database.
            hand.enter_context(stopping.in_hand(f"source {source.name}"))
            taken = sources.claim(
                connection,
                source.name,
                slot.at,
                owner=self.owner,
                token=slot.token,
                now=now,
                until=slot.until + GRACE,
            )
            if not taken:
                return None
            polls.free_early_slot(connection, source.name, slot.at, now)
            # Recorded, where its holder was gone before it could give the slot back.
            return not polls.is_recorded(connection, source.name, slot.at)


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


def log_result(result: Polled) -> None:
    """Log how a poll went."""
    counts = listed(result.counts, zeros=False)
    log.info(
        "source %s: %s, version %d%s%s",
        result.source,
        result.outcome,
        result.version,
        f", {counts}" if counts else "",
        f": {result.error}" if result.error else "",
    )
