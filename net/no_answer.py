"""Why nobody answered, as one of a few causes, whatever the library called it."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum

import httpcore

from pricetrail.catalog.errors import PricetrailError
from pricetrail.net.tls_errors import TlsProblem, tls_problem


class Cause(Enum):
    """What stood between a request and its answer, in words that name neither host nor URL."""

    BAD_URL = "the address cannot be used"
    AUTHORITIES = "the file of certificates cannot be read"
    UNRESOLVED = "the host name does not resolve"
    REFUSED = "the connection was refused"
    PROXY = "the proxy does not let us through"
    TLS = "TLS"
    BROKEN = "the connection broke before an answer"
    UNREACHABLE = "no connection could be made"
    NOT_HTTP = "the answer is not HTTP, or broke off before its status"
    SLOW = "no answer in time"
    STOPPED = "stopped while it waited for an answer"


_HOPELESS = {Cause.BAD_URL, Cause.AUTHORITIES, Cause.STOPPED}
_LIBRARYS = {
    httpcore.TimeoutException: Cause.SLOW,
    httpcore.ProxyError: Cause.PROXY,
    httpcore.ProtocolError: Cause.NOT_HTTP,
    httpcore.UnsupportedProtocol: Cause.BAD_URL,
}
_FAILED = (httpcore.NetworkError, *_LIBRARYS)
# "Unknown name" is an answer; anything else is a resolver that may be back in a moment.
_UNKNOWN_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


class NoAnswerError(PricetrailError):
    """A request without an answer; `retry`: whether another try soon can help.

    `tls` is what is wrong with TLS, where that is the cause. The text holds neither the host, nor
    the URL, nor a library's own text.
    """

    def __init__(
        self, cause: Cause, *, retry: bool | None = None, tls: TlsProblem | None = None
    ) -> None:
        super().__init__(f"{cause.value}: {tls.value}" if tls else cause.value)
        self.cause = cause
        self.retry = cause not in _HOPELESS if retry is None else retry
        self.tls = tls


@contextmanager
def named() -> Iterator[None]:
    """Raise what fails in the body of the library's by its cause, as `NoAnswerError`."""
    try:
        yield
    except _FAILED as error:
        raise no_answer(error) from None


def no_answer(error: BaseException) -> NoAnswerError:
    """Name the cause of a library's error: its kind, or the operating system's error under it."""
    causes = list(_causes(error))
    for known in causes:
        if isinstance(known, NoAnswerError):
            return known
    for kind, cause in _LIBRARYS.items():
        if any(isinstance(known, kind) for known in causes):
            return NoAnswerError(cause)
    named = filter(None, map(_of_system, causes))
    return next(named, NoAnswerError(Cause.UNREACHABLE))


def unresolved(error: OSError | UnicodeError) -> NoAnswerError:
    """A host that the system's resolver gave no address for."""
    retry = isinstance(error, OSError) and error.errno not in _UNKNOWN_NAME
    return NoAnswerError(Cause.UNRESOLVED, retry=retry)


def _of_system(error: BaseException) -> NoAnswerError | None:
    match error:
        case ssl.SSLError():
            problem = tls_problem(error)
            retry = problem is TlsProblem.BROKE_OFF
            return NoAnswerError(Cause.TLS, retry=retry, tls=problem)
        case socket.gaierror():
            return unresolved(error)
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
