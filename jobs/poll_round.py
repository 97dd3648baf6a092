"""A round of polls for who calls from cron: of all that are asked for, or of those that are due.

Those that are due run several at once, as the service's do; what keeps one source from being
polled keeps no other.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import wait
from dataclasses import dataclass
from functools import partial

from pricetrail.jobs.error_log import ErrorLog
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slots import MAX_POLLS_AT_ONCE, Slots, due_slots
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.workers import Workers

Report = Callable[[Polled], None]


@dataclass(frozen=True, slots=True)
class _Turn:
    """One source's turn; None as its result: somebody else has it."""

    index: int
    source: str
    poll: Callable[[], Polled | None]


@dataclass(frozen=True, slots=True)
class Polls:
    """What became of a round, in the order asked for.

    `left`: sources that a stop came before; `problem`: what kept the first one from being polled
    that could not be.
    """

    polled: Sequence[Polled]
    left: Sequence[str]
    problem: Exception | None


def poll_each(poller: Poller, sources: Iterable[Source], report: Report) -> Polls:
    """Poll each source, one after the other, whatever its schedule says.

    Args:
        report: called with each result as it comes.
    """
    turns = [
        _Turn(index, source.name, partial(poller.poll, source))
        for index, source in enumerate(sources)
    ]
    return _Round(turns, len(turns), poller.stopping, report).polls(at_once=1)


def poll_due(slots: Slots, sources: Sequence[Source], limit: int | None, report: Report) -> Polls:
    """Poll the sources whose slot has come, the most overdue first, each claimed before.

    Args:
        limit: so many polls at most; those that another worker claims are not among them.
        report: called with each result as it comes.
    """
    turns = [
        _Turn(index, source.name, partial(slots.serve, source, slot))
        for index, (source, slot) in enumerate(due_slots(slots, sources))
    ]
    most = len(turns) if limit is None else limit
    return _Round(turns, most, slots.poller.stopping, report).polls(at_once=MAX_POLLS_AT_ONCE)


class _Round:
    """Turns worked off by several threads."""

    def __init__(self, turns: Sequence[_Turn], most: int, stopping: Stop, report: Report) -> None:
        self.turns = deque(turns)
        self.most = most
        self.stopping = stopping
        self.report = report
        self.error_log = ErrorLog()
        self._lock = threading.Lock()
        self._polled: dict[int, Polled] = {}
        self._problem: Exception | None = None

    def polls(self, *, at_once: int) -> Polls:
        """Work all of it off."""
        threads = min(at_once, len(self.turns), self.most)
        if threads <= 1:
            self._work()
        else:
            workers = Workers(threads, "poll")
            wait([workers.submit(self._work) for _ in range(threads)])
        left = [turn.source for turn in self.turns][: self.most] if self.stopping.is_set() else []
        polled = [self._polled[index] for index in sorted(self._polled)]
        return Polls(polled, left, self._problem)

    def _work(self) -> None:
        while (turn := self._take()) is not None:
            try:
                polled = turn.poll()
            except Exception as error:  # noqa: BLE001 - raised, or told, once the others are polled
                self._failed(turn, error)
                continue
            if polled is None:
                self._give_back(turn)
                continue
            self._polled[turn.index] = polled
            self.report(polled)

    def _take(self) -> _Turn | None:
        with self._lock:
            if self.stopping.is_set() or self.most == 0 or not self.turns:
                return None
            self.most -= 1
            return self.turns.popleft()

    def _give_back(self, turn: _Turn) -> None:
        """Another worker has it: one more of the others may be polled."""
        with self._lock:
            self.most += 1
            if self.stopping.is_set():
                self.turns.append(turn)

    def _failed(self, turn: _Turn, error: Exception) -> None:
        with self._lock:
            if self._problem is None:
                self._problem = error
                return
        self.error_log.report(f"source {turn.source}", error)
