"""The gateway client: one catalog as bytes, or one clear reason why there is none.

How long it may take, and how often it is tried, is bounded here; what came is judged by
`gateway_reading`.
"""

import logging
import random
import threading
import time
from collections.abc import Callable

from pricetrail.jobs.polls import gateway_reading
from pricetrail.jobs.polls.gateway_errors import GatewayError, unanswered
from pricetrail.jobs.polls.gateway_reading import Answer, sendable
from pricetrail.jobs.source import Source
from pricetrail.net.kept import KeptConnections
from pricetrail.net.no_answer import NoAnswerError
from pricetrail.text.log_fields import fields

__all__ = ["Answer", "GatewayError", "Sleep", "fetch"]

Sleep = Callable[[float], object]

ATTEMPTS = 4
_FIRST_WAIT, _SHORTEST = 0.5, 0.1

log = logging.getLogger(__name__)

# Of all sources: it is the hosts that matter.
_connections = KeptConnections()

# It repeats as a warning what is logged here.
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
    try:
        return _attempt(source, etag, end, stopping)
    except GatewayError as error:
        if patience(error) is False:
            raise
    # Only now: most polls are answered at the first attempt.
    import stamina  # noqa: PLC0415 - see above

    for attempt in stamina.retry_context(on=patience, attempts=ATTEMPTS - 1, timeout=None):
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
        log.info(
            "source %s: %s; trying again in %.1f s",
            self.source.name,
            error,
            pause,
            extra=fields(
                source=self.source.name,
                outcome="retry",
                status=error.status,
                error=str(error),
                wait_ms=round(1000 * pause),
            ),
        )
        # The waiting is done here, as stamina has no way to be woken; it then waits no more.
        return False if self.sleep(pause) else 0.0


def _attempt(
    source: Source, etag: str | None, end: float, stopping: threading.Event | None
) -> Answer:
    left = min(source.deadline.total_seconds(), end - time.monotonic())
    seconds = max(left, _SHORTEST)
    asked = sendable(etag)
    try:
        with _connections.exchange(
            source.url,
            "GET",
            _headers(source, asked),
            seconds=seconds,
            # Whoever configures a gateway may well mean one inside: see `ssrf.is_inside`.
            allow_private=True,
            proxy=source.proxy,
            ca_file=source.ca_file,
            stopping=stopping,
        ) as response:
            return gateway_reading.read(response, source, asked)
    except NoAnswerError as error:
        raise unanswered(error, source.host, seconds) from None


def _headers(source: Source, etag: str | None) -> dict[str, str]:
    headers = {"Accept": "application/json"}
    if source.auth == "bearer":
        headers["Authorization"] = f"Bearer {source.api_key}"
    elif source.auth == "x-api-key":
        headers["x-api-key"] = source.api_key
    if etag is not None:
        headers["If-None-Match"] = etag
    return headers
