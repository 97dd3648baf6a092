"""The way out to receivers: one POST over a vetted connection, within one total deadline."""

import re
import time
from dataclasses import replace

from pricetrail.net.answer import Answer
from pricetrail.net.connections import Connection
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.ssrf import check_url

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

    def __init__(
        self, url: str, network: Network, *, allow_private: bool, lasting: bool = False
    ) -> None:
        self._url, self._network, self._allow_private = url, network, allow_private
        self._keep = {"Connection": "keep-alive" if lasting else "close"}
        self._connection: Connection | None = None

    def send(self, headers: dict[str, str], body: bytes, *, timeout: float) -> Answer:
        """POST once. A reply that breaks off after its status line still is an answer, a `cut` one.

        A connection that served before may have been closed meanwhile: then the message goes out
        on a new one, as the first on it. `timeout` is the total, in seconds.

        Raises:
            GuardError: the URL, or an address that its host resolves to, is refused.
            NoAnswerError: no address, no connection, no TLS, no HTTP, or no time.
        """
        end = time.monotonic() + timeout
        try:
            return self._post(headers, body, timeout)
        except _StaleError:
            return self._post(headers, body, end - time.monotonic())

    def close(self) -> None:
        """Hang up."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def __enter__(self) -> "Route":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def _opened(self) -> Connection:
        check_url(self._url, allow_private=self._allow_private)
        return Connection(self._url, allow_private=self._allow_private, network=self._network)

    def _post(self, headers: dict[str, str], body: bytes, seconds: float) -> Answer:
        connection, self._connection = self._connection or self._opened(), None
        answer = None
        connection.backend.begin()
        try:
            with connection.exchange(
                "POST", headers | self._keep, seconds=seconds, body=body
            ) as response:
                answer = Answer(response.status_code, dict(response.headers))
                for chunk in response.iter_raw():
                    answer = replace(answer, body=(answer.body + chunk)[:MAX_REPLY])
                    if len(answer.body) == MAX_REPLY:
                        break
        except NoAnswerError as error:
            return _cut(answer, connection.backend, error)
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
    if backend.went_stale(error):
        raise _StaleError
    raise error
