"""A total deadline over an exchange whose library only knows timeouts per read (fault 11).

The work runs in a thread of its own. When time is up, or the process is to end, its connection
is shut down, so that it ends wherever it waits; the one wait that nothing can end, the system's
resolver, is left behind.
"""

import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TypeVar

from pricetrail.net.no_answer import Cause, NoAnswerError

T = TypeVar("T")

# When the process is to end, what is under way gets so many seconds more.
LAST_SECONDS = 5.0
_LOOK_EVERY = 0.1


class Line:
    """The connection of an exchange, so that another thread can cut it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_cut = False

    def hold(self, connection: socket.socket) -> None:
        """Remember a connection; after a cut, shut it down."""
        self.close()
        with self._lock:
            if not self.is_cut:
                # A duplicate: TLS takes the descriptor away from the original object.
                self._socket = connection.dup()
                return
        _shut(connection)

    def close(self) -> None:
        """Forget the connection; whoever opened it closes it."""
        with self._lock:
            held, self._socket = self._socket, None
        if held is not None:
            held.close()

    def cut(self) -> None:
        """Shut down the connection, and each that is made from now on."""
        with self._lock:
            self.is_cut = True
            if self._socket is not None:
                _shut(self._socket)
        self.close()


def within(
    seconds: float, line: Line, work: Callable[[], T], stopping: threading.Event | None = None
) -> T:
    """Give what `work` gives, or raise what it raises; out of time, `line` is cut.

    Args:
        stopping: set when the process is to end; the work has 5 more seconds then.

    Raises:
        NoAnswerError: SLOW where it took longer than `seconds`, whatever it waited for; STOPPED
            where it was not done within 5 s of the stop.
    """
    result: Future[T] = Future()
    thread = threading.Thread(target=_run, args=(work, result), name="exchange", daemon=True)
    thread.start()
    try:
        _await(result, time.monotonic() + seconds, stopping or threading.Event())
    except BaseException:
        line.cut()
        raise
    return result.result()


def _await(result: "Future[T]", end: float, stopping: threading.Event) -> None:
    cut_at = None
    while not wait([result], timeout=max(min(_LOOK_EVERY, end - time.monotonic()), 0)).done:
        now = time.monotonic()
        if now >= end:
            raise NoAnswerError(Cause.SLOW)
        if stopping.is_set():
            cut_at = cut_at or now + LAST_SECONDS
            if now >= cut_at:
                raise NoAnswerError(Cause.STOPPED)


def _run(work: Callable[[], T], result: "Future[T]") -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        result.set_exception(error)


def _shut(connection: socket.socket) -> None:
    # Not the object's own method: that of TLS would put down its state under who reads.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
