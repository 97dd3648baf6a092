"""What is sent, and how headers come back, whoever is asked."""

import httpcore
import pytest

from pricetrail.net.connections import Connection, headers_of
from pricetrail.net.dialling import GuardedBackend, Network
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.ssrf import target
from tests.support.sockets import answer, raw_server


def connection(url: str) -> Connection:
    backend = GuardedBackend(Network(), allow_private=True)
    return Connection(target(url, allow_private=True), backend)


def read(response: httpcore.Response) -> bytes:
    return response.read()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_request_names_its_host_and_us_and_asks_for_nothing_compressed(host: str) -> None:
    with raw_server(answer(b"ok")) as server:
        to = connection(f"http://{host}:{server.port}/a?b=c")
        assert to.request("POST", {"X-One": "1"}, read, timeout=10, body=b"body") == b"ok"
        to.close()
        head = server.requests[0].partition("\r\n\r\n")[0].split("\r\n")
    assert head[0] == "POST /a?b=c HTTP/1.1"
    assert sorted(head[1:]) == [
        "Accept-Encoding: identity",
        "Content-Length: 4",
        f"Host: {host}:{server.port}",
        "User-Agent: pricetrail",
        "X-One: 1",
    ]


def test_a_header_of_the_caller_takes_the_place_of_ours() -> None:
    with raw_server(answer()) as server:
        to = connection(f"http://127.0.0.1:{server.port}/")
        to.request("GET", {"User-Agent": "another"}, read, timeout=10)
        to.close()
        assert "User-Agent: another\r\n" in server.requests[0]
        assert "pricetrail" not in server.requests[0]


def test_what_fails_is_closed_and_the_next_request_connects_again() -> None:
    with raw_server(answer(b"half", content_length="8")) as server:
        to = connection(f"http://127.0.0.1:{server.port}/")
        with pytest.raises(httpcore.RemoteProtocolError):
            to.request("GET", {}, read, timeout=10)
        # Resolved again: what failed is closed, and the next request goes over a new connection.
        to.backend.begin()
        with pytest.raises(httpcore.RemoteProtocolError):
            to.request("GET", {}, read, timeout=10)
        assert to.backend.is_asked
    with pytest.raises(NoAnswerError) as caught:
        connection("http://gone.invalid/").request("GET", {}, read, timeout=10)
    assert caught.value.cause is Cause.UNRESOLVED


def test_headers_that_come_twice_are_joined_and_names_are_lower_case() -> None:
    response = httpcore.Response(200, headers=[(b"X-A", b"1"), (b"B", b"\xe9"), (b"x-a", b"2")])
    assert headers_of(response) == {"x-a": "1, 2", "b": "\xe9"}
