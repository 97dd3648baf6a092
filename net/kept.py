"""Connections that are kept for a moment, for the next exchange with the same host.

A new one makes an exchange up to twice as expensive, with TLS up to three times. Threads with kept
connections cost a quarter of the processor time of an asynchronous client (benchmarks/README.md).

Whoever asks: a connection knows nothing of the headers that went over it. It is another one for
every setting that says whom it leads to and who is trusted there. No TLS session is taken up again
on a new one, as the certificate would not be looked at then.
"""

import math
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

from pricetrail.net.connections import Connection, Response, read_url
from pricetrail.net.no_answer import NoAnswerError
from pricetrail.net.trust import FileState, state_of

# Less than the five seconds after which usual servers hang up, which would be a try in vain.
IDLE_SECONDS = 4.0
# A name is looked up anew by then, and a certificate looked at.
OLDEST_SECONDS = 60.0
_MOST = 128


@dataclass(frozen=True, slots=True)
class Way:
    """What makes two exchanges fit for one connection; as in `Connection`.

    `trusted` tells one content of `ca_file` from another.
    """

    origin: tuple[str, bytes, int | None]
    allow_private: bool
    proxy: str | None
    ca_file: str | None
    trusted: FileState | None


@dataclass(slots=True)
class _Used:
    way: Way
    connection: Connection
    made: float = field(default_factory=time.monotonic)
    since: float = 0.0


class KeptConnections:
    """Exchanges for any number of threads, over connections that are kept between them.

    Args:
        idle: after so many seconds without an exchange one is closed.
        oldest: after so many none is used again.
        most: so many are kept at most, while nothing goes over them.
    """

    def __init__(
        self, *, idle: float = IDLE_SECONDS, oldest: float = OLDEST_SECONDS, most: int = _MOST
    ) -> None:
        self._idle, self._oldest, self._most = idle, oldest, most
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = threading.Lock()
        # The longest idle first.
        self._kept: list[_Used] = []
        self._closes = False

    @contextmanager
    def exchange(
        self,
        url: str,
        method: str,
        headers: dict[str, str],
        *,
        seconds: float,
        allow_private: bool,
        proxy: str | None = None,
        ca_file: str | None = None,
        stopping: threading.Event | None = None,
    ) -> Iterator[Response]:
        """As `Connection.exchange`; the connection is kept where the answer was read to its end.

        One that was closed meanwhile is no failure: the request goes out on a new one at once. So
        it must be one that may be made twice.

        Raises:
            NoAnswerError: there is no whole answer; GuardError: see `dialling`.
        """
        end, asked = time.monotonic() + seconds, read_url(url)
        # Not `host`, which would translate `xn--…`: not every such name survives that.
        origin = (asked.scheme, asked.raw_host, asked.port)
        way = Way(origin, allow_private, proxy, ca_file, _state(ca_file))
        with ExitStack() as exchange:

            def begin(connection: Connection) -> Response:
                left = max(end - time.monotonic(), 0.0)
                return exchange.enter_context(
                    connection.exchange(method, headers, seconds=left, stopping=stopping, url=asked)
                )

            used = self._take(way)
            response = None if used is None else _unless_stale(begin, used.connection)
            if used is None or response is None:
                used = _opened(url, way)
                response = begin(used.connection)
            yield response
        self._keep(used)

    def close(self) -> None:
        """Hang up on all that are kept now, and not on those in use."""
        self._close(math.inf)

    def _take(self, way: Way) -> _Used | None:
        """The one that was used last: it is the likeliest to be open still."""
        if self._process != os.getpid():
            # Of a process that was forked: they are its parent's, which may hold the lock for ever.
            parents = self._kept
            self._begin()
            _hang_up(parents)
        with self._lock:
            places = reversed(range(len(self._kept)))
            place = next((place for place in places if self._kept[place].way == way), None)
            if place is None:
                return None
            used = self._kept.pop(place)
        if used.made + self._oldest >= time.monotonic():
            return used
        _hang_up([used])
        return None

    def _keep(self, used: _Used) -> None:
        if not used.connection.is_open:
            _hang_up([used])
            return
        used.since = time.monotonic()
        with self._lock:
            self._kept.append(used)
            spare, self._kept = self._kept[: -self._most], self._kept[-self._most :]
            begin, self._closes = not self._closes, True
        _hang_up(spare)
        if begin:
            threading.Thread(target=self._close_idle, name="idle", daemon=True).start()

    def _close_idle(self) -> None:
        """Close what is idle for too long, until nothing is kept any more."""
        while self._closes:
            time.sleep(self._idle / 4)
            self._close(time.monotonic() - self._idle)

    def _close(self, idle_since: float) -> None:
        with self._lock:
            old = [one for one in self._kept if one.since <= idle_since]
            self._kept = [one for one in self._kept if one.since > idle_since]
            self._closes = bool(self._kept)
        _hang_up(old)


def _opened(url: str, way: Way) -> _Used:
    return _Used(
        way,
        Connection(url, allow_private=way.allow_private, proxy=way.proxy, ca_file=way.ca_file),
    )


def _unless_stale(
    begin: Callable[[Connection], Response], connection: Connection
) -> Response | None:
    """The answer; None where the connection was closed meanwhile."""
    connection.backend.begin()
    try:
        return begin(connection)
    except NoAnswerError as error:
        if connection.backend.went_stale(error):
            return None
        raise


def _hang_up(ones: Iterable[_Used]) -> None:
    for one in ones:
        one.connection.close()


def _state(ca_file: str | None) -> FileState | None:
    try:
        return state_of(ca_file) if ca_file is not None else None
    except OSError:  # said by whoever reads it
        return None
