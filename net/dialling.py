"""Connections that were vetted: a host is resolved once, and a checked address is dialled.

So a resolver that changes its answer gains nothing; Host and the TLS name stay the URL's.
"""

import socket
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial

import httpcore

from pricetrail.net.certificates import ENDS, end_of
from pricetrail.net.deadline import Line
from pricetrail.net.no_answer import Cause, NoAnswerError, unresolved
from pricetrail.net.resolver import Resolve, resolve
from pricetrail.net.ssrf import vet

Dial = Callable[[str, int, float], httpcore.NetworkStream]

_MAX_BEGUN = 4096


def dial(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
    """Connect to one numeric address. Raises `httpcore.ConnectError` or `ConnectTimeout`."""
    return httpcore.SyncBackend().connect_tcp(address, port, timeout=timeout)


@dataclass(frozen=True, slots=True)
class Network:
    """How names are resolved and addresses dialled; tests bring their own."""

    resolve: Resolve = resolve
    dial: Dial = dial


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves once, checks every address, dials one it checked, and says how far it came.

    `line` holds the connection. `begun` is how the reply begins, up to 4 KiB of raw bytes.
    `is_asked`: a connection had to be made.
    """

    def __init__(self, network: Network, *, allow_private: bool) -> None:
        self.line = Line()
        self.begun = bytearray()
        self.is_asked = False
        self.is_resolving = False
        self._network, self._allow_private = network, allow_private

    def begin(self) -> None:
        """Forget the exchange before."""
        self.is_asked = self.is_resolving = False
        self.begun.clear()

    def went_stale(self, error: NoAnswerError) -> bool:
        """Whether a connection that served before was closed meanwhile, with nothing heard on it.

        What was sent may then be sent once more on a new one. It may have been taken all the same.
        """
        waited = error.cause in (Cause.SLOW, Cause.STOPPED)
        return not (waited or self.is_asked or self.begun)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        self.is_asked = True
        return self.line.aside(partial(self._connect, host, port))

    def _connect(self, host: str, port: int) -> httpcore.NetworkStream:
        addresses = self._addresses(host, port)
        if not self._allow_private:
            for address in addresses:
                vet(address)
        # A dead first address may not eat the time of the others.
        share = self.line.left() / len(addresses)
        for address in addresses[:-1]:
            try:
                return self._dial(address, port, share)
            except (httpcore.ConnectError, httpcore.ConnectTimeout):
                continue
        return self._dial(addresses[-1], port, share)

    def _addresses(self, host: str, port: int) -> list[str]:
        self.is_resolving = True
        try:
            addresses = self._network.resolve(host, port)
        except (OSError, UnicodeError) as error:
            raise unresolved(error) from None
        self.is_resolving = False
        if not addresses:
            raise NoAnswerError(Cause.UNRESOLVED)
        return addresses

    def _dial(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        if not self.line.left():
            # Nobody waits any more: what goes out now would go out twice.
            raise httpcore.ConnectTimeout
        stream = self._network.dial(address, port, timeout)
        connection = stream.get_extra_info("socket")
        if isinstance(connection, socket.socket):
            self.line.hold(connection)
        return _Stream(stream, self)


class _Stream(httpcore.NetworkStream):
    """A stream that remembers how the reply began, and tells when it is closed."""

    def __init__(self, inner: httpcore.NetworkStream, backend: GuardedBackend) -> None:
        self._inner, self._backend = inner, backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._inner.read(max_bytes, timeout)
        begun = self._backend.begun
        begun += data[: _MAX_BEGUN - len(begun)]
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._inner.write(buffer, timeout)

    def close(self) -> None:
        self._inner.close()
        self._backend.line.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout), self._backend)

    def get_extra_info(self, info: str) -> object:
        return self._certificate_ends if info == ENDS else self._inner.get_extra_info(info)

    @cached_property
    def _certificate_ends(self) -> datetime | None:
        """Read once for many exchanges: it takes a tenth of one."""
        return end_of(self._inner.get_extra_info("ssl_object"))
