"""What goes wrong between us and a gateway, each in one line that names the remedy."""

import re
import socket
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from pricetrail.catalog.errors import PricetrailError

# X509_V_ERR_* of OpenSSL's x509_vfy.h.
_CERTIFICATES = {
    9: "the certificate is not valid yet: check this machine's clock",
    10: "the certificate has expired, unless this machine's clock is ahead: look at the clock, "
    "then ask the gateway's operator to renew it",
    18: "the certificate is self-signed: name it in ca_file if it is meant",
    19: "the certificate's authority is not trusted here: name it in ca_file if it is meant",
    20: "the certificate's authority is not known here: name it in ca_file if it is meant",
    62: "the certificate is for another host: check url",
    64: "the certificate is for another address: check url",
}
_TRANSIENT = {408, 425, 429}
_LONGEST = 10**9


class GatewayError(PricetrailError):
    """A fetch that gave no catalog; `retry`: whether another try in the same slot can help.

    `status` is the HTTP status where there was one, `retry_after` what the gateway asked for,
    `date` what time it is by the gateway's clock.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        status: int | None = None,
        retry_after: timedelta | None = None,
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.status = status
        self.retry_after = retry_after
        self.date: datetime | None = None


def refused(status: int, wait: timedelta | None = None) -> GatewayError:
    """What an HTTP status other than 200 and 304 means (faults 22, 23)."""
    text = _STATUSES.get(status)
    if status in (401, 403):
        text = f"the key is not accepted (HTTP {status}): check api_key and auth"
    elif text is None and status >= 500:
        text = f"the gateway has a problem of its own (HTTP {status})"
    elif text is None:
        text = f"HTTP {status} instead of a catalog: check url"
    if wait:
        text += f"; it asks to wait {_seconds(wait)} s"
    retry = status in _TRANSIENT or status >= 500
    return GatewayError(text, retry=retry, status=status, retry_after=wait)


_STATUSES = {
    404: "there is no catalog at this address (HTTP 404): check url",
    405: "this address does not take GET (HTTP 405): check url",
    407: "the proxy does not let us through (HTTP 407): check proxy",
    429: "too many requests (HTTP 429): poll less often",
}


def retry_after(value: str, date: str = "") -> timedelta | None:
    """`Retry-After` as seconds or as an HTTP date; rubbish, and what is past, is `None`.

    `date` is the answer's own `Date`, which a date is reckoned from: the clocks may differ.
    """
    text = value.strip()
    if re.fullmatch(r"[0-9]{1,15}", text, re.ASCII):
        return timedelta(seconds=min(int(text), _LONGEST)) or None
    moment = _http_date(text)
    if moment is None:
        return None
    wait = moment - (_http_date(date) or datetime.now(UTC))
    return wait if wait > timedelta(0) else None


def gateway_time(date: str, age: str) -> datetime | None:
    """What time it is by the gateway's clock: its `Date`, and for how long a cache has had it.

    None where it gives none that can be read; an `Age` that cannot be read is left out.
    """
    moment = _http_date(date.strip())
    if moment is None:
        return None
    seconds = int(age) if re.fullmatch(r"[0-9]{1,9}", age.strip(), re.ASCII) else 0
    try:
        return moment.astimezone(UTC) + timedelta(seconds=seconds)
    except OverflowError:
        return None


def _http_date(text: str) -> datetime | None:
    if not re.match(r"[A-Za-z]{3}", text):
        return None
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def unreachable(where: str, error: BaseException) -> GatewayError:
    """Why no answer came, from the operating system's own error under a library's.

    `where` is the host and port; an error's own text is not repeated, it may hold the URL.
    """
    for cause in _causes(error):
        if isinstance(cause, ssl.SSLError):
            return _no_tls(where, cause)
        if isinstance(cause, socket.gaierror):
            return _unresolved(where, cause)
        if isinstance(cause, ConnectionRefusedError):
            text = f"{where} refuses the connection: check url, and that the gateway runs"
            return GatewayError(text, retry=True)
        if isinstance(cause, ConnectionError):
            return GatewayError(f"{where} broke the connection before its answer", retry=True)
        if isinstance(cause, TimeoutError):
            return GatewayError(f"{where} does not answer: check url and the network", retry=True)
    return GatewayError(f"{where} cannot be reached: check url and the network", retry=True)


def _causes(error: BaseException) -> Iterator[BaseException]:
    cause: BaseException | None = error
    while cause is not None:
        yield cause
        cause = cause.__cause__ or cause.__context__


def _no_tls(where: str, error: ssl.SSLError) -> GatewayError:
    if isinstance(error, ssl.SSLCertVerificationError):
        problem = _CERTIFICATES.get(error.verify_code, "the certificate is not accepted")
        return GatewayError(f"TLS to {where}: {problem}")
    if isinstance(error, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return GatewayError(f"TLS to {where}: the connection broke off", retry=True)
    return GatewayError(f"TLS to {where}: no secure connection could be made: check url and port")


def _unresolved(where: str, error: socket.gaierror) -> GatewayError:
    # "Unknown name" is an answer; anything else is a resolver that may be back in a moment.
    known = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}
    host = where.rpartition(":")[0]
    return GatewayError(
        f"the host name {host} cannot be resolved: check url and the network",
        retry=error.errno not in known,
    )


def _seconds(wait: timedelta) -> int:
    return -int(-wait.total_seconds() // 1)
