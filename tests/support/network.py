"""Tests stay on this machine: a connection or a look-up that would leave it fails the test."""

import ipaddress
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

import pytest

# Reserved by RFC 6761 and RFC 2606: no resolver may know them, so nobody needs to be asked.
_NOWHERE = (".invalid", ".test", ".example", "example.com", "example.net", "example.org")


@contextmanager
def loopback_only() -> Iterator[None]:
    """While open, only loopback and unix sockets can be dialled, and only `localhost` resolved.

    Names that never exist get the resolver's "unknown"; anything else is a failure of the
    test (an outcome that no `except Exception` swallows).
    """
    with pytest.MonkeyPatch.context() as patch:
        for name in ("connect", "connect_ex"):
            patch.setattr(socket.socket, name, _guarded(getattr(socket.socket, name)))
        patch.setattr(socket, "getaddrinfo", _local_only(socket.getaddrinfo))
        yield


def _guarded(original: Any) -> Any:
    def dial(self: socket.socket, address: Any) -> Any:
        if self.family != socket.AF_UNIX and not _is_loopback(str(address[0])):
            _fail(f"a connection to {address[0]}:{address[1]}")
        return original(self, address)

    return dial


def _local_only(original: Any) -> Any:
    def resolve(host: Any, *args: Any, **kwargs: Any) -> Any:
        name = host.decode("ascii", "replace") if isinstance(host, bytes) else host
        if name is None or _is_literal(name) or _ends(name, ("localhost",)):
            return original(host, *args, **kwargs)
        if _ends(name, _NOWHERE):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        _fail(f"a look-up of {name}")

    return resolve


def _ends(name: str, names: tuple[str, ...]) -> bool:
    return f".{name.lower().rstrip('.')}".endswith(tuple(f".{end.lstrip('.')}" for end in names))


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return _ends(host, ("localhost",))


def _is_literal(name: str) -> bool:
    """Whether the C library reads it as an address by itself, `2130706433` among them."""
    try:
        socket.inet_aton(name)
    except (OSError, ValueError):
        return ":" in name
    return True


def _fail(what: str) -> NoReturn:
    pytest.fail(f"{what} would leave this machine: serve it on loopback, or patch the resolver")
