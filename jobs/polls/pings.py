"""A dead man's switch: whoever hears nothing from it any more knows that polls have stopped.

After each poll that was answered its address is asked, and `…/fail` where `source.failing` is said:
the convention of healthchecks.io (https://healthchecks.io/docs/http_api/). That happens beside the
polls, once all is committed, and no poll waits for it or fails with it. The address is a secret,
and the operator's own: it may lead inside.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from functools import partial
from urllib.parse import urlsplit, urlunsplit

from pricetrail.jobs.polls.results import Polled
from pricetrail.jobs.source import Source
from pricetrail.jobs.stopping import Stop
from pricetrail.jobs.workers import Workers
from pricetrail.net.connections import Connection
from pricetrail.net.no_answer import NoAnswerError
from pricetrail.storage.polls.outcomes import FAILED
from pricetrail.text.log_fields import fields

# For all of it, in seconds.
LONGEST = 5.0
_AT_ONCE = 8
_PAUSE = 0.5
# What a stop leaves of that.
_LAST = 1.0
_MOST_READ = 200
# healthchecks.io says these with status 200.
_REFUSED = {b"OK (not found)": "it knows no such check", b"OK (rate limited)": "too many pings"}

log = logging.getLogger("pricetrail.polls")


class Pings:
    """Asks the switches of sources, on threads of its own.

    Each is asked one thing after another, and told how it is now: what came meanwhile and is older
    is dropped. So a success never arrives behind the failure that followed it, and of a switch that
    hangs nothing gathers, to be a sign of life when polls have long stopped.
    """

    def __init__(self) -> None:
        self._workers = Workers(_AT_ONCE, "ping")
        self._lock = threading.Lock()
        self._next: dict[str, Callable[[], None]] = {}
        self._open: dict[str, Future[None]] = {}

    def after(self, source: Source, polled: Polled, stopping: Stop) -> None:
        """Tell a source's switch how a poll went; silence where it failed, until that is told."""
        if source.ping is None or (polled.outcome == FAILED and not polled.told):
            return
        url = source.ping if polled.outcome != FAILED else fail_url(source.ping)
        with self._lock:
            self._next[source.name] = partial(_ask, source.name, url, stopping)
            if source.name not in self._open:
                serve = partial(self._serve, source.name)
                self._open[source.name] = self._workers.submit(serve)

    def _serve(self, source: str) -> None:
        while ask := self._taken(source):
            ask()

    def _taken(self, source: str) -> Callable[[], None] | None:
        """What a switch is to be asked next; None where there is nothing, and nobody asks it."""
        with self._lock:
            ask = self._next.pop(source, None)
            if ask is None:
                del self._open[source]
            return ask

    def finish(self, stopping: Stop, seconds: float = LONGEST) -> None:
        """Wait for those under way, for a second only after the stop; forget the others."""
        end = time.monotonic() + seconds
        while self._open and time.monotonic() < end and not stopping.is_set():
            wait(list(self._open.values()), timeout=0.05)
        if stopping.is_set():
            wait(list(self._open.values()), timeout=_LAST)
        self._workers.clear()
        for source in sorted(self._open):
            _warn(source, "not over in time")


def fail_url(url: str) -> str:
    """The address that says that something is wrong: `/fail` behind the path."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(path=parts.path.rstrip("/") + "/fail", fragment=""))


def _ask(source: str, url: str, stopping: Stop) -> None:
    try:
        problem = _tried(url, stopping)
    except Exception as error:  # noqa: BLE001 - told by its kind; no poll fails with it
        problem = type(error).__name__
    if problem is not None:
        _warn(source, problem)


def _warn(source: str, problem: str) -> None:
    said = fields(source=source, error=problem)
    log.warning(
        "source %s: the ping of its dead man's switch failed: %s", source, problem, extra=said
    )


def _tried(url: str, stopping: Stop) -> str | None:
    """Ask, and once more where that may help; what went wrong, without the address."""
    end = time.monotonic() + LONGEST
    problem, may_help = _once(url, end, stopping)
    if may_help and time.monotonic() + _PAUSE < end and not stopping.wait(_PAUSE):
        problem, _ = _once(url, end, stopping)
    return problem


def _once(url: str, end: float, stopping: Stop) -> tuple[str | None, bool]:
    """What went wrong, if anything; and whether another try may go better."""
    seconds = max(end - time.monotonic(), 0.1)
    try:
        with (
            Connection(url, allow_private=True) as connection,
            connection.exchange(
                "GET", {"Connection": "close"}, seconds=seconds, stopping=stopping
            ) as response,
        ):
            said = b""
            for chunk in response.iter_raw():
                said += chunk
                if len(said) > _MOST_READ:
                    break
    except NoAnswerError as error:
        return str(error), error.retry
    status = response.status_code
    if 200 <= status < 300:
        return _REFUSED.get(said.strip()), False
    if 300 <= status < 400:
        return f"HTTP {status}: a redirect is not followed; set the final address", False
    return f"HTTP {status}", status == 429 or status >= 500
