"""Errors of a service in its log: one line each, without secrets and without a flood of them."""

import logging
import threading
import time
from pathlib import Path
from traceback import walk_tb

from pricetrail.catalog.errors import PricetrailError
from pricetrail.storage.errors import DatabaseUnreachableError
from pricetrail.text.log_fields import fields

# The same line is logged again after so many seconds, with how often it happened meanwhile.
REPEAT_AFTER = 60.0
_AWAY = "the database is away"
_ROOT = Path(__file__).resolve().parents[1]

log = logging.getLogger("pricetrail.service")


class ErrorLog:
    """Logs each error when it happens first, and again now and then while it lasts.

    Of a database that cannot be reached all errors are one, whatever each says: how a server goes,
    is gone and comes back is told by the driver in many ways.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When a line was logged last, and how often it was passed over since.
        self._logged: dict[str, tuple[float, int]] = {}
        # Since when the database has not been reached, and whether that was logged.
        self._away: tuple[float, bool] | None = None

    def report(self, where: str, error: Exception) -> None:
        """Log one line: where it happened (`source NAME`, `webhook NAME` or a job), and what."""
        what = described(error)
        away = isinstance(error, DatabaseUnreachableError)
        key, now = _AWAY if away else what, time.monotonic()
        with self._lock:
            logged_at, passed_over = self._logged.get(key, (now - REPEAT_AFTER, 0))
            logs = now - logged_at >= REPEAT_AFTER
            self._logged[key] = (now, 0) if logs else (logged_at, passed_over + 1)
            if away:
                since, logged = self._away or (now, False)
                self._away = since, logged or logs
        if not logs:
            return
        more = f" (and {passed_over} times more since it was last logged)" if passed_over else ""
        log.error("%s: %s%s", where, what, more, extra=fields(**_subject(where), error=what))

    def reached(self, began: float) -> None:
        """What needs the database went well: say so where it had not answered, and that was told.

        Args:
            began: when it did, by `time.monotonic`; what began before the trouble says nothing.
        """
        with self._lock:
            if self._away is None or began <= self._away[0]:
                return
            (since, logged), self._away = self._away, None
        if logged:
            seconds = time.monotonic() - since
            log.info(
                "the database answers again, after %.0f s",
                seconds,
                extra=fields(duration_ms=round(1000 * seconds)),
            )


def _subject(where: str) -> dict[str, str]:
    """The field for where it happened: of `source a` the source."""
    kind, _, name = where.partition(" ")
    return {kind: name} if name else {"job": where}


def described(error: BaseException) -> str:
    """Our own errors by their text, any other by its kind and place: its text may hold secrets."""
    if isinstance(error, PricetrailError):
        return str(error)
    return f"unexpected {type(error).__name__} in {_location(error)}; please report it"


def _location(error: BaseException) -> str:
    """The innermost line of ours that it went through, as `storage/outbox/deliveries.py:95`."""
    location = "a library"
    for frame, line in walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_ROOT) and "site-packages" not in file.relative_to(_ROOT).parts:
            location = f"{file.relative_to(_ROOT).as_posix()}:{line}"
    return location
