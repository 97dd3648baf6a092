"""Polls that found what was there before, recorded by one transaction for all that wait for one.

Whoever comes first writes for all that have come by then; while it does, others come. So under
load a transaction has many polls, and without any it has one, at once.
"""

import threading
from collections import deque
from dataclasses import dataclass, field

from pricetrail.jobs.polls.recording import record_plain
from pricetrail.storage.database import Database
from pricetrail.storage.polls.polls import Seen

_AT_ONCE = 100
# Servers allow a hundred connections in all, and many polls may end at the same moment.
_ALONE_AT_ONCE = 8


@dataclass(slots=True)
class _Waiting:
    """A poll that is to be recorded; `written` once it is known whether it was."""

    seen: Seen
    written: bool | None = None
    turn: threading.Event = field(default_factory=threading.Event)


class Together:
    """Records the plain polls of a process.

    `alone`: held while any other poll is recorded, so that few connections are enough for all.
    """

    def __init__(self, database: Database) -> None:
        self.database = database
        self._lock = threading.Lock()
        self._waiting: deque[_Waiting] = deque()
        self._busy = False
        self.alone = threading.BoundedSemaphore(_ALONE_AT_ONCE)

    def record(self, seen: Seen) -> bool:
        """Record a poll with others; True once that is committed.

        False: nothing of it was, because of one of the others or of itself. It is to be recorded
        alone, which tells why where it cannot be.
        """
        ours = _Waiting(seen)
        with self._lock:
            self._waiting.append(ours)
            first, self._busy = not self._busy, True
        if not first:
            ours.turn.wait()
        while ours.written is None:
            self._write()
        return ours.written

    def _write(self) -> None:
        with self._lock:
            some = [self._waiting.popleft() for _ in range(min(_AT_ONCE, len(self._waiting)))]
        written = False
        try:
            with self.database.write(often=True) as connection:
                # In one order for all: nobody waits for somebody who waits for it.
                ordered = sorted((one.seen for one in some), key=lambda seen: seen.poll.source.id)
                record_plain(connection, ordered)
            written = True
        except Exception:  # noqa: BLE001, S110 - each is recorded alone then, and says what is wrong
            pass
        finally:
            self._hand_over(some, written)

    def _hand_over(self, some: list[_Waiting], written: bool) -> None:
        with self._lock:
            # Whoever waits longest writes for the others next.
            following = self._waiting[0] if self._waiting else None
            self._busy = following is not None
        for one in some:
            one.written = written
            one.turn.set()
        if following is not None:
            following.turn.set()
