"""Which names this server answers to, so that no page elsewhere can ask it under its own name."""

import ipaddress
import re
from collections.abc import Iterable

from pricetrail.catalog.errors import InvalidInputError

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
# With a port, and of a name with the dot that ends it, which browsers send as it was typed.
_HEADER = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]{1,253}))(?::[0-9]{1,5})?", re.ASCII)
_NAME = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9._-]{0,251}[a-z0-9])?", re.ASCII)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that is bound to this address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


class Hosts:
    """The names in a request's `Host` that are answered.

    A server on loopback answers to loopback's names; one that others can reach answers to any
    literal address too, since an address cannot be made to point elsewhere.

    Args:
        bound: the address that the server is bound to.
        allowed: further names; `*.example.org` is every name below it.

    Raises:
        InvalidInputError: an allowed name is none.
    """

    def __init__(self, bound: str, allowed: Iterable[str] = ()) -> None:
        self._open = not is_loopback(bound)
        self._names = frozenset((*_LOOPBACK, bound.strip("[]").lower(), *map(_checked, allowed)))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Hosts) and (self._open, self._names) == (
            other._open,
            other._names,
        )

    def __hash__(self) -> int:
        return hash((self._open, self._names))

    def answers_to(self, header: str) -> bool:
        """Whether a `Host` header, with or without a port, names this server."""
        name = _name_of(header)
        if name is None:
            return False
        if name in self._names or is_loopback(name):
            return True
        if any(rule.startswith("*.") and name.endswith(rule[1:]) for rule in self._names):
            return True
        return self._open and _is_address(name)


def _name_of(header: str) -> str | None:
    match = _HEADER.fullmatch(header)
    return None if match is None else (match[1] or match[2]).lower().removesuffix(".")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _checked(name: str) -> str:
    lowered = name.strip().lower()
    if not _NAME.fullmatch(lowered):
        raise InvalidInputError(
            f"{name!r} is no host name: write one without a scheme and a port, "
            "such as prices.example.org or *.example.org"
        )
    return lowered
