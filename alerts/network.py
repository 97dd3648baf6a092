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
from dataclasses import dataclass
from functools import cache

import httpcore

from alerts.guard import Target, vet
from alerts.outcomes import Answer

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


class _Stream(httpcore.NetworkStream):
    """A stream that obeys the deadline and remembers how the reply began."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: Deadline, begun: bytearray) -> None:
        self._inner, self._deadline, self._begun = inner, deadline, begun

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, self._deadline.left())
        self._begun += data[: MAX_REPLY - len(self._begun)]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        view = memoryview(buffer)
        # In slices: one large write is many sends, each with the whole timeout to itself.
        for start in range(0, len(view), 65536):
            self._inner.write(bytes(view[start : start + 65536]), self._deadline.left())

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        inner = self._inner.start_tls(ssl_context, server_hostname, self._deadline.left())
        return _Stream(inner, self._deadline, self._begun)

    def get_extra_info(self, info: str) -> object:
        return self._inner.get_extra_info(info)


class _GuardedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, dials one it checked."""

    def __init__(self, network: Network, deadline: Deadline, *, allow_private: bool) -> None:
        self.begun = bytearray()
        self._network, self._deadline, self._allow_private = network, deadline, allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if not self._allow_private:
            for address in addresses:
                vet(address)
        for place, address in enumerate(addresses, start=1):
            try:
                # A dead first address may not eat the time of the others.
                share = self._deadline.left() / (len(addresses) - place + 1)
                stream = self._network.dial(address, port, share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                if place == len(addresses):
                    raise
            else:
                return _Stream(stream, self._deadline, self.begun)
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
        thread.join(self._deadline.left())
        if not found or not found[0]:
            raise UnresolvedError
        return found[0]


def send(
    target: Target,
    headers: dict[str, str],
    body: bytes,
    *,
    network: Network,
    timeout: float,
    allow_private: bool,
) -> Answer:
    """POST once. A reply that breaks off after its status line still is an answer, a `cut` one.

    Raises:
        GuardError: the host resolves to an address that is refused.
        UnresolvedError: no address. httpcore.*: no connection, no TLS, no HTTP, no time.
    """
    backend = _GuardedBackend(network, Deadline(timeout), allow_private=allow_private)
    with httpcore.ConnectionPool(
        ssl_context=_tls() if target.scheme == "https" else None, network_backend=backend
    ) as pool:
        try:
            return _exchange(pool, target, headers, body)
        except (httpcore.NetworkError, httpcore.ProtocolError, httpcore.TimeoutException):
            begun = _STATUS_LINE.match(backend.begun)
            if begun is None:
                raise
            return Answer(int(begun[1]), cut=True)


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
