"""Until when the certificate is good that secures a connection."""

import ssl
from datetime import UTC, datetime
from typing import Protocol

# What a stream knows of itself by this name, once it was asked.
ENDS = "certificate_ends"


class _Stream(Protocol):
    def get_extra_info(self, info: str) -> object:
        """What is known of the connection."""


def certificate_ends(stream: _Stream | None) -> datetime | None:
    """When the other side's certificate expires; None where the connection has none."""
    end = stream.get_extra_info(ENDS) if stream is not None else None
    return end if isinstance(end, datetime) else None


def end_of(tls: object) -> datetime | None:
    """The same, of what the library has of TLS, which has no public type: it is read anew."""
    certificate = tls.getpeercert() if hasattr(tls, "getpeercert") else None
    end = (certificate or {}).get("notAfter")
    if not isinstance(end, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
