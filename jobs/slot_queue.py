"""Slots that a process has claimed and not begun: so many polls of one host are under way at once.

Nobody waits for a host on a thread: one that hangs would take all who poll.
"""

from collections import Counter, deque

from pricetrail.jobs.slots import Claimed

# Browsers take 6 for one reader, and gateways serve many; of 64 that poll it leaves three quarters.
AT_ONE_HOST = 16
# For one host: as many as a claim brings. Few hosts can be full at a time.
_MOST_ASIDE = 64
# Seconds: the shortest lease covers it, and a fetch after it.
LONGEST_ASIDE = 15.0


class SlotQueue:
    """Those that a thread may begin now, and those that are held aside, for their host is full.

    Its owner's lock guards it.

    Args:
        each: so many at once, at most, of one host and port.
    """

    def __init__(self, each: int = AT_ONE_HOST) -> None:
        self._each = each
        # Of each host: what a thread may begin, and what is under way.
        self._counted: Counter[str] = Counter()
        self._ready: deque[Claimed] = deque()
        self._aside: dict[str, deque[tuple[float, Claimed]]] = {}

    @property
    def ready(self) -> int:
        """How many a thread may begin now."""
        return len(self._ready)

    def full(self) -> frozenset[str]:
        """The hosts, as `Source.host` has them, of which no more may be begun."""
        return frozenset(host for host, number in self._counted.items() if number >= self._each)

    def add(self, claimed: Claimed, at: float) -> bool:
        """Take one that was claimed, at a time of `time.monotonic`; False where too many wait."""
        host = claimed.source.host
        if self._counted[host] < self._each:
            self._counted[host] += 1
            self._ready.append(claimed)
        elif len(self._aside.get(host, ())) < _MOST_ASIDE:
            self._aside.setdefault(host, deque()).append((at, claimed))
        else:
            return False
        return True

    def begin(self) -> Claimed | None:
        """The next one, for a thread that calls `ended` once it is over; None without one."""
        return self._ready.popleft() if self._ready else None

    def ended(self, claimed: Claimed) -> None:
        """Let one that was held aside for the host be begun in its place."""
        host = claimed.source.host
        self._uncount(host)
        if aside := self._aside.get(host):
            self._counted[host] += 1
            self._ready.append(aside.popleft()[1])
            if not aside:
                del self._aside[host]

    def late(self, now: float) -> list[Claimed]:
        """Take out what was held aside for as long as may be."""
        late = []
        for host, aside in list(self._aside.items()):
            while aside and now - aside[0][0] >= LONGEST_ASIDE:
                late.append(aside.popleft()[1])
            if not aside:
                del self._aside[host]
        return late

    def clear(self) -> list[Claimed]:
        """Take out all that is not begun."""
        unbegun = [*self._ready, *(one for some in self._aside.values() for _, one in some)]
        for one in self._ready:
            self._uncount(one.source.host)
        self._ready.clear()
        self._aside.clear()
        return unbegun

    def _uncount(self, host: str) -> None:
        self._counted[host] -= 1
        if not self._counted[host]:
            del self._counted[host]
