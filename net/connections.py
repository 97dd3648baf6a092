"""One request after another over a vetted connection, each within its total deadline."""

import ssl
import threading
from collections.abc import Callable
from typing import TypeVar
from urllib.parse import unquote, urlsplit

import httpcore

from pricetrail.net.deadline import within
from pricetrail.net.dialling import GuardedBackend
from pricetrail.net.ssrf import Target
from pricetrail.net.trust import trust

T = TypeVar("T")

# Nothing compressed is asked for: a few hundred bytes can grow to many megabytes (fault 9).
_HEADERS = {"User-Agent": "pricetrail", "Accept-Encoding": "identity"}


class Connection:
    """The way to one target; what fails on it closes it.

    Args:
        proxy: the only proxy used, an address of http(s).
        ca_file: the only authorities trusted; None: the machine's.

    Raises:
        NoAnswerError: `ca_file` cannot be read.
    """

    def __init__(
        self,
        target: Target,
        backend: GuardedBackend,
        *,
        proxy: str | None = None,
        ca_file: str | None = None,
    ) -> None:
        self.backend = backend
        self._target = target
        context = trust(ca_file) if target.scheme == "https" or proxy else None
        if proxy is None:
            self._pool = httpcore.ConnectionPool(
                ssl_context=context, network_backend=backend, max_connections=1
            )
        else:
            self._pool = _through(proxy, context, backend)

    def close(self) -> None:
        """Hang up."""
        self._pool.close()
        # Where TLS fails, the library closes the connection without a word to its stream.
        self.backend.line.close()

    def request(
        self,
        method: str,
        headers: dict[str, str],
        read: Callable[[httpcore.Response], T],
        *,
        timeout: float,
        body: bytes | None = None,
        stopping: threading.Event | None = None,
    ) -> T:
        """Give what `read` makes of the answer, or raise what it raises.

        `timeout` is the total, in seconds; `stopping` as in `deadline.within`.

        Raises:
            NoAnswerError, GuardError: see `deadline.within`, `dialling`. httpcore.*: see FAILED.
        """
        to = self._target
        sent = {"Host": _host_header(to), **_HEADERS, **headers}

        def exchange() -> T:
            try:
                with self._pool.stream(
                    method,
                    httpcore.URL(scheme=to.scheme, host=to.host, port=to.port, target=to.path),
                    headers=list(sent.items()),
                    content=body,
                    extensions={"timeout": {"connect": timeout}},
                ) as response:
                    return read(response)
            except BaseException:
                self.close()
                raise

        return within(timeout, self.backend.line, exchange, stopping)


def headers_of(response: httpcore.Response) -> dict[str, str]:
    """The answer's headers, names in lower case; what comes twice is joined by commas."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = {"http": 80, "https": 443}[target.scheme]
    return host if target.port == usual else f"{host}:{target.port}"


def _through(
    proxy: str, context: ssl.SSLContext | None, backend: GuardedBackend
) -> httpcore.ConnectionPool:
    parts = urlsplit(proxy)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return httpcore.HTTPProxy(
        httpcore.URL(scheme=parts.scheme, host=parts.hostname or "", port=parts.port, target="/"),
        proxy_auth=(user.encode(), password.encode()) if user or password else None,
        ssl_context=context,
        proxy_ssl_context=context if parts.scheme == "https" else None,
        network_backend=backend,
    )
