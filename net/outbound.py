"""The way out to receivers: one POST over a vetted connection, within one total deadline."""

import re
import time
from dataclasses import replace

from pricetrail.net.answer import Answer
from pricetrail.net.connections import Connection
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import Cause, NoAnswerError

MAX_REPLY = 4096
_STATUS_LINE = re.compile(rb"HTTP/1\.[01] ([2-9][0-9]{2})[ \r][^\n]*\n?")


class _StaleError(Exception):
    """A connection that served before was closed meanwhile, with nothing heard on it."""


class Route:
    """The way to one receiver: its connection serves message after message until it is closed.

    Args:
        network: how names are resolved and addresses dialled.
        lasting: whether the receiver is to keep the connection open for the next message.
    """

    def __init__(self, network: Network, *, lasting: bool = False) -> None:
        self.network = network
        self.lasting = lasting
        self._to: tuple[str, bool] | None = None
        self._connection: Connection | None = None

    def send(
        self,
        url: str,
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
            GuardError: the URL, or an address that its host resolves to, is refused.
            NoAnswerError: no address, no connection, no TLS, no HTTP, or no time.
        """
        headers = {**headers, "Connection": "keep-alive" if self.lasting else "close"}
        end = time.monotonic() + timeout
        try:
            connection = self._opened(url, allow_private=allow_private)
            return self._post(connection, headers, body, timeout)
        except _StaleError:
            connection = self._opened(url, allow_private=allow_private)
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

    def _opened(self, url: str, *, allow_private: bool) -> Connection:
        if self._connection is None or self._to != (url, allow_private):
            self.close()
            self._to = (url, allow_private)
            self._connection = Connection(url, allow_private=allow_private, network=self.network)
        return self._connection

    def _post(
        self, connection: Connection, headers: dict[str, str], body: bytes, timeout: float
    ) -> Answer:
        backend, answer = connection.backend, None
        backend.begin()
        self._connection = None
        try:
            with connection.exchange("POST", headers, seconds=timeout, body=body) as response:
                answer = Answer(response.status_code, dict(response.headers))
                for chunk in response.iter_raw():
                    answer = replace(answer, body=(answer.body + chunk)[:MAX_REPLY])
                    if len(answer.body) == MAX_REPLY:
                        break
        except NoAnswerError as error:
            return _cut(answer, backend, error)
        # Only in this state the next message goes over it.
        self._connection = connection
        return answer


def _cut(answer: Answer | None, backend: GuardedBackend, error: NoAnswerError) -> Answer:
    """What there is of an answer that broke off, its status line at the least, or why not."""
    status = _STATUS_LINE.match(backend.begun)
    if answer is None and status:
        answer = Answer(int(status[1]))
    if answer is not None:
        return replace(answer, cut=True)
    if error.cause is Cause.SLOW and backend.is_resolving:
        # A resolver that is out of time has no address for us.
        raise NoAnswerError(Cause.UNRESOLVED)
    if error.cause is not Cause.SLOW and not backend.is_asked and not backend.begun:
        raise _StaleError
    raise error
