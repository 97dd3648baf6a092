"""A round of polls for who calls from cron: of all that are asked for, or of those that are due.

Those that are due run several at once, as the service's do; what keeps one source from being
polled keeps no other.
"""

import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

from pricetrail.jobs.error_log import ErrorLog
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.slot_workers import POLLS_AT_ONCE, Outcomes, SlotWorkers
from pricetrail.jobs.slots import Claimed, Slots
from pricetrail.jobs.source import Source

Report = Callable[[Polled], None]
# Of the sources that a stop came before.
_MOST_NAMED = 100


@dataclass(frozen=True, slots=True)
class Polls:
    """What became of a round, in the order of its polls.

    `left`: sources that a stop came before, a hundred of them at most where all that are due were
    to be polled; `problem`: what kept the first one from being polled that could not be.
    """

    polled: Sequence[Polled]
    left: Sequence[str]
    problem: Exception | None


def poll_each(poller: Poller, sources: Iterable[Source], report: Report) -> Polls:
    """Poll each source, one after the other, whatever its schedule says.

    Args:
        report: called with each result as it comes.
    """
    rest, problems = deque(sources), _Problems()
    polled: list[Polled] = []
    while rest and not poller.stopping.is_set():
        source = rest.popleft()
        try:
            one = poller.poll(source)
        except Exception as error:  # noqa: BLE001 - raised, or told, once the others are polled
            problems.of_source(source.name, error)
            continue
        polled.append(one)
        report(one)
    return Polls(polled, [source.name for source in rest], problems.first)


def poll_due(slots: Slots, limit: int | None, report: Report) -> Polls:
    """Poll the sources whose slot has come, the most overdue first, each claimed before.

    Args:
        limit: so many polls at most; those that another worker claims are not among them.
        report: called with each result as it comes.
    """
    problems = _Problems()
    found: list[tuple[datetime, str, Polled]] = []

    def done(claimed: Claimed, polled: Polled) -> None:
        found.append((claimed.slot.at, polled.source, polled))
        report(polled)

    outcomes = Outcomes(done, problems.of_source, problems.add)
    workers = SlotWorkers(slots, outcomes, at_once=POLLS_AT_ONCE, most=limit)
    workers.look()
    workers.wait()
    left: list[str] = []
    if slots.poller.stopping.is_set():
        left = slots.names_due(_MOST_NAMED if limit is None else limit - len(found))
    return Polls(
        [polled for *_, polled in sorted(found, key=itemgetter(0, 1))], left, problems.first
    )


class _Problems:
    """What keeps sources from being polled: the first is the caller's, any other is logged."""

    def __init__(self) -> None:
        self.first: Exception | None = None
        self._error_log = ErrorLog()
        self._lock = threading.Lock()

    def of_source(self, name: str, error: Exception) -> None:
        self._add(f"source {name}", error)

    def add(self, error: Exception) -> None:
        self._add("poll", error)

    def _add(self, where: str, error: Exception) -> None:
        with self._lock:
            if self.first is None:
                self.first = error
                return
        self._error_log.report(where, error)
