"""How many polls of one host are under way at once, so that no host takes all who poll.

Who claims slots asks before; nobody waits here: one that waited for a host that hangs would be
kept from all others.
"""

import threading
from collections import Counter

from pricetrail.jobs.source import Source

# Browsers take 6 for one reader, and gateways serve many; of 64 that poll it leaves three quarters.
AT_ONE_HOST = 16


class HostLimits:
    """Counts the polls of one process by the host that they ask.

    Args:
        each: so many at most for one host.
    """

    def __init__(self, each: int = AT_ONE_HOST) -> None:
        self._each = each
        self._lock = threading.Lock()
        self._under_way: Counter[str] = Counter()

    def take(self, source: Source) -> bool:
        """Count one more; False where the host is asked by as many as may, and none is counted.

        Whoever got True calls `give_back` once the poll is over.
        """
        with self._lock:
            if self._under_way[source.host] >= self._each:
                return False
            self._under_way[source.host] += 1
            return True

    def give_back(self, source: Source) -> None:
        """Count one less."""
        host = source.host
        with self._lock:
            self._under_way[host] -= 1
            if not self._under_way[host]:
                del self._under_way[host]

    def full(self) -> frozenset[str]:
        """The hosts that are asked by as many as may: whoever claims leaves their sources out."""
        with self._lock:
            return frozenset(
                host for host, number in self._under_way.items() if number >= self._each
            )
