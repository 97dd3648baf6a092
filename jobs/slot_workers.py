"""Threads that serve slots, one right after the other for as long as any are due.

No host is asked by more than some of them at once: what was claimed beyond is held aside, and
further claims leave its sources out.
"""

import threading
import time
from collections.abc import Callable, Sequence
from concurrent import futures
from concurrent.futures import Future
from dataclasses import dataclass

from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slot_queue import SlotQueue
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.workers import Workers

# Fetches wait for the network most of the time.
POLLS_AT_ONCE = 64
# Seconds between looks for a stop, and at what waits for too long.
_LOOK_EVERY = 0.2


@dataclass(frozen=True, slots=True)
class Outcomes:
    """Who is told what becomes of slots: of polls, and of what kept a source from being polled.

    Slots are claimed on the same threads: `unclaimed` is told what kept them from that.
    """

    polled: Callable[[Claimed, Polled], None]
    failed: Callable[[str, Exception], None]
    unclaimed: Callable[[Exception], None]


class SlotWorkers:
    """Claims slots for threads of its own, no more than they can soon begin.

    Args:
        most: so many polls in all; None for as many as are due.
    """

    def __init__(
        self, slots: Slots, outcomes: Outcomes, *, at_once: int, most: int | None = None
    ) -> None:
        self.slots = slots
        self.outcomes = outcomes
        self.at_once = at_once
        self.stopping = slots.poller.stopping
        self._left = most
        self._workers = Workers(at_once, "poll")
        # One claims at a time, for all.
        self._claiming = threading.Lock()
        self._lock = threading.Lock()
        self._queue = SlotQueue()
        self._running: list[Future[None]] = []
        self._busy = 0
        # Whether there may be more than the last claim brought.
        self._more = False
        # The hosts whose sources may be due and were not claimed.
        self._left_out: frozenset[str] = frozenset()

    def look(self) -> None:
        """Claim what is due for the threads that have nothing to do, and have it polled."""
        with self._claiming:
            self._give_back_late()
            if (room := self._room()) > 0:
                self._claim(room)
            # What is held aside takes no room: others may have it.
            while self._more and (room := self._room()) > 0:
                self._claim(room)

    def wait(self) -> None:
        """Wait until nothing is due any more and all is polled, or the stop came.

        Raises what ended a thread: no exception of a poll does.
        """
        pending = set(self.running())
        while pending:
            done, pending = futures.wait(pending, timeout=_LOOK_EVERY)
            for one in done:
                one.result()
            if self.stopping.is_set():
                self.let_go()
            self._give_back_late()
            pending.update(self.running())

    def running(self) -> list[Future[None]]:
        """The threads that are at work."""
        with self._lock:
            return [one for one in self._running if not one.done()]

    def let_go(self) -> None:
        """Give back what was not begun: fetches may take a while to end."""
        with self._lock:
            unbegun = self._queue.clear()
        self._give_back(unbegun)

    def _room(self) -> int:
        with self._lock:
            return self.at_once - self._busy - self._queue.ready

    def _claim(self, room: int) -> None:
        """Claim so many at most, with threads for them; the caller has the turn to."""
        with self._lock:
            room = room if self._left is None else min(room, self._left)
            if room <= 0 or self.stopping.is_set():
                self._more = False
                return
            full = self._queue.full()
        claimed = self._claimed(room, full)
        at = time.monotonic()
        with self._lock:
            beyond = [one for one in claimed if not self._queue.add(one, at)]
            self._left_out = full
            # A host may have room again since.
            self._more = len(claimed) == room or not full <= self._queue.full()
            if self._left is not None:
                self._left -= len(claimed) - len(beyond)
            self._running = [one for one in self._running if not one.done()]
            new = min(self._queue.ready, self.at_once - self._busy)
            self._busy += new
            self._running += [self._workers.submit(self._work) for _ in range(new)]
        self._guarded(self.slots.put_off, beyond)
        if self.stopping.is_set():
            self.let_go()

    def _claimed(self, room: int, full: frozenset[str]) -> list[Claimed]:
        try:
            return self.slots.claim(room, full)
        except BaseException:  # for whoever waits for it: a look that fails finds nothing
            with self._lock:
                self._more = False
            raise

    def _work(self) -> None:
        try:
            while (claimed := self._next()) is not None:
                try:
                    self._serve(claimed)
                finally:
                    self._ended(claimed)
        except BaseException:  # for whoever waits: a thread less is at work
            with self._lock:
                self._busy -= 1
            raise

    def _serve(self, claimed: Claimed) -> None:
        try:
            polled = self.slots.serve(claimed)
        except Exception as error:  # noqa: BLE001 - told by kind and place; the others are polled
            self.outcomes.failed(claimed.source.name, error)
            return
        if polled is not None:
            self.outcomes.polled(claimed, polled)
        elif self._left is not None:
            # Nothing was polled: one more of the others may be.
            with self._lock:
                self._left += 1
                self._more = True

    def _ended(self, claimed: Claimed) -> None:
        with self._lock:
            self._queue.ended(claimed)
            if self._left_out - self._queue.full():
                # Those of a host that were left out may be claimed.
                self._more = True

    def _next(self) -> Claimed | None:
        """What the thread serves next; None where it is to end, which is counted then."""
        while True:
            with self._lock:
                stopped = self.stopping.is_set()
                if not stopped and (claimed := self._queue.begin()) is not None:
                    return claimed
                if stopped or not self._more:
                    self._busy -= 1
                    break
            self._claim_more()
        if stopped:
            self.let_go()
        return None

    def _claim_more(self) -> None:
        with self._claiming:
            with self._lock:
                # Another thread may have, while this one waited for its turn.
                if self._queue.ready or not self._more:
                    return
            try:
                self._claim(self.at_once)
            except Exception as error:  # noqa: BLE001 - told; the next look claims again
                self.outcomes.unclaimed(error)

    def _give_back_late(self) -> None:
        """Let others have what waits for its host for so long that its lease may run out."""
        with self._lock:
            late = self._queue.late(time.monotonic())
            self._left_out |= {one.source.host for one in late}
            if self._left is not None:
                self._left += len(late)
        self._give_back(late)

    def _give_back(self, claimed: Sequence[Claimed]) -> None:
        self._guarded(self.slots.give_back, claimed)

    def _guarded(
        self, let_go: Callable[[Sequence[Claimed]], None], some: Sequence[Claimed]
    ) -> None:
        if not some:
            return
        try:
            let_go(some)
        except Exception as error:  # noqa: BLE001 - told; their leases run out by themselves
            self.outcomes.unclaimed(error)
