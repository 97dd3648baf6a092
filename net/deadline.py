"""A total deadline over an exchange whose library only knows timeouts per read (fault 11).

The work runs in a thread of its own. When time is up, or the process is to end, its connections
are shut down, so that it ends wherever it waits; the one wait that nothing can end, the system's
resolver, is left behind.
"""

import socket
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

# When the process is to end, what is under way gets so many seconds more.
LAST_SECONDS = 5.0
_LOOK_EVERY = 0.1

_CONNECTED = ("connection.connect_tcp.complete", "connection.connect_unix_socket.complete")


class OutOfTimeError(Exception):
    """The work was not done in time; what it opened is shut down."""


class CutShortError(Exception):
    """The process is to end, and the work was not done soon enough; what it opened is shut down."""


class Line:
    """The connections of one exchange, so that another thread can cut them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._cut = False

    def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """What httpcore's `trace` extension calls at each step."""
        if event in _CONNECTED:
            self._hold(info["return_value"].get_extra_info("socket"))

    def cut(self) -> None:
        """Shut down every connection, and each that is made from now on."""
        with self._lock:
            self._cut = True
            held, self._sockets = self._sockets, []
        for connection in held:
            with connection:
                _shut(connection)

    def _hold(self, connection: socket.socket) -> None:
        # A duplicate: TLS takes the descriptor away from the original object.
        with self._lock:
            if not self._cut:
                self._sockets.append(connection.dup())
                return
        _shut(connection)


def within(seconds: float, work: Callable[[Line], T], stopping: threading.Event | None = None) -> T:
    """Give what `work` gives, or raise what it raises.

    Args:
        stopping: set when the process is to end; the work has 5 more seconds then.

    Raises:
        OutOfTimeError: it took longer than `seconds`, whatever it waited for.
        CutShortError: it was not done within 5 s of the stop.
    """
    line = Line()
    result: Future[T] = Future()
    thread = threading.Thread(target=_run, args=(work, line, result), name="fetch", daemon=True)
    thread.start()
    try:
        _await(result, time.monotonic() + seconds, stopping or threading.Event())
        return result.result()
    finally:
        line.cut()


def _await(result: "Future[T]", end: float, stopping: threading.Event) -> None:
    cut_at = None
    while not wait([result], timeout=max(min(_LOOK_EVERY, end - time.monotonic()), 0)).done:
        now = time.monotonic()
        if now >= end:
            raise OutOfTimeError
        if stopping.is_set():
            cut_at = cut_at or now + LAST_SECONDS
            if now >= cut_at:
                raise CutShortError


def _run(work: Callable[[Line], T], line: Line, result: "Future[T]") -> None:
    try:
        result.set_result(work(line))
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        result.set_exception(error)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
