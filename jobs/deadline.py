"""A total deadline over an exchange whose library only knows timeouts per read (fault 11).

The work runs in a thread of its own. When time is up its connections are shut down, so that it
ends wherever it waits; the one wait that nothing can end, the system's resolver, is left behind.
"""

import socket
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

_CONNECTED = ("connection.connect_tcp.complete", "connection.connect_unix_socket.complete")


class OutOfTimeError(Exception):
    """The work was not done in time; what it opened is shut down."""


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


def within(seconds: float, work: Callable[[Line], T]) -> T:
    """Give what `work` gives, or raise what it raises.

    Raises:
        OutOfTimeError: it took longer than `seconds`, whatever it waited for.
    """
    line = Line()
    result: Future[T] = Future()
    thread = threading.Thread(target=_run, args=(work, line, result), name="fetch", daemon=True)
    thread.start()
    try:
        if not wait([result], timeout=seconds).done:
            raise OutOfTimeError
        return result.result()
    finally:
        line.cut()


def _run(work: Callable[[Line], T], line: Line, result: "Future[T]") -> None:
    try:
        result.set_result(work(line))
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that waits
        result.set_exception(error)


def _shut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
