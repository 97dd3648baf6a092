"""What goes wrong in a service: one line each, without secrets and without a flood of them."""

import logging
import threading
import time
from pathlib import Path
from traceback import walk_tb

from pricetrail.catalog.errors import PricetrailError

# The same line is said again after so many seconds, with how often it happened meanwhile.
AGAIN = 60.0
_ROOT = Path(__file__).resolve().parents[1]

log = logging.getLogger("pricetrail.service")


class Mishaps:
    """Says each mishap in the log when it happens first, and again now and then while it lasts."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # When a line was said last, and how often it was passed over since.
        self._said: dict[str, tuple[float, int]] = {}

    def tell(self, where: str, error: Exception) -> None:
        """One line: where it happened, and what."""
        what = described(error)
        now = time.monotonic()
        with self._lock:
            said, passed_over = self._said.get(what, (now - AGAIN, 0))
            if now - said < AGAIN:
                self._said[what] = said, passed_over + 1
                return
            self._said[what] = now, 0
        more = f" (and {passed_over} times more since it was last said)" if passed_over else ""
        log.error("%s: %s%s", where, what, more)


def described(error: BaseException) -> str:
    """Our own errors by their text, any other by its kind and place: its text may hold secrets."""
    if isinstance(error, PricetrailError):
        return str(error)
    return f"unexpected {type(error).__name__} in {_place(error)}; please report it"


def _place(error: BaseException) -> str:
    """The innermost line of ours that it went through, as `storage/outbox/deliveries.py:95`."""
    place = "a library"
    for frame, line in walk_tb(error.__traceback__):
        file = Path(frame.f_code.co_filename)
        if file.is_relative_to(_ROOT) and "site-packages" not in file.relative_to(_ROOT).parts:
            place = f"{file.relative_to(_ROOT).as_posix()}:{line}"
    return place
