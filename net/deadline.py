"""A total deadline over an exchange whose library only knows timeouts per read (fault 11).

One thread looks after all exchanges under way. When time is up, or the process is to end, it shuts
the connection down, so that the exchange ends wherever it waits. What no shutdown can end, the
system's resolver and a connection not made yet, is waited for in a thread that is left behind.
"""

import math
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, wait
from contextlib import contextmanager, suppress
from typing import TypeVar

from pricetrail.net.no_answer import Cause, NoAnswerError

T = TypeVar("T")

# When the process is to end, what is under way gets so many seconds more.
LAST_SECONDS = 5.0
_LOOK_EVERY = 0.1


class Line:
    """The connection of one exchange after another; `cut` says why there can be none any more."""

    def __init__(self) -> None:
        self.cut: Cause | None = None
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._end, self._stopping, self._last = math.inf, threading.Event(), math.inf

    def begin(self, seconds: float, stopping: threading.Event | None) -> None:
        """Start the time of an exchange; both as in `within`."""
        with self._lock:
            self._end, self._last = time.monotonic() + seconds, math.inf
            self._stopping = stopping or threading.Event()

    def end(self) -> None:
        """Stop the time: the line is not cut from now on."""
        with self._lock:
            self._end, self._stopping = math.inf, threading.Event()

    def left(self) -> float:
        """How many seconds are left; 0 after a cut."""
        return 0.0 if self.cut else max(self._end - time.monotonic(), 0.0)

    def look(self) -> None:
        """Cut the line if its time is up: shut down its connection, and each made from now on."""
        with self._lock:
            now = time.monotonic()
            if self._stopping.is_set():
                self._last = min(self._last, now + LAST_SECONDS)
            if now < min(self._end, self._last):
                return
            self.cut = Cause.SLOW if now >= self._end else Cause.STOPPED
            if self._socket is not None:
                _shut(self._socket)

    def hold(self, connection: socket.socket) -> None:
        """Remember a connection; after a cut, shut it down."""
        self.close()
        with self._lock:
            if self.cut:
                _shut(connection)
            else:
                # A duplicate: TLS takes the descriptor away from the original object.
                self._socket = connection.dup()

    def close(self) -> None:
        """Forget the connection; whoever opened it closes it."""
        with self._lock:
            held, self._socket = self._socket, None
        if held is not None:
            held.close()

    def aside(self, work: Callable[[], T]) -> T:
        """Give what `work` gives, or raise what it raises; after a cut it is left behind.

        Raises:
            NoAnswerError: the line was cut.
        """
        result: Future[T] = Future()
        threading.Thread(target=_run, args=(work, result), name="connect", daemon=True).start()
        while not wait([result], _LOOK_EVERY).done:
            if self.cut:
                raise NoAnswerError(self.cut)
        return result.result()


class _Watch:
    """The thread that looks after the lines in use; it ends where there are none."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self._thread: threading.Thread | None = None

    def add(self, line: Line) -> None:
        with self._lock:
            self._lines.add(line)
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="deadlines", daemon=True)
                self._thread.start()

    def remove(self, line: Line) -> None:
        with self._lock:
            self._lines.discard(line)

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_EVERY)
            with self._lock:
                lines = list(self._lines)
                if not lines:
                    self._thread = None
                    return
            for line in lines:
                line.look()


_watch = _Watch()


@contextmanager
def within(seconds: float, line: Line, stopping: threading.Event | None = None) -> Iterator[None]:
    """Cut `line` where the body, which waits for it alone, is out of time.

    Args:
        stopping: set when the process is to end; the body has 5 more seconds then.

    Raises:
        NoAnswerError: SLOW where it took longer than `seconds`, whatever it waited for; STOPPED
            where it was not done within 5 s of the stop.
    """
    line.begin(seconds, stopping)
    _watch.add(line)
    try:
        yield
    except Exception:
        # Of a line that was cut, whatever failed failed for that.
        if line.cut is None:
            raise
    finally:
        line.end()
        _watch.remove(line)
    if line.cut:
        raise NoAnswerError(line.cut)


def _run(work: Callable[[], T], result: "Future[T]") -> None:
    try:
        result.set_result(work())
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        result.set_exception(error)


def _shut(connection: socket.socket) -> None:
    # Not the object's own method: that of TLS would put down its state under who reads.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
