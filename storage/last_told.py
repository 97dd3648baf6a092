"""A clock that is dear to ask: read on for a moment by this machine's own."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from pricetrail.catalog.times import to_millisecond

_ASKED_AGAIN_AFTER = 1.0


class LastTold:
    """What such a clock said last, for any number of threads."""

    def __init__(self) -> None:
        # With when that was by the machine's.
        self._told: tuple[datetime, float] | None = None
        self._asking = threading.Lock()

    def note(self, moment: datetime) -> datetime:
        """Keep what it says now."""
        self._told = moment, _awake_or_not()
        return moment

    def now(self, ask: Callable[[], datetime]) -> datetime:
        """The time, to the millisecond: as it was told within the last second, else asked.

        Args:
            ask: asks, and has what is said noted where it is dear; one asks for all who come
                meanwhile.
        """
        # Looked at without a turn first: many poll at once, and each would wait for all others.
        if (known := self._read_on()) is not None:
            return known
        with self._asking:
            return self._read_on() or ask()

    def _read_on(self) -> datetime | None:
        if (told := self._told) is None:
            return None
        moment, at = told
        passed = _awake_or_not() - at
        if passed >= _ASKED_AGAIN_AFTER:
            return None
        return to_millisecond(moment + timedelta(seconds=passed))


def _awake_or_not() -> float:
    """Seconds, of which those count that the machine slept, where it tells."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()
