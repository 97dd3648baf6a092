"""The way to a gateway: one GET whose body is read as it comes, within one total deadline.

The environment's proxies are not looked at, redirects are not followed, nothing is decompressed.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

import httpcore

from pricetrail.catalog.errors import PricetrailError
from pricetrail.net.connections import Connection, headers_of
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import CLOSED, FAILED, Cause, NoAnswerError, no_answer
from pricetrail.net.ssrf import GuardError, target

T = TypeVar("T")


class BrokenOffError(PricetrailError):
    """The connection ended in the middle of the body."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, of whom; `ca_file`: the only authorities trusted, None: the machine's."""

    url: str
    headers: Mapping[str, str]
    proxy: str | None = None
    ca_file: str | None = None


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose body is still to come: header names in lower case, raw `parts`."""

    status: int
    headers: Mapping[str, str]
    parts: Iterator[bytes]


def get(
    request: Request,
    read: Callable[[Reply], T],
    *,
    seconds: float,
    stopping: threading.Event | None = None,
) -> T:
    """Give what `read` makes of the answer, or raise what it raises.

    Args:
        seconds: the total, from the look-up of the name to the last byte.
        stopping: set when the process is to end; 5 more seconds are left then.

    Raises:
        NoAnswerError: there is none, or it did not come whole in time.
        BrokenOffError: raised to `read` where the body breaks off.
    """
    # Whoever configures a gateway may well mean one inside: see `ssrf.is_inside`.
    backend = GuardedBackend(Network(), allow_private=True)
    headers = {"Connection": "close", **request.headers}
    try:
        to = target(request.url, allow_private=True)
        connection = Connection(to, backend, proxy=request.proxy, ca_file=request.ca_file)
        result = connection.request(
            "GET",
            headers,
            lambda response: read(Reply(response.status, headers_of(response), _parts(response))),
            timeout=seconds,
            stopping=stopping,
        )
    except GuardError:
        raise NoAnswerError(Cause.BAD_URL) from None
    except FAILED as error:
        raise no_answer(error) from None
    connection.close()
    return result


def _parts(response: httpcore.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_stream()
    except CLOSED:
        raise BrokenOffError from None
