"""Until when the certificate is good that secures a connection."""

import ssl
from datetime import UTC, datetime
from typing import Protocol


class _Stream(Protocol):
    def get_extra_info(self, info: str) -> object:
        """What is known of the connection."""


def certificate_ends(stream: _Stream | None) -> datetime | None:
    """When the other side's certificate expires; None where the connection has none."""
    tls = stream.get_extra_info("ssl_object") if stream is not None else None
    # The library hands out what lies under Python's own sockets, which has no public type.
    certificate = tls.getpeercert() if hasattr(tls, "getpeercert") else None
    end = (certificate or {}).get("notAfter")
    if not isinstance(end, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(end), UTC)
