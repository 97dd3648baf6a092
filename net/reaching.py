"""Whether somebody listens at an address: a connection, and TLS; nothing is sent over it."""

from datetime import datetime

import httpx

from pricetrail.net.certificates import certificate_ends
from pricetrail.net.connections import read_url
from pricetrail.net.deadline import within
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import named
from pricetrail.net.ssrf import check_url
from pricetrail.net.trust import trust

_PORTS = {"http": 80, "https": 443}


def reach(
    url: str, *, allow_private: bool, seconds: float, network: Network | None = None
) -> datetime | None:
    """Connect as a request would, and hang up; when the certificate expires, None without one.

    Args:
        seconds: the total, from the look-up of the name to the end of the handshake.

    Raises:
        GuardError: the URL, or an address that its host resolves to, is refused.
        NoAnswerError: no address, no connection, no TLS, or no time.
    """
    check_url(url, allow_private=allow_private)
    asked = read_url(url)
    backend = GuardedBackend(network or Network(), allow_private=allow_private)
    try:
        with within(seconds, backend.line), named():
            return _handshake(backend, asked)
    finally:
        backend.line.close()


def _handshake(backend: GuardedBackend, url: httpx.URL) -> datetime | None:
    # As requests do: `url.host` would translate `xn--…`, which not every such name survives.
    host = url.raw_host.decode("ascii")
    stream = backend.connect_tcp(host, url.port or _PORTS[url.scheme])
    try:
        if url.scheme == "http":
            return None
        stream = stream.start_tls(trust(), server_hostname=host)
        return certificate_ends(stream)
    finally:
        stream.close()
