"""The way out to receivers: one POST over a vetted connection, within one total deadline.

Environment proxies, redirects and cookies do not exist at this level.
"""

import re
import time
from dataclasses import dataclass, field, replace

import httpcore

from pricetrail.net.answer import Answer
from pricetrail.net.connections import Connection, headers_of
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import CLOSED, FAILED
from pricetrail.net.ssrf import Target

MAX_REPLY = 4096
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-9][0-9]{2})[ \r][^\n]*\n?")


class _StaleError(Exception):
    """A connection that served before was closed meanwhile, with nothing heard on it."""


@dataclass(slots=True)
class _Reply:
    """What has come of an answer so far, for the thread that waits for it."""

    head: Answer | None = None
    body: bytearray = field(default_factory=bytearray)

    def read(self, response: httpcore.Response) -> Answer:
        self.head = Answer(response.status, headers_of(response))
        for chunk in response.iter_stream():
            self.body += chunk[: MAX_REPLY - len(self.body)]
            if len(self.body) >= MAX_REPLY:
                break
        return replace(self.head, body=bytes(self.body))

    def cut(self, begun: bytearray) -> Answer | None:
        """What there is of an answer that broke off: its status line at the least."""
        if self.head is not None:
            return replace(self.head, body=bytes(self.body), cut=True)
        status = _STATUS_LINE.match(begun)
        return Answer(int(status[1]), cut=True) if status else None


class Route:
    """The way to one receiver: its connection serves message after message until it is closed.

    Args:
        network: how names are resolved and addresses dialled.
        lasting: whether the receiver is to keep the connection open for the next message.
    """

    def __init__(self, network: Network, *, lasting: bool = False) -> None:
        self.network = network
        self.lasting = lasting
        self._to: tuple[Target, bool] | None = None
        self._connection: Connection | None = None

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
        on a new one, as the first on it. `timeout` is the total, in seconds.

        Raises:
            GuardError: the host resolves to an address that is refused.
            NoAnswerError: no address, no connection, no TLS, no HTTP, or no time.
        """
        headers = {**headers, "Connection": "keep-alive" if self.lasting else "close"}
        end = time.monotonic() + timeout
        try:
            connection = self._opened(target, allow_private=allow_private)
            return self._post(connection, headers, body, timeout)
        except _StaleError:
            connection = self._opened(target, allow_private=allow_private)
            return self._post(connection, headers, body, end - time.monotonic())

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Route":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _opened(self, target: Target, *, allow_private: bool) -> Connection:
        if self._connection is None or self._to != (target, allow_private):
            self.close()
            self._to = (target, allow_private)
            backend = GuardedBackend(self.network, allow_private=allow_private)
            self._connection = Connection(target, backend)
        return self._connection

    def _post(
        self, connection: Connection, headers: dict[str, str], body: bytes, timeout: float
    ) -> Answer:
        backend, reply = connection.backend, _Reply()
        backend.begin()
        self._connection = None
        try:
            answer = connection.request("POST", headers, reply.read, timeout=timeout, body=body)
        except FAILED as error:
            cut = reply.cut(backend.begun)
            if cut is not None:
                return cut
            if isinstance(error, CLOSED) and not backend.is_asked and not backend.begun:
                raise _StaleError from None
            raise backend.named(error) from None
        # Only in this state the next message goes over it.
        self._connection = connection
        return answer
