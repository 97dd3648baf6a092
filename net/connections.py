"""One request after another over a vetted connection, each within its total deadline."""

import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpcore
import httpx
from httpx import Headers, Response

from pricetrail.net.deadline import within
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import Cause, NoAnswerError, named
from pricetrail.net.trust import trust

__all__ = ["Connection", "Headers", "Response"]

# Nothing compressed is asked for: a few hundred bytes can grow to many megabytes (fault 9).
_HEADERS = {"User-Agent": "pricetrail", "Accept-Encoding": "identity"}


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
        try:
            self._url = httpx.URL(url)
        except httpx.InvalidURL:
            raise NoAnswerError(Cause.BAD_URL) from None
        context = trust(ca_file) if self._url.scheme == "https" or proxy else None
        self.backend = GuardedBackend(network or Network(), allow_private=allow_private)
        self._client = httpx.Client(
            transport=_Transport(_pool(self.backend, context, proxy)),
            headers=_HEADERS,
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            follow_redirects=False,
            timeout=None,  # noqa: S113 - `within` bounds the whole
            trust_env=False,
        )

    def close(self) -> None:
        """Hang up."""
        self._client.close()
        self.backend.line.end()

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
    ) -> Iterator[Response]:
        """Send a request and give the answer, whose `iter_raw` reads the body as it comes.

        `seconds` is the total, the reading included; `stopping` as in `deadline.within`.

        Raises:
            NoAnswerError: there is no whole answer; GuardError: see `dialling`.
        """
        try:
            with (
                within(seconds, self.backend.line, stopping),
                self._client.stream(method, self._url, headers=headers, content=body) as response,
            ):
                yield response
        except BaseException:  # an answer that was read in part leaves no connection to use again
            self.close()
            raise


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


class _Transport(httpx.BaseTransport):
    """The client's way onto a pool of vetted connections: httpx's own takes no backend."""

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool

    def handle_request(self, request: httpx.Request) -> Response:
        url = request.url
        asked = httpcore.Request(
            request.method,
            httpcore.URL(
                scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path
            ),
            headers=request.headers.raw,
            content=request.read(),
        )
        with named():
            answer = self._pool.handle_request(asked)
        # Where it follows none either, the client fails at a redirect to what is no URL.
        headers = [header for header in answer.headers if header[0].lower() != b"location"]
        return Response(
            answer.status,
            headers=headers,
            stream=_Body(answer),
            extensions={"network_stream": answer.extensions.get("network_stream")},
        )

    def close(self) -> None:
        self._pool.close()


class _Body(httpx.SyncByteStream):
    def __init__(self, answer: httpcore.Response) -> None:
        self._answer = answer

    def __iter__(self) -> Iterator[bytes]:
        with named():
            yield from self._answer.iter_stream()

    def close(self) -> None:
        self._answer.close()
