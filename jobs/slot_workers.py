"""Threads that serve slots, one right after the other for as long as any are due."""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass

from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.workers import Workers

# Fetches wait for the network most of the time.
POLLS_AT_ONCE = 8


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
        self._waiting: deque[Claimed] = deque()
        self._running: list[Future[None]] = []
        self._busy = 0
        # Whether the last look found as many as it asked for.
        self._more = False

    def look(self) -> None:
        """Claim what is due for the threads that have nothing to do, and have it polled."""
        with self._claiming:
            with self._lock:
                room = self.at_once - self._busy - len(self._waiting)
            self._claim(room)

    def wait(self) -> None:
        """Wait until nothing is due any more and all is polled, or the stop came.

        Raises what ended a thread: no exception of a poll does.
        """
        while running := self.running():
            for one in running:
                one.result()

    def running(self) -> list[Future[None]]:
        """The threads that are at work."""
        with self._lock:
            return [one for one in self._running if not one.done()]

    def _claim(self, room: int) -> None:
        """Claim so many at most, with threads for them; the caller has the turn to."""
        with self._lock:
            room = room if self._left is None else min(room, self._left)
            # Until it is known: a look that fails finds nothing.
            self._more = False
            if room <= 0 or self.stopping.is_set():
                return
        claimed = self.slots.claim(room)
        with self._lock:
            self._waiting.extend(claimed)
            self._more = len(claimed) == room
            if self._left is not None:
                self._left -= len(claimed)
            self._running = [one for one in self._running if not one.done()]
            new = min(len(self._waiting), self.at_once - self._busy)
            self._busy += new
            self._running += [self._workers.submit(self._work) for _ in range(new)]

    def _work(self) -> None:
        try:
            while (claimed := self._next()) is not None:
                self._serve(claimed)
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

    def _next(self) -> Claimed | None:
        """What the thread serves next; None where it is to end, which is counted then."""
        while True:
            with self._lock:
                if self._waiting and not self.stopping.is_set():
                    return self._waiting.popleft()
                if not self._more or self.stopping.is_set():
                    self._busy -= 1
                    unbegun = list(self._waiting)
                    self._waiting.clear()
                    break
            self._claim_more()
        if unbegun:
            self._give_back(unbegun)
        return None

    def _claim_more(self) -> None:
        with self._claiming:
            with self._lock:
                # Another thread may have, while this one waited for its turn.
                if self._waiting or not self._more:
                    return
            try:
                self._claim(self.at_once)
            except Exception as error:  # noqa: BLE001 - told; the next look claims again
                self.outcomes.unclaimed(error)

    def _give_back(self, claimed: list[Claimed]) -> None:
        try:
            self.slots.give_back(claimed)
        except Exception as error:  # noqa: BLE001 - told; their leases run out by themselves
            self.outcomes.unclaimed(error)
