"""A limit on guesses: who presented wrong tokens must wait before the next try."""

import ipaddress
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

# So many wrong tokens in so many seconds, of one address.
MOST = 10
# And so many cookies that are none: those of browsers whose token was changed are among them.
MOST_COOKIES = 100
WITHIN = 60.0
_ADDRESSES = 10_000
# A proxy may hand on anything as an address.
_LONGEST = 64


class Tries:
    """The wrong tries of the last minute, by address; of IPv6 by network, as one has as a whole.

    Args:
        clock: a time in seconds that never goes back.
        most: so many are let through in that time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, most: int = MOST) -> None:
        self._clock, self._most = clock, most
        self._tries: OrderedDict[str, list[float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, address: str) -> int:
        """Count a try, and 0; how many seconds to wait where there were too many.

        It counts as a wrong one until it is forgiven, so that many at once are counted too.
        """
        key, now = _network(address), self._clock()
        with self._lock:
            times = [time for time in self._tries.get(key, ()) if now - time < WITHIN]
            if len(times) >= self._most:
                return int(WITHIN - (now - times[0])) + 1
            self._tries[key] = [*times, now]
            self._tries.move_to_end(key)
            while len(self._tries) > _ADDRESSES:
                self._tries.popitem(last=False)
            return 0

    def forgive(self, address: str) -> None:
        """Take back the newest try: its token was right."""
        key = _network(address)
        with self._lock:
            times = self._tries.get(key, [])
            del times[-1:]
            if not times:
                self._tries.pop(key, None)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:_LONGEST]
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((int(parsed), 64), strict=False))
