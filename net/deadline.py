"""A total deadline over an exchange whose library only knows timeouts per read (fault 11).

A thread, one for all connections, shuts down what is out of time, or still there when the process
is to end, so that the exchange ends wherever it waits. What no shutdown can end, the resolver and a
connection that is not made yet, is waited for in a thread that is left behind.
"""

import math
import os
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
# With nothing to look at the thread goes on for so many looks: a new one costs half a fetch.
_IDLE_LOOKS = 20


class Line:
    """The connection of one exchange after another; `cut` says why there can be none any more."""

    def __init__(self) -> None:
        self.cut: Cause | None = None
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._end = self._last = math.inf
        self._stopping: threading.Event | None = None

    def begin(self, seconds: float = math.inf, stopping: threading.Event | None = None) -> None:
        """Start the time of an exchange, both as in `within`; without limits, stop it."""
        with self._lock:
            self._end, self._stopping = time.monotonic() + seconds, stopping
            if not (stopping and stopping.is_set()):
                self._last = math.inf
        if seconds == math.inf and stopping is None:
            _watch.forget(self)
        else:
            _watch.look_at(self)

    def left(self) -> float:
        """How many seconds are left; 0 after a cut."""
        return 0.0 if self.cut else max(self._end - time.monotonic(), 0.0)

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

    def look(self) -> None:
        """Cut it where its time is over."""
        with self._lock:
            now = time.monotonic()
            if self._last == math.inf and self._stopping and self._stopping.is_set():
                self._last = now + LAST_SECONDS
            if self.cut or now < min(self._end, self._last):
                return
            self.cut = Cause.SLOW if now >= self._end else Cause.STOPPED
            if self._socket is not None:
                _shut(self._socket)


class _Watch:
    """Looks at every line whose time runs, on a thread that is there while any does."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Look at nothing yet."""
        self._lock = threading.Lock()
        self._lines: set[Line] = set()
        self._is_looking = False

    def look_at(self, line: Line) -> None:
        with self._lock:
            self._lines.add(line)
            begin, self._is_looking = not self._is_looking, True
        if begin:
            threading.Thread(target=self._look, name="deadline", daemon=True).start()

    def forget(self, line: Line) -> None:
        with self._lock:
            self._lines.discard(line)

    def _look(self) -> None:
        idle = 0
        while idle < _IDLE_LOOKS or not self._is_over():
            time.sleep(_LOOK_EVERY)
            with self._lock:
                lines = list(self._lines)
            idle = 0 if lines else idle + 1
            for line in lines:
                line.look()

    def _is_over(self) -> bool:
        with self._lock:
            self._is_looking = bool(self._lines)
            return not self._is_looking


_watch = _Watch()
# A process that was forked has neither the thread, nor whoever may have held the lock.
os.register_at_fork(after_in_child=_watch.begin)


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
    try:
        yield
    except Exception:
        # Of a line that was cut, whatever failed failed for that.
        if line.cut is None:
            raise
    finally:
        line.begin()
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
