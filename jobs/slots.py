"""Whose turn it is: slots of schedules, planned in the database, claimed by one replica, served."""

import os
import socket
import uuid
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from dataclasses import replace
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

GRACE = timedelta(seconds=30)
# However rare the slots: a poll that has not ended by then will not.
LONGEST_LEASE = timedelta(minutes=10)
MAX_POLLS_AT_ONCE = 8

Planned = Callable[[Source, SourceState | None, datetime], datetime]


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

    def serve(self, source: Source, slot_at: datetime) -> Polled | None:
        """Claim a slot, poll, and give it back; exactly one replica gets it.

        None: another one has it, or it was polled before its holder went.
        """
        schedule = Schedule.parse(source.schedule, source.timezone)
        now = self.database.now()
        until = min(max(schedule.next_after(now), now + GRACE), now + LONGEST_LEASE)
        slot = Slot(slot_at, uuid.uuid4().hex, until)
        with ExitStack() as hand:
            taken = self._claim(source, slot, now, hand)
            if taken is None:
                return None
            polled = self.poller.poll(source, slot=slot) if taken else None
            with self.database.write() as connection:
                # The next slot after the poll began: one that came meanwhile is not left out.
                following = schedule.next_after(max(now, slot.at))
                sources.finish_slot(connection, source.name, slot.token, following)
        return None if polled is None else replace(polled, next_at=following)

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


def due_slots(slots: Slots, sources_: Iterable[Source]) -> list[tuple[Source, datetime]]:
    """The sources whose slot has come, and which: the most overdue first."""
    database = slots.database
    with database.read() as connection:
        states = [(source, sources.state(connection, source.name)) for source in sources_]
    # Read after the states, as the service does.
    now, due = database.now(), []
    for source, state in states:
        since = due_from(source, state, now)
        if since > now:
            continue
        slot = due_slot(source, slots.plan(source, state, now), now, spread=False)
        if slot is not None:
            due.append((since, source, slot))
    due.sort(key=lambda found: found[0])
    return [(source, slot) for _, source, slot in due]


def next_slots(
    database: Database, sources_: Iterable[Source], planned: Planned
) -> dict[str, datetime | None]:
    """When each source is due next, by its name; None where it is paused.

    Args:
        planned: `planned_slot`, as the service goes by it, or `due_from`.
    """
    with database.read() as connection:
        states = [(source, sources.state(connection, source.name)) for source in sources_]
    now = database.now()
    return {
        source.name: None if state and state.paused else planned(source, state, now)
        for source, state in states
    }


def planned_slot(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """The slot that a source's row should show: its own, unless that cannot be right.

    A source that is new is due at once. A slot further away than the schedule's next one comes
    from another schedule, or from a clock that was ahead.
    """
    if state is None or state.next_slot_at is None:
        return now
    following = Schedule.parse(source.schedule, source.timezone).next_after(now)
    return min(state.next_slot_at, following)


def due_from(source: Source, state: SourceState | None, now: datetime) -> datetime:
    """From when on a source is due to who comes from cron: as planned, or after the last request.

    One that was only ever polled by request is not polled again before its schedule says so.
    """
    planned = planned_slot(source, state, now)
    if state is None or state.next_slot_at is not None or state.last_poll_at is None:
        return planned
    schedule = Schedule.parse(source.schedule, source.timezone)
    return min(schedule.next_after(state.last_poll_at), schedule.next_after(now))


def due_slot(
    source: Source, state: SourceState, now: datetime, *, spread: bool = True
) -> datetime | None:
    """The slot to serve now; None while it is not due, held by another, or paused.

    Args:
        spread: wait for the source's share of the period, so that not all are polled at once.
            Not for who looks at the minutes of the slots themselves, and would come too early.
    """
    slot = state.next_slot_at
    if slot is None or state.paused:
        return None
    if state.lease_until is not None and now < state.lease_until < now + sources.FARTHEST_LEASE:
        return None
    schedule = Schedule.parse(source.schedule, source.timezone)
    later = jitter(source.name, schedule.period(now)) if spread and state.polls else timedelta(0)
    return slot if now >= slot + later else None
