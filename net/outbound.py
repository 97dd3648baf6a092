"""The way out: one POST over a connection that was vetted, within one total deadline.

The host is resolved once, every address is checked, and exactly a checked one is dialled, so
that a resolver that changes its answer gains nothing; Host and the TLS name stay the URL's.
Environment proxies, redirects and cookies do not exist at this level.
"""

import logging
import re
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache

import httpcore

from pricetrail.net.answer import Answer
from pricetrail.net.ssrf import Target, vet

MAX_REPLY = 4096
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-9][0-9]{2})[ \r][^\n]*\n?")

# Both write requests, headers and hosts at their chattier levels; a webhook's URL is a secret.
for _name in ("httpcore", "httpx", "hpack"):
    logging.getLogger(_name).setLevel(logging.WARNING)

Resolve = Callable[[str, int], list[str]]
Dial = Callable[[str, int, float], httpcore.NetworkStream]


def resolve(host: str, port: int) -> list[str]:
    """Every address of a host, in the system's order of preference. Raises `OSError`."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def dial(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """Connect to one numeric address. Raises `httpcore.ConnectError` or `ConnectTimeout`."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Network:
    """How names are resolved and addresses dialled; tests bring their own."""

    resolve: Resolve = resolve
    dial: Dial = dial


class UnresolvedError(OSError):
    """The host has no address, or none was found in time."""


class Deadline:
    """One point in time for a whole exchange; httpx and httpcore know timeouts per read only."""

    def __init__(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def left(self) -> float:
        """Seconds left; raises `httpcore.ReadTimeout` when there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the total deadline has passed")
        return left


@dataclass
class _Exchange:
    """One request and its reply: the deadline, how the reply began, whether it was connected for.

    A connection that is used again is told of the next exchange by `begin`.
    """

    deadline: Deadline
    begun: bytearray = field(default_factory=bytearray)
    connected: bool = False

    def begin(self, timeout: float) -> None:
        self.deadline, self.connected = Deadline(timeout), False
        self.begun.clear()


class _Stream(httpcore.NetworkStream):
    """A stream that obeys the deadline and remembers how the reply began."""

    def __init__(self, inner: httpcore.NetworkStream, exchange: _Exchange) -> None:
        self._inner, self._exchange = inner, exchange

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._exchange.deadline.left())
        begun = self._exchange.begun
        begun += data[: MAX_REPLY - len(begun)]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        # In slices: one large write is many sends, each with the whole timeout to itself.
        for start in range(0, len(view), 65536):
            self._inner.write(bytes(view[start : start + 65536]), self._exchange.deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        left = self._exchange.deadline.left()
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._exchange)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, dials one it checked."""

    def __init__(self, network: Network, exchange: _Exchange, *, allow_private: bool) -> None:
        self._network, self._exchange, self._allow_private = network, exchange, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self._exchange.connected = True
        addresses = self._addresses(host, port)
        if not self._allow_private:
            for address in addresses:
                vet(address)
        for place, address in enumerate(addresses, start=1):
            try:
                # A dead first address may not eat the time of the others.
                share = self._exchange.deadline.left() / (len(addresses) - place + 1)
                stream = self._network.dial(address, port, share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return _Stream(stream, self._exchange)
        raise UnresolvedError

    def _addresses(self, host: str, port: int) -> list[str]:
        """The system's resolver knows no timeout: a thread asks it, and may be left behind."""
        found: list[list[str]] = []

        def ask() -> None:
            try:
                found.append(self._network.resolve(host, port))
            except (OSError, UnicodeError):
                found.append([])

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        thread.join(self._exchange.deadline.left())
        if not found or not found[0]:
            raise UnresolvedError
        return found[0]


class Route:
    """The way to one receiver: its connection serves message after message until it is closed.

    Args:
        network: how names are resolved and addresses dialled.
        lasting: whether the receiver is to keep the connection open for the next message.
    """

    def __init__(self, network: Network, *, lasting: bool = False) -> None:
        self.network = network
        self.lasting = lasting
        self._to: tuple[str, str, int, bool] | None = None
        self._exchange = _Exchange(Deadline(0))
        self._pool: httpcore.ConnectionPool | None = None

    def send(
        self,
        target: Target,
        headers: dict[str, str],
        body: bytes,
        *,
        timeout: float,
        allow_private: bool,
    ) -> Answer:
        """POST once. A reply that breaks off after its status line still is an answer, a `cut` one.

        A connection that served before may have been closed meanwhile: then the message goes out
        on a new one, as the first on it.

        Raises:
            GuardError: the host resolves to an address that is refused.
            UnresolvedError: no address. httpcore.*: no connection, no TLS, no HTTP, no time.
        """
        headers = {**headers, "Connection": "keep-alive" if self.lasting else "close"}
        self._exchange.begin(timeout)
        try:
            return self._post(target, headers, body, allow_private=allow_private)
        except (httpcore.NetworkError, httpcore.ProtocolError):
            if self._exchange.connected or self._exchange.begun:
                raise
            self.close()
            return self._post(target, headers, body, allow_private=allow_private)

    def close(self) -> None:
        """Hang up."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def __enter__(self) -> "Route":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _post(
        self, target: Target, headers: dict[str, str], body: bytes, *, allow_private: bool
    ) -> Answer:
        pool = self._opened(target, allow_private=allow_private)
        try:
            return _exchange(pool, target, headers, body)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            begun = _STATUS_LINE.match(self._exchange.begun)
            # Whatever state it is in: nothing else goes over it.
            self.close()
            if begun is None:
                raise
            return Answer(int(begun[1]), cut=True)

    def _opened(self, target: Target, *, allow_private: bool) -> httpcore.ConnectionPool:
        to = (target.scheme, target.host, target.port, allow_private)
        if self._pool is None or self._to != to:
            self.close()
            self._to = to
            backend = _GuardedBackend(self.network, self._exchange, allow_private=allow_private)
            tls = _tls() if target.scheme == "https" else None
            self._pool = httpcore.ConnectionPool(
                ssl_context=tls, network_backend=backend, max_connections=1
            )
        return self._pool


def _exchange(
    pool: httpcore.ConnectionPool, target: Target, headers: dict[str, str], body: bytes
) -> Answer:
    url = httpcore.URL(scheme=target.scheme, host=target.host, port=target.port, target=target.path)
    all_headers = {"Host": _host_header(target), **headers}
    with pool.stream("POST", url, headers=list(all_headers.items()), content=body) as response:
        received, cut = bytearray(), False
        try:
            for chunk in response.iter_stream():
                received += chunk[: MAX_REPLY - len(received)]
                if len(received) >= MAX_REPLY:
                    break
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            cut = True
        names = {
            key.decode("latin-1").lower(): value.decode("latin-1")
            for key, value in response.headers
        }
        return Answer(response.status, names, bytes(received), cut)


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"


@cache
def _tls() -> ssl.SSLContext:
    """The machine's own roots (and `SSL_CERT_FILE`) with certifi's; made once, it costs 20 ms."""
    return httpcore.default_ssl_context()
