"""A look at whether commits wait for a standby: then nothing is recorded, and no error says so."""

import logging
import time
from collections.abc import Callable

from pricetrail.catalog.times import in_words
from pricetrail.storage import standbys
from pricetrail.storage.database import Database
from pricetrail.storage.standbys import Waiting
from pricetrail.text.log_fields import fields
from pricetrail.text.sums import counted

REMEDY = "bring one back, or take it out of synchronous_standby_names"
# Seconds.
_LOOKED_EVERY = 15.0
_TOLD_EVERY = 600.0

log = logging.getLogger("pricetrail.service")


def said(waiting: Waiting) -> str:
    """What is to be told of them."""
    commits, verb = counted(waiting.commits, "commit"), "has" if waiting.commits == 1 else "have"
    how_long = in_words(waiting.longest)
    return f"{commits} {verb} waited for a synchronous standby, for {how_long}: {REMEDY}"


class StandbyWatch:
    """Says where commits wait for a standby, again now and then, and once when none does any more.

    Args:
        clock: what tells seconds, for tests.
    """

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self.database = database
        self._clock = clock
        self._next = clock()
        # When it was told first, and last.
        self._told: tuple[float, float] | None = None

    def look(self) -> None:
        """Look, if it is time to."""
        now = self._clock()
        if self.database.sqlite_path is not None or now < self._next:
            return
        self._next = now + _LOOKED_EVERY
        with self.database.read() as connection:
            found = standbys.waiting(connection)
        if found is None:
            self._over(now)
        elif self._told is None or now - self._told[1] >= _TOLD_EVERY:
            self._told = self._told[0] if self._told else now, now
            log.error("%s", said(found), extra=fields(error=said(found)))

    def _over(self, now: float) -> None:
        if self._told is not None:
            seconds, self._told = now - self._told[0], None
            log.info(
                "no commit waits for a standby any more, after %.0f s",
                seconds,
                extra=fields(duration_ms=round(1000 * seconds)),
            )
