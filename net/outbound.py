"""The way out to receivers: one POST over a vetted connection, within one total deadline.

Environment proxies, redirects and cookies do not exist at this level.
"""

import re
import time
from dataclasses import dataclass, field, replace
from functools import partial

import httpcore

from pricetrail.net.answer import Answer
from pricetrail.net.deadline import within
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.headers import HEADERS
from pricetrail.net.no_answer import Cause, NoAnswerError, no_answer
from pricetrail.net.ssrf import Target
from pricetrail.net.trust import trust

MAX_REPLY = 4096
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-9][0-9]{2})[ \r][^\n]*\n?")


_CLOSED = (httpcore.NetworkError, httpcore.ProtocolError)
_FAILED = (*_CLOSED, httpcore.TimeoutException, NoAnswerError)


class _StaleError(Exception):
    """A connection that served before was closed meanwhile, with nothing heard on it."""


@dataclass(slots=True)
class _Reply:
    """What has come of an answer so far, for the thread that waits for it."""

    head: Answer | None = None
    body: bytearray = field(default_factory=bytearray)

    def answer(self, *, cut: bool) -> Answer | None:
        return self.head and replace(self.head, body=bytes(self.body), cut=cut)


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
        self._connection: _Connection | None = None

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
        kept = "keep-alive" if self.lasting else "close"
        request = _Request(target, {**HEADERS, **headers, "Connection": kept}, body)
        end = time.monotonic() + timeout
        try:
            return self._post(request, timeout, allow_private=allow_private)
        except _StaleError:
            left = end - time.monotonic()
            return self._post(request, left, allow_private=allow_private)

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Route":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _post(self, request: "_Request", timeout: float, *, allow_private: bool) -> Answer:
        target = request.target
        to = (target.scheme, target.host, target.port, allow_private)
        if self._connection is None or self._to != to:
            self.close()
            self._to = to
            self._connection = _Connection(self.network, target, allow_private=allow_private)
        connection, self._connection = self._connection, None
        answer = connection.post(request, timeout)
        if not answer.cut:
            # In any other state nothing else goes over it.
            self._connection = connection
        return answer


@dataclass(frozen=True, slots=True)
class _Request:
    target: Target
    headers: dict[str, str]
    body: bytes

    @property
    def url(self) -> httpcore.URL:
        to = self.target
        return httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.path)

    @property
    def all_headers(self) -> list[tuple[str, str]]:
        return [("Host", _host_header(self.target)), *self.headers.items()]


class _Connection:
    """A connection to one receiver; after a failure or a cut answer it has closed itself."""

    def __init__(self, network: Network, target: Target, *, allow_private: bool) -> None:
        self._backend = GuardedBackend(network, allow_private=allow_private)
        self._pool = httpcore.ConnectionPool(
            ssl_context=trust() if target.scheme == "https" else None,
            network_backend=self._backend,
            max_connections=1,
        )

    def close(self) -> None:
        self._pool.close()
        # Where TLS fails, the library closes the connection without a word to its stream.
        self._backend.line.close()

    def post(self, request: _Request, timeout: float) -> Answer:
        """Post once. Raises `_StaleError`, `NoAnswerError` or `GuardError`."""
        backend, reply = self._backend, _Reply()
        backend.is_asked = False
        backend.begun.clear()
        try:
            exchange = partial(self._exchange, request, timeout, reply)
            return within(timeout, backend.line, exchange)
        except _FAILED as error:
            answer = reply.answer(cut=True) or _begun(bytes(backend.begun))
            if answer is not None:
                return answer
            if isinstance(error, _CLOSED) and not backend.is_asked and not backend.begun:
                raise _StaleError from None
            raise self._named(error) from None

    def _exchange(self, request: _Request, timeout: float, reply: _Reply) -> Answer:
        try:
            with self._pool.stream(
                "POST",
                request.url,
                headers=request.all_headers,
                content=request.body,
                extensions={"timeout": {"connect": timeout}},
            ) as response:
                reply.head = Answer(response.status, _decoded(response.headers))
                for chunk in response.iter_stream():
                    reply.body += chunk[: MAX_REPLY - len(reply.body)]
                    if len(reply.body) >= MAX_REPLY:
                        break
            return replace(reply.head, body=bytes(reply.body))
        except BaseException:
            self.close()
            raise

    def _named(self, error: Exception) -> NoAnswerError:
        named = no_answer(error)
        if named.cause is Cause.SLOW and self._backend.is_resolving:
            return NoAnswerError(Cause.UNRESOLVED)
        return named


def _begun(raw: bytes) -> Answer | None:
    status = _STATUS_LINE.match(raw)
    return Answer(int(status[1]), cut=True) if status else None


def _decoded(headers: list[tuple[bytes, bytes]]) -> dict[str, str]:
    return {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in headers}


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"
