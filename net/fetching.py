"""The way to a gateway: one GET whose body is read as it comes, within one total deadline.

The environment's proxies are not looked at, redirects are not followed, nothing is decompressed.
"""

import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import httpx

from pricetrail.catalog.errors import PricetrailError
from pricetrail.net.deadline import Line, within
from pricetrail.net.headers import HEADERS
from pricetrail.net.no_answer import Cause, NoAnswerError, no_answer
from pricetrail.net.trust import trust

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
    with closing(Line()) as line:
        return within(seconds, line, partial(_exchange, request, read, seconds, line), stopping)


def _exchange(request: Request, read: Callable[[Reply], T], seconds: float, line: Line) -> T:
    headers = {**HEADERS, "Connection": "close", **request.headers}
    try:
        with (
            _client(request, seconds) as client,
            client.stream(
                "GET", request.url, headers=headers, extensions={"trace": line.trace}
            ) as response,
        ):
            return read(Reply(response.status_code, dict(response.headers), _parts(response)))
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise NoAnswerError(Cause.BAD_URL) from None
    except (httpx.HTTPError, OSError) as error:
        raise no_answer(error) from None


def _parts(response: httpx.Response) -> Iterator[bytes]:
    try:
        yield from response.iter_raw()
    except (httpx.RemoteProtocolError, httpx.ReadError):
        raise BrokenOffError from None


def _client(request: Request, seconds: float) -> httpx.Client:
    encrypted = request.url.startswith("https:") or request.proxy is not None
    context = trust(request.ca_file) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    proxy = None
    if request.proxy is not None:
        own = context if request.proxy.startswith("https:") else None
        proxy = httpx.Proxy(request.proxy, ssl_context=own)
    return httpx.Client(
        verify=context, proxy=proxy, trust_env=False, follow_redirects=False, timeout=seconds
    )
