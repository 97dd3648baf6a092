"""Whose turn it is: slots that are due, claimed in sets, polled, and given back.

Any number of processes share what is due, and none knows of the others.
"""

import os
import secrets
import socket
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from pricetrail.jobs.in_force import Configured, InForce
from pricetrail.jobs.planning import following
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.polls.timing import Slot
from pricetrail.jobs.schedule import MAX_JITTER
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Hand
from pricetrail.storage import slot_upkeep, slots, sources
from pricetrail.storage.database import Transaction
from pricetrail.storage.polls import poll_rows
from pricetrail.storage.polls.poll_state import PollState
from pricetrail.storage.slots import Due
from pricetrail.storage.sources import FARTHEST_LEASE

GRACE = timedelta(seconds=30)
# However rare the slots: a poll that has not ended by then will not.
LONGEST_LEASE = timedelta(minutes=10)
# What a clock is set back by without having been wrong.
_CORRECTION = timedelta(seconds=2)
_REVIEWED_EVERY = timedelta(minutes=1)
# Whoever can poll a source has claimed it by then; who cannot puts it off for so long.
_OTHERS_FIRST, _PUT_OFF = timedelta(minutes=1), timedelta(minutes=10)
_IN_SOME_SECONDS = timedelta(seconds=15)
# So many at once: a look at what is due goes through them.
_MOST_PUT_OFF = 10_000


@dataclass(frozen=True, slots=True)
class Claimed:
    """A slot that this process holds, and what the poll of it begins from.

    `polled`: it was polled before its last holder went, and is only to be given back. It is in
    hand until `hand` is left. `configured` is the state in force that `source` is of.
    """

    source: Source
    settings: str | None
    configured: Configured
    slot: Slot
    begun: PollState
    polled: bool
    hand: Hand = field(compare=False)


class Slots:
    """The slots that one process serves, beside any number of others.

    Args:
        in_force: which sources can be polled.
        only: the names of those that are to be; None for all.
        spread: wait for each source's share of the period, so that not all are polled at once.
            Not for who looks at the minutes of the slots themselves, and would come too early.
    """

    def __init__(
        self,
        poller: Poller,
        in_force: InForce,
        *,
        only: Iterable[str] | None = None,
        spread: bool = True,
    ) -> None:
        self.poller = poller
        self.database = poller.database
        self.in_force = in_force
        self.owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._only = None if only is None else frozenset(only)
        self._early = timedelta(0) if spread else MAX_JITTER
        self._reviewed: datetime | None = None
        self._latest: datetime | None = None
        # Due, and not for us to poll, as far as was seen since the last review: by id.
        self._passed_over: set[int] = set()

    def claim(self, most: int, full: frozenset[str] = frozenset()) -> list[Claimed]:
        """Hold so many of the slots that are due, the most overdue first; fewer where none are.

        No other process gets them until they are given back, or their leases run out.

        Args:
            full: hosts, as `Source.host` has them, whose sources are left out, as far as the
                addresses tell that the database has of them.
        """
        with ExitStack() as undone:
            with self.database.write(often=True) as connection:
                # Only now: it may have waited for the database.
                if self.poller.stopping.is_set():
                    return []
                now = self.database.now_within(connection)
                self._review(connection, now)
                claimed = self._claim(connection, now, most, full)
                for one in claimed:
                    undone.enter_context(one.hand)
            undone.pop_all()
        return claimed

    def serve(self, claimed: Claimed) -> Polled | None:
        """Poll a slot that is held, and give it back.

        None: it was polled before, or its source is none of ours any more.
        """
        with claimed.hand:
            source = self._as_in_force(claimed)
            if source is None:
                self._give_back([claimed])
                return None
            slot, polled = claimed.slot, None
            if not claimed.polled:
                polled = self.poller.poll(source, slot=slot, begun=claimed.begun)
            if polled is None or polled.next_at is None:
                # It was not given back with the poll, which was another's.
                with self.database.write() as connection:
                    slots.finish(connection, claimed.begun.source.id, slot.token, slot.following)
        return None if polled is None else replace(polled, next_at=slot.following.slot_at)

    def give_back(self, claimed: Sequence[Claimed]) -> None:
        """Let others have slots that were not begun, at once."""
        with ExitStack() as hands:
            for one in claimed:
                hands.enter_context(one.hand)
            self._give_back(claimed)

    def put_off(self, claimed: Sequence[Claimed]) -> None:
        """Give back slots that were not begun, to be due again in some seconds."""
        with ExitStack() as hands:
            for one in claimed:
                hands.enter_context(one.hand)
            with self.database.write() as connection:
                until = self.database.now_within(connection) + _IN_SOME_SECONDS
                for one in claimed:
                    slots.give_back(connection, one.begun.source.id, one.slot.token, until)

    def names_due(self, most: int) -> list[str]:
        """The sources whose slots have come, that nobody holds and we could poll."""
        with self.database.read() as connection:
            now = self.database.now_within(connection)
            found = slot_upkeep.due(connection, now, _MOST_PUT_OFF, early=self._early)
        return [one.name for one in found if self._find(one.name, one.settings)][:most]

    def _give_back(self, claimed: Sequence[Claimed]) -> None:
        with self.database.write() as connection:
            for one in claimed:
                slots.give_back(connection, one.begun.source.id, one.slot.token)

    def _as_in_force(self, claimed: Claimed) -> Source | None:
        """The source as it is by now: it may have waited while the configuration was reloaded."""
        if self.in_force.now is claimed.configured:
            return claimed.source
        return self._find(claimed.source.name, claimed.settings)

    def _find(self, name: str, settings: str | None) -> Source | None:
        if self._only is not None and name not in self._only:
            return None
        return self.in_force.now.find_source(name, settings)

    def _claim(
        self, connection: Transaction, now: datetime, most: int, full: frozenset[str]
    ) -> list[Claimed]:
        claimed: list[Claimed] = []
        only: list[int] | None = None
        if self._only is not None:
            only = [one.id for one in sources.states_of(connection, self._only).values()]
        while len(claimed) < most:
            wanted = most - len(claimed)
            found = slots.claim(
                connection,
                now,
                wanted,
                early=self._early,
                but=self._passed_over,
                only=only,
                hosts=full,
            )
            ours = [one for due in found if (one := self._ours(connection, due, now)) is not None]
            leases = [
                slots.Lease(one.begun.source.id, one.slot.token, one.slot.until + GRACE)
                for one in ours
            ]
            slots.hold(connection, leases, self.owner, now)
            claimed += ours
            if len(found) < wanted or len(ours) == wanted:
                break
            self._pass_over(connection, now)
        return claimed

    def _ours(self, connection: Transaction, due: Due, now: datetime) -> Claimed | None:
        """What is to be polled for a slot; None where nobody here can."""
        configured, state = self.in_force.now, due.begun.source
        source = self._find(state.name, due.settings)
        if source is None or state.paused:
            self._passed_over.add(state.id)
            return None
        polled = due.polled_at is not None
        if due.polled_at is not None and due.polled_at > now + FARTHEST_LEASE:
            # By a clock that ran ahead, before its time.
            poll_rows.free_early_slot(connection, state.name, due.slot_at, now)
            polled = False
        # The next slot after the poll begins: one that came meanwhile is not left out.
        next_one = following(source, max(now, due.slot_at), now)
        end = next_one if due.slot_at <= now else following(source, now, now)
        until = min(max(end.slot_at, now + GRACE), now + LONGEST_LEASE)
        slot = Slot(due.slot_at, until, secrets.token_hex(16), next_one)
        hand = self.poller.stopping.in_hand(f"source {source.name}")
        return Claimed(source, due.settings, configured, slot, due.begun, polled, hand)

    def _pass_over(self, connection: Transaction, now: datetime) -> None:
        """Let what nobody here can poll stand in the way of nothing.

        It is put off once others have had their chance: sources that left the configuration long
        ago would be gone through again and again, by everybody.
        """
        others = [
            one
            for one in slot_upkeep.lock_due(connection, now - _OTHERS_FIRST, _MOST_PUT_OFF)
            if self._find(one.name, one.settings) is None
        ]
        if self._only is None:
            slot_upkeep.put_off(connection, [one.source_id for one in others], now + _PUT_OFF)

    def _review(self, connection: Transaction, now: datetime) -> None:
        """Now and then, and once the clock goes back: undo what a clock did that was ahead."""
        went_back = self._latest is not None and now < self._latest - _CORRECTION
        self._latest = now
        if not went_back and self._reviewed is not None and now < self._reviewed + _REVIEWED_EVERY:
            return
        self._reviewed = now
        self._passed_over.clear()
        slot_upkeep.free_ahead(connection, now)
        ahead = {
            one.source_id: source
            for one in slot_upkeep.set_ahead(connection, now)
            if (source := self._find(one.name, one.settings)) is not None
        }
        planned = {number: following(source, now, now) for number, source in ahead.items()}
        slots.no_later(connection, planned)
