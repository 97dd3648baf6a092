"""Why nobody answered, as one of a few causes, whatever the library called it."""

import socket
import ssl
from collections.abc import Iterator
from enum import Enum, auto

import httpcore

from pricetrail.catalog.errors import PricetrailError
from pricetrail.net.tls_errors import TlsProblem, tls_problem


class Cause(Enum):
    """What stood between a request and its answer."""

    BAD_URL = auto()
    AUTHORITIES = auto()
    UNRESOLVED = auto()
    REFUSED = auto()
    PROXY = auto()
    TLS = auto()
    BROKEN = auto()
    UNREACHABLE = auto()
    NOT_HTTP = auto()
    SLOW = auto()
    STOPPED = auto()


_HOPELESS = {Cause.BAD_URL, Cause.AUTHORITIES, Cause.STOPPED}
_LIBRARYS = {
    httpcore.TimeoutException: Cause.SLOW,
    httpcore.ProxyError: Cause.PROXY,
    httpcore.ProtocolError: Cause.NOT_HTTP,
}
# "Unknown name" is an answer; anything else is a resolver that may be back in a moment.
_UNKNOWN_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class NoAnswerError(PricetrailError):
    """A request without an answer; `retry`: whether another try soon can help.

    `tls` is what is wrong with TLS, where that is the cause. Nothing here holds the host, the
    URL or a library's own text.
    """

    def __init__(
        self, cause: Cause, *, retry: bool | None = None, tls: TlsProblem | None = None
    ) -> None:
        super().__init__(f"no answer: {cause.name.lower().replace('_', ' ')}")
        self.cause = cause
        self.retry = cause not in _HOPELESS if retry is None else retry
        self.tls = tls


def no_answer(error: BaseException) -> NoAnswerError:
    """Name the cause of a library's error: its kind, or the operating system's error under it."""
    causes = list(_causes(error))
    for one in causes:
        if isinstance(one, NoAnswerError):
            return one
    for kind, cause in _LIBRARYS.items():
        if any(isinstance(one, kind) for one in causes):
            return NoAnswerError(cause)
    named = filter(None, map(_of_system, causes))
    return next(named, NoAnswerError(Cause.UNREACHABLE))


def _of_system(error: BaseException) -> NoAnswerError | None:
    match error:
        case ssl.SSLError():
            problem = tls_problem(error)
            return NoAnswerError(Cause.TLS, retry=problem.retry, tls=problem)
        case socket.gaierror():
            return NoAnswerError(Cause.UNRESOLVED, retry=error.errno not in _UNKNOWN_NAME)
        case ConnectionRefusedError():
            return NoAnswerError(Cause.REFUSED)
        case ConnectionError():
            return NoAnswerError(Cause.BROKEN)
    return None


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__
