"""What is sent, and how headers come back, whoever is asked."""

import httpcore
import pytest

from pricetrail.net.exchanges import exchange, headers_of
from pricetrail.net.ssrf import target
from tests.support.sockets import answer, raw_server


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("http://127.0.0.1:{port}/a?b=c", "127.0.0.1:{port}"),
        ("http://localhost:{port}/a?b=c", "localhost:{port}"),
    ],
)
def test_a_request_names_its_host_and_us_and_asks_for_nothing_compressed(
    url: str, host: str
) -> None:
    with raw_server(answer(b"ok")) as server, httpcore.ConnectionPool() as pool:
        to = target(url.format(port=server.port), allow_private=True)
        with exchange(pool, "POST", to, {"X-One": "1"}, b"body", timeout=10) as response:
            assert response.read() == b"ok"
        head = server.requests[0].partition("\r\n\r\n")[0].split("\r\n")
    assert head[0] == "POST /a?b=c HTTP/1.1"
    assert sorted(head[1:]) == sorted(
        [
            "Host: " + host.format(port=server.port),
            "User-Agent: pricetrail",
            "Accept-Encoding: identity",
            "X-One: 1",
            "Content-Length: 4",
        ]
    )


def test_headers_that_come_twice_are_joined_and_names_are_lower_case() -> None:
    response = httpcore.Response(200, headers=[(b"X-A", b"1"), (b"B", b"\xe9"), (b"x-a", b"2")])
    assert headers_of(response) == {"x-a": "1, 2", "b": "\xe9"}
