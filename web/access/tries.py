"""A limit on guesses: who presented wrong tokens must wait before the next try."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

# So many wrong tokens in so many seconds, of one address.
MOST = 10
WITHIN = 60.0
_ADDRESSES = 10_000


class Tries:
    """The wrong tries of the last minute, by address.

    Args:
        clock: a time in seconds that never goes back.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._failed: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> int:
        """How many seconds an address must wait; 0 where it may try."""
        with self._lock:
            times = self._failed.get(address)
            if times is None:
                return 0
            now = self._clock()
            while times and now - times[0] >= WITHIN:
                times.popleft()
            return 0 if len(times) < MOST else int(WITHIN - (now - times[0])) + 1

    def failed(self, address: str) -> None:
        """Note a wrong token."""
        with self._lock:
            self._failed.setdefault(address, deque(maxlen=MOST)).append(self._clock())
            self._failed.move_to_end(address)
            while len(self._failed) > _ADDRESSES:
                self._failed.popitem(last=False)
