"""What goes wrong between us and a gateway, each in one line that names the remedy."""

from datetime import datetime, timedelta

from pricetrail.catalog.errors import PricetrailError
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.tls_errors import TlsProblem

_TRANSIENT = {408, 425, 429}
_STATUSES = {
    404: "there is no catalog at this address (HTTP 404): check url",
    405: "this address does not take GET (HTTP 405): check url",
    407: "the proxy does not let us through (HTTP 407): check proxy",
    429: "too many requests (HTTP 429): poll less often",
}
_WORDS = {
    Cause.BAD_URL: "the address cannot be used: check url",
    Cause.AUTHORITIES: "the file of certificates cannot be read: check ca_file",
    Cause.UNRESOLVED: "the host name {host} cannot be resolved: check url and the network",
    Cause.REFUSED: "{where} refuses the connection: check url, and that the gateway runs",
    Cause.PROXY: "the proxy does not let us through: check proxy",
    Cause.TLS: "TLS to {where}: {problem}",
    Cause.BROKEN: "{where} broke the connection before its answer",
    Cause.UNREACHABLE: "{where} cannot be reached: check url and the network",
    Cause.NOT_HTTP: "what came from {where} is not HTTP, or broke off before its first line ended",
    Cause.SLOW: "no complete answer from {where} within {seconds:.3g} s (deadline)",
    Cause.STOPPED: "stopped while it waited for an answer from {where}",
}
_TRUST = ": name it in ca_file if it is meant"
_REMEDIES = {
    TlsProblem.EXPIRED: ", unless this machine's clock is ahead: look at the clock, then ask "
    "the gateway's operator to renew it",
    TlsProblem.SELF_SIGNED: _TRUST,
    TlsProblem.UNTRUSTED: _TRUST,
    TlsProblem.UNKNOWN_AUTHORITY: _TRUST,
    TlsProblem.OTHER_HOST: ": check url",
    TlsProblem.NOT_SECURE: ": check url and port",
}


class GatewayError(PricetrailError):
    """A fetch that gave no catalog; `retry`: whether another try in the same slot can help.

    `status` is the HTTP status where there was one, `retry_after` what the gateway asked for,
    `date` what time it is by the gateway's clock. `unwelcome`: the key, or what the proxy asks for,
    is not accepted.
    """

    def __init__(
        self,
        message: str,
        *,
        retry: bool = False,
        status: int | None = None,
        retry_after: timedelta | None = None,
        unwelcome: bool = False,
    ) -> None:
        super().__init__(message)
        self.retry = retry
        self.status = status
        self.retry_after = retry_after
        self.unwelcome = unwelcome
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
    return GatewayError(
        text,
        retry=retry,
        status=status,
        retry_after=wait,
        unwelcome=status in (401, 403, 407),
    )


def unanswered(error: NoAnswerError, where: str, seconds: float) -> GatewayError:
    """Say why no answer came.

    Args:
        where: the host and port that were asked.
        seconds: how long an answer was waited for.
    """
    text = _WORDS[error.cause].format(
        where=where,
        host=where.rpartition(":")[0],
        seconds=seconds,
        problem=error.tls.value + _REMEDIES.get(error.tls, "") if error.tls else "",
    )
    return GatewayError(text, retry=error.retry, unwelcome=error.cause is Cause.PROXY)


def _seconds(wait: timedelta) -> int:
    return -int(-wait.total_seconds() // 1)
