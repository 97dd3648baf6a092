"""The gateway client: one catalog as bytes, or one clear reason why there is none.

How long it may take, and how often it is tried, is bounded here; what came is judged by
`gateway_reading`.
"""

import logging
import random
import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from urllib.parse import urlsplit

import httpx
import stamina

from pricetrail.catalog.masking import Masker
from pricetrail.jobs.polls import gateway_errors
from pricetrail.jobs.polls.gateway_errors import GatewayError
from pricetrail.jobs.polls.gateway_reading import Answer, read, sendable
from pricetrail.jobs.source import Source
from pricetrail.jobs.source_secrets import masker_of
from pricetrail.net.deadline import CutShortError, Line, OutOfTimeError, within

__all__ = ["Answer", "GatewayError", "Sleep", "fetch"]

Sleep = Callable[[float], object]

ATTEMPTS = 4
_FIRST_WAIT, _SHORTEST = 0.5, 0.1

log = logging.getLogger(__name__)

# httpx logs whole URLs at INFO; stamina repeats as a warning what is logged here.
logging.getLogger("httpx").setLevel(logging.WARNING)
logging.getLogger("httpcore").setLevel(logging.WARNING)
logging.getLogger("stamina").setLevel(logging.ERROR)


def fetch(
    source: Source,
    etag: str | None = None,
    *,
    give_up_at: float | None = None,
    sleep: Sleep = time.sleep,
    stopping: threading.Event | None = None,
) -> Answer:
    """Get a source's catalog, trying up to 4 times where that can help.

    Args:
        etag: of the body that is known, where the same key got it.
        give_up_at: when the slot ends, on `time.monotonic`; no try begins or lasts beyond it, and
            `Retry-After` is honoured up to it. Without one everything fits in one `deadline`.
        sleep: waits so many seconds between tries; a true result (`threading.Event.wait`)
            means that the process is to end, and there is no further try.
        stopping: set when the process is to end: a try under way has 5 more seconds then.

    Raises:
        GatewayError: there is no catalog; neither the key nor the URL's query is in its text.
    """
    end = time.monotonic() + source.deadline.total_seconds() if give_up_at is None else give_up_at
    patience = _Patience(source, end, sleep)
    for attempt in stamina.retry_context(on=patience, attempts=ATTEMPTS, timeout=None):
        with attempt:
            return _attempt(source, etag, end, stopping)
    raise AssertionError("the last attempt returns or raises")


class _Patience:
    """Decides after a failure whether to try again, and waits for it."""

    def __init__(self, source: Source, end: float, sleep: Sleep) -> None:
        self.source = source
        self.end = end
        self.sleep = sleep
        self.failures = 0

    def __call__(self, error: Exception) -> bool | float:
        self.failures += 1
        if not isinstance(error, GatewayError) or not error.retry or self.failures >= ATTEMPTS:
            return False
        pause = _FIRST_WAIT * 2 ** (self.failures - 1) * random.uniform(0.8, 1.2)  # noqa: S311 - no secret
        if error.retry_after is not None:
            pause = max(pause, error.retry_after.total_seconds())
        if time.monotonic() + pause >= self.end:
            return False
        log.info("%s: %s; trying again in %.1f s", self.source.name, error, pause)
        # The waiting is done here, as stamina has no way to be woken; it then waits no more.
        return False if self.sleep(pause) else 0.0


def _attempt(
    source: Source, etag: str | None, end: float, stopping: threading.Event | None
) -> Answer:
    left = min(source.deadline.total_seconds(), end - time.monotonic())
    seconds = max(left, _SHORTEST)
    where = _where(source.url)
    try:
        return within(seconds, lambda line: _exchange(source, etag, seconds, line), stopping)
    except CutShortError:
        raise GatewayError(f"stopped while it waited for an answer from {where}") from None
    except (OutOfTimeError, httpx.TimeoutException):
        text = f"no complete answer from {where} within {seconds:.3g} s (deadline)"
        raise GatewayError(text, retry=True) from None
    except httpx.ProxyError:
        raise GatewayError("the proxy does not let us through: check proxy", retry=True) from None
    except httpx.RemoteProtocolError:
        text = f"what came from {where} is not HTTP, or broke off before its first line ended"
        raise GatewayError(text, retry=True) from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, UnicodeError):
        raise GatewayError("the address cannot be used: check url") from None
    except (httpx.HTTPError, OSError) as error:
        raise gateway_errors.unreachable(where, error) from None


def _where(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.hostname}:{port}"


def _exchange(source: Source, etag: str | None, seconds: float, line: Line) -> Answer:
    asked = sendable(etag)
    masker = masker_of(source)
    with (
        _client(source, seconds) as client,
        client.stream(
            "GET", source.url, headers=_headers(source, asked), extensions={"trace": line.trace}
        ) as response,
    ):
        # From here on nothing that the answer says holds a secret of ours.
        response.headers = _masked(response.headers, masker)
        date = gateway_errors.gateway_time(
            response.headers.get("date", ""), response.headers.get("age", "")
        )
        try:
            return replace(read(response, source, asked, masker), date=date)
        except GatewayError as error:
            error.date = date
            raise


def _masked(headers: httpx.Headers, masker: Masker) -> httpx.Headers:
    return httpx.Headers([(name, masker.mask(value)) for name, value in headers.raw])


def _client(source: Source, seconds: float) -> httpx.Client:
    encrypted = source.url.startswith("https:") or source.proxy is not None
    context = _trust(source.ca_file) if encrypted else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    proxy = None
    if source.proxy is not None:
        own = context if source.proxy.startswith("https:") else None
        proxy = httpx.Proxy(source.proxy, ssl_context=own)
    return httpx.Client(
        verify=context, proxy=proxy, trust_env=False, follow_redirects=False, timeout=seconds
    )


def _trust(ca_file: str | None) -> ssl.SSLContext:
    if ca_file is None:
        return _usual_trust()
    try:
        return ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError):
        raise GatewayError("the file of certificates cannot be read: check ca_file") from None


@cache
def _usual_trust() -> ssl.SSLContext:
    """The machine's own authorities together with certifi's; made once, it costs 20 ms."""
    context = httpx.create_ssl_context(trust_env=False)
    context.load_default_certs()
    return context


def _headers(source: Source, etag: str | None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "pricetrail",
    }
    if source.auth == "bearer":
        headers["Authorization"] = f"Bearer {source.api_key}"
    else:
        headers["x-api-key"] = source.api_key
    if etag is not None:
        headers["If-None-Match"] = etag
    return headers
