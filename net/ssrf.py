"""What is inside our own network: a webhook may not point there, and only there http is safe.

`ipaddress.is_global` is not enough: on Python 3.11 it is true for NAT64, 6to4 and multicast.
The lists are IANA's special-purpose registries; for IPv6 only global unicast (2000::/3) passes.
"""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from urllib.parse import urlsplit

from pricetrail.catalog.errors import PricetrailError

Address = IPv4Address | IPv6Address

_REFUSED_4 = {
    IPv4Network(network): name
    for network, name in (
        ("0.0.0.0/8", "an unspecified"),
        ("10.0.0.0/8", "a private"),
        ("100.64.0.0/10", "a carrier's (CGNAT)"),
        ("127.0.0.0/8", "a loopback"),
        ("169.254.0.0/16", "a link-local"),
        ("172.16.0.0/12", "a private"),
        ("192.0.0.0/24", "a reserved"),
        ("192.0.2.0/24", "a documentation"),
        ("192.31.196.0/24", "a reserved"),
        ("192.52.193.0/24", "a reserved"),
        ("192.88.99.0/24", "a 6to4"),
        ("192.168.0.0/16", "a private"),
        ("192.175.48.0/24", "a reserved"),
        ("198.18.0.0/15", "a benchmarking"),
        ("198.51.100.0/24", "a documentation"),
        ("203.0.113.0/24", "a documentation"),
        ("224.0.0.0/4", "a multicast"),
        ("240.0.0.0/4", "a reserved"),
    )
}
_REFUSED_6 = {
    IPv6Network(network): name
    for network, name in (
        ("::/128", "an unspecified"),
        ("::1/128", "a loopback"),
        ("::ffff:0:0/96", "an IPv4-mapped"),
        ("64:ff9b::/96", "a NAT64"),
        ("64:ff9b:1::/48", "a NAT64"),
        ("2001::/32", "a Teredo"),
        ("2001::/23", "a reserved"),
        ("2001:db8::/32", "a documentation"),
        ("2002::/16", "a 6to4"),
        ("3fff::/20", "a documentation"),
        ("fc00::/7", "a private"),
        ("fe80::/10", "a link-local"),
        ("fec0::/10", "a private"),
        ("ff00::/8", "a multicast"),
    )
}
_GLOBAL_6 = IPv6Network("2000::/3")

_HOST = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?\.?", re.ASCII)
# What a resolver may read as one number (inet_aton): 2130706433, 0x7f.1, 0177.0.0.1.
_NUMERIC = re.compile(r"(?:.*\.)?(?:[0-9]+|0[xX][0-9a-fA-F]*)\.?", re.ASCII)
# Names that no public resolver answers (RFC 6761, 6762, 8375 and usual practice).
_INSIDE_NAMES = re.compile(
    r"(?:[^.]+|.*\.(?:localhost|local|internal|intranet|lan|svc|home\.arpa|test|example|invalid))\.?"
)
# What is sent there never leaves the networks that we are in; 0.0.0.0 is this machine.
_INSIDE = {"a loopback", "a private", "a link-local", "an unspecified"}
_MAX_URL = 2048


class GuardError(PricetrailError):
    """A target that is refused. `permanent`: the URL itself is at fault, not today's answer
    of the resolver. The text holds no part of the URL."""

    def __init__(self, problem: str, *, permanent: bool) -> None:
        super().__init__(problem)
        self.permanent = permanent


def refusal(address: Address) -> str | None:
    """Why an address is refused (`a loopback`), or `None` where it is a public one."""
    if isinstance(address, IPv4Address):
        return next((name for net, name in _REFUSED_4.items() if address in net), None)
    named = next((name for net, name in _REFUSED_6.items() if address in net), None)
    return named or (None if address in _GLOBAL_6 else "a reserved")


def vet(address: str, *, permanent: bool = False) -> None:
    """Raise `GuardError` unless the address (as the resolver spells it) is a public one."""
    try:
        why = refusal(ip_address(address))
    except ValueError:
        why = "an unreadable"
    if why:
        raise GuardError(
            f"refused: the host is at {why} address; if that is meant, set allow_private = true",
            permanent=permanent,
        )


def is_inside(host: str) -> bool:
    """Whether a host is in a network of our own, so that nobody else hears plain http to it.

    A number in disguise (`134744072`) is no name, and an address that is only wrapped, in
    IPv4-mapped form, is what it wraps.
    """
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        is_name = _HOST.fullmatch(host) and not _NUMERIC.fullmatch(host)
        return bool(is_name and _INSIDE_NAMES.fullmatch(host))
    wrapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return refusal(wrapped or address) in _INSIDE


def check_url(url: str, *, allow_private: bool) -> None:
    """Refuse a URL that two readers could read as two hosts.

    Raises:
        GuardError: no http(s), a user name, backslashes, blanks, an odd port or host, and,
            unless private addresses are allowed, a host that is itself a refused address
            or a number in disguise (`2130706433`).
    """
    if len(url) > _MAX_URL or re.search(r"[\x00-\x20\x7f\\]", url) or not url.isascii():
        raise _bad("the URL holds blanks, backslashes or non-ASCII characters, or is too long")
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _bad("the URL cannot be read: check its host and port") from None
    if parts.scheme not in {"http", "https"}:
        raise _bad("the URL must start with https:// or http://")
    if "@" in parts.netloc:
        raise _bad("the URL holds a user name before its host: remove it")
    host = parts.hostname or ""
    _check_host(host, bracketed="[" in parts.netloc, allow_private=allow_private)


def _check_host(host: str, *, bracketed: bool, allow_private: bool) -> None:
    if bracketed:
        _check_literal(host, allow_private=allow_private)
    elif not _HOST.fullmatch(host) or ".." in host or len(host) > 253:
        raise _bad("the URL has no plain host name")
    elif _NUMERIC.fullmatch(host):
        _check_literal(host, allow_private=allow_private)


def _check_literal(host: str, *, allow_private: bool) -> None:
    if allow_private:
        return
    try:
        ip_address(host)
    except ValueError:
        raise _bad("the URL's host is a number in disguise: write the address plainly") from None
    vet(host, permanent=True)


def _bad(problem: str) -> GuardError:
    return GuardError(f"refused: {problem}", permanent=True)
