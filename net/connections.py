"""One request after another over a vetted connection, each within its total deadline."""

import ssl
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache

import httpcore
import httpx
from httpx import Headers, Response

from pricetrail.net.deadline import within
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import Cause, NoAnswerError, named
from pricetrail.net.trust import trust

__all__ = ["Connection", "Headers", "Response"]

_ALWAYS = (
    ("Accept", "*/*"),
    # Nothing compressed is asked for: a few hundred bytes can grow to many megabytes (fault 9).
    ("Accept-Encoding", "identity"),
    ("Connection", "keep-alive"),
    ("User-Agent", "pricetrail"),
)


class Connection:
    """The way to one URL; what fails on it closes it for good.

    Proxies of the environment, redirects and cookies do not exist here.

    Args:
        allow_private: whether it may lead into a network of our own.
        network: how names are resolved and addresses dialled.
        proxy: the only proxy used, an address of http(s).
        ca_file: the only authorities trusted; None: the machine's.

    Raises:
        NoAnswerError: the URL or `ca_file` cannot be read.
    """

    def __init__(
        self,
        url: str,
        *,
        allow_private: bool,
        network: Network | None = None,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        self._url = read_url(url)
        context = trust(ca_file) if self._url.scheme == "https" or proxy else None
        self.backend = GuardedBackend(network or Network(), allow_private=allow_private)
        self._pool = _pool(self.backend, context, proxy)

    @property
    def is_open(self) -> bool:
        """Whether another exchange can go over the connection that the last one went over.

        Not where bytes came that nobody asked for: they would be taken for the next answer.
        """
        return any(_is_idle(one) for one in self._pool.connections)

    def close(self) -> None:
        """Hang up."""
        self._pool.close()
        self.backend.line.close()

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    @contextmanager
    def exchange(
        self,
        method: str,
        headers: dict[str, str],
        *,
        seconds: float,
        body: bytes | None = None,
        stopping: threading.Event | None = None,
        url: httpx.URL | None = None,
    ) -> Iterator[Response]:
        """Send a request and give the answer, whose `iter_raw` reads the body as it comes.

        `seconds` is the total, the reading included; `stopping` as in `deadline.within`; `url`
        another address of the same scheme, host and port.

        Raises:
            NoAnswerError: there is no whole answer; GuardError: see `dialling`.
        """
        try:
            with within(seconds, self.backend.line, stopping):
                answer = self._asked(method, url or self._url, headers, body)
                with closing(answer):
                    yield answer
                    if answer.status_code == 304 and not answer.is_stream_consumed:
                        # There is nothing to come, and what is read to its end can be kept.
                        deque(answer.iter_raw(), maxlen=0)
        except BaseException:  # an answer that was read in part leaves no connection to use again
            self.close()
            raise

    def _asked(
        self, method: str, url: httpx.URL, headers: dict[str, str], body: bytes | None
    ) -> Response:
        # Not by the library's own client: its cookies and redirects are not wanted, and cost much.
        asked = httpcore.Request(
            method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=_headers(url, headers, body),
            content=body,
        )
        with named():
            answer = self._pool.handle_request(asked)
        return Response(
            answer.status,
            headers=answer.headers,
            stream=_Body(answer),
            extensions={"network_stream": answer.extensions.get("network_stream")},
        )


# Most sources of a gateway have one address.
@lru_cache(maxsize=1024)
def read_url(url: str) -> httpx.URL:
    """An address as it is asked for.

    Raises:
        NoAnswerError: it cannot be read.
    """
    try:
        return httpx.URL(url)
    except httpx.InvalidURL:
        raise NoAnswerError(Cause.BAD_URL) from None


def _headers(
    url: httpx.URL, given: dict[str, str], body: bytes | None
) -> list[tuple[bytes, bytes]]:
    """All that goes out: what the caller gives takes the place of ours."""
    ours = [("Host", url.netloc.decode("ascii")), *_ALWAYS]
    if body is not None:
        ours.append(("Content-Length", str(len(body))))
    taken = {name.lower() for name in given}
    left = [(name, value) for name, value in ours if name.lower() not in taken]
    return [
        (name.encode("ascii"), value.encode("ascii")) for name, value in [*left, *given.items()]
    ]


def _is_idle(connection: object) -> bool:
    # Behind a proxy there is one within another. What came unasked is nowhere to be had but in
    # the parser; a library that keeps it elsewhere by then makes no connection fit to be kept.
    while (inner := getattr(connection, "_connection", None)) is not None:
        connection = inner
    parser = getattr(connection, "_h11_state", None)
    is_idle = isinstance(connection, httpcore.ConnectionInterface) and connection.is_idle()
    return is_idle and parser is not None and parser.trailing_data == (b"", False)


def _pool(
    backend: GuardedBackend, context: ssl.SSLContext | None, proxy: str | None
) -> httpcore.ConnectionPool:
    if proxy is None:
        return httpcore.ConnectionPool(
            ssl_context=context, network_backend=backend, max_connections=1
        )
    by = httpx.Proxy(proxy)
    return httpcore.HTTPProxy(
        str(by.url),
        proxy_auth=by.raw_auth,
        ssl_context=context,
        proxy_ssl_context=context if by.url.scheme == "https" else None,
        network_backend=backend,
    )


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with named():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
