"""The guard that keeps tests on this machine."""

import asyncio
import contextlib
import socket
from typing import Any

import pytest

# TEST-NET-3 (RFC 5737): should the guard ever fail, nobody is there.
_OUTSIDE = "203.0.113.7"


@pytest.mark.parametrize("address", [(_OUTSIDE, 80), ("10.0.0.1", 80), ("169.254.169.254", 80)])
def test_a_connection_to_another_machine_fails_the_test(address: tuple[str, int]) -> None:
    with socket.socket() as outward, pytest.raises(pytest.fail.Exception, match="leave"):
        outward.connect(address)


def test_no_except_exception_swallows_it() -> None:
    def careless() -> None:
        with contextlib.suppress(Exception):
            socket.getaddrinfo("api.pipellm.ai", 443)

    with pytest.raises(pytest.fail.Exception, match="leave this machine"):
        careless()


def test_asyncio_is_guarded_as_well() -> None:
    with pytest.raises(pytest.fail.Exception, match="leave this machine"):
        asyncio.run(_open_outward())


async def _open_outward() -> Any:
    return await asyncio.open_connection(_OUTSIDE, 80)


def test_a_look_up_of_a_real_name_fails_the_test() -> None:
    with pytest.raises(pytest.fail.Exception, match=r"look-up of api\.pipellm\.ai"):
        socket.getaddrinfo("api.pipellm.ai", 443)


@pytest.mark.parametrize("name", ["nowhere.invalid", "hooks.example.com", "a.test"])
def test_names_that_never_exist_are_unknown_at_once(name: str) -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo(name, 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_loopback_works(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()
