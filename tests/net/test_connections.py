"""What is sent, and how an answer comes back, whoever is asked."""

import socket
import ssl
from base64 import b64encode
from pathlib import Path

import pytest

from pricetrail.net.connections import Connection, Response
from pricetrail.net.no_answer import Cause, NoAnswerError
from tests.support.sockets import Script, answer, drips, raw_server, resets, says


def get(
    url: str,
    headers: dict[str, str] | None = None,
    *,
    seconds: float = 20,
    proxy: str | None = None,
    ca_file: str | None = None,
) -> tuple[int, str, bytes]:
    """Status, `X-Two` and the whole body."""
    with (
        Connection(url, allow_private=True, proxy=proxy, ca_file=ca_file) as connection,
        connection.exchange("GET", headers or {}, seconds=seconds) as response,
    ):
        return response.status_code, response.headers.get("x-two", ""), whole(response)


def whole(response: Response) -> bytes:
    return b"".join(response.iter_raw())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_request_names_its_host_and_us_and_asks_for_nothing_compressed(host: str) -> None:
    with (
        raw_server(answer(b"ok")) as server,
        Connection(f"http://{host}:{server.port}/a;x?b=c#d", allow_private=True) as to,
        to.exchange("POST", {"X-One": "1"}, seconds=10, body=b"body") as response,
    ):
        assert whole(response) == b"ok"
        head = server.requests[0].partition("\r\n\r\n")[0].split("\r\n")
    assert head[0] == "POST /a;x?b=c HTTP/1.1"
    assert sorted(head[1:]) == [
        "Accept-Encoding: identity",
        "Accept: */*",
        "Connection: keep-alive",
        "Content-Length: 4",
        f"Host: {host}:{server.port}",
        "User-Agent: pricetrail",
        "X-One: 1",
    ]


def test_a_header_of_the_caller_takes_the_place_of_ours() -> None:
    with raw_server(answer()) as server:
        get(server.url(), {"User-Agent": "another"})
        assert "User-Agent: another\r\n" in server.requests[0]
        assert "pricetrail" not in server.requests[0]


def test_a_body_that_breaks_off_is_said_while_it_is_read() -> None:
    with (
        raw_server(answer(b"half", content_length="8")) as server,
        pytest.raises(NoAnswerError) as caught,
    ):
        get(server.url())
    assert caught.value.cause is Cause.NOT_HTTP


def test_status_headers_and_raw_body_are_handed_on() -> None:
    packed = answer(b"not gzip at all", "203 Well", content_encoding="gzip", X_Two="a\r\nx-two: b")
    with raw_server(packed) as server:
        assert get(server.url()) == (203, "a, b", b"not gzip at all")


def refuse(url: str) -> None:
    with (
        Connection(url, allow_private=True) as connection,
        connection.exchange("GET", {}, seconds=20) as response,
    ):
        next(response.iter_raw())
        raise LookupError


def test_what_the_reader_raises_is_raised_and_the_rest_not_read() -> None:
    endless = drips(b"HTTP/1.1 200 OK\r\n\r\n{", b" ")
    with raw_server(endless) as server, pytest.raises(LookupError):
        refuse(server.url())


@pytest.mark.parametrize(
    ("play", "cause"),
    [
        (resets, Cause.NOT_HTTP),
        (says(b"220 smtp ready\r\n"), Cause.NOT_HTTP),
        (drips(b"HTTP/1.1 200 OK\r\n\r\n", b" "), Cause.SLOW),
    ],
)
def test_what_is_no_answer_has_a_cause(play: Script, cause: Cause) -> None:
    with raw_server(play) as server, pytest.raises(NoAnswerError) as caught:
        get(server.url(), seconds=0.3)
    assert caught.value.cause is cause


@pytest.mark.parametrize(
    ("url", "proxy", "cause"),
    [
        ("http://[::1/", None, Cause.BAD_URL),
        ("http://0177.0.0.1/", None, Cause.BAD_URL),
        ("ftp://127.0.0.1/", None, Cause.BAD_URL),
        ("https://gone.invalid/", None, Cause.UNRESOLVED),
        ("https://gone.invalid/", "http://proxy.invalid:3128", Cause.UNRESOLVED),
    ],
)
def test_an_address_that_leads_nowhere_has_a_cause(
    url: str, proxy: str | None, cause: Cause
) -> None:
    with pytest.raises(NoAnswerError) as caught:
        get(url, proxy=proxy)
    assert (caught.value.cause, caught.value.retry) == (cause, False)


def test_a_proxy_that_refuses_is_told_from_a_gateway_that_does() -> None:
    with raw_server(answer(status="407 Who")) as proxy:
        by = proxy.url().removesuffix("/v1/models")
        with pytest.raises(NoAnswerError) as caught:
            get("https://gone.invalid/", proxy=by)
    assert caught.value.cause is Cause.PROXY


def test_plain_http_goes_through_a_proxy_with_its_password() -> None:
    with raw_server(answer(b"[]")) as proxy:
        by = f"http://user:p%40ss@127.0.0.1:{proxy.port}"
        found = get("http://gateway.invalid/v1?a=b", proxy=by)
        asked = proxy.requests[0]
    assert found == (200, "", b"[]")
    assert asked.startswith("GET http://gateway.invalid/v1?a=b HTTP/1.1\r\n")
    assert f"Proxy-Authorization: Basic {b64encode(b'user:p@ss').decode()}\r\n" in asked
    assert "Host: gateway.invalid\r\n" in asked


def test_tls_goes_through_a_tunnel_of_the_proxy() -> None:
    certificates = Path(__file__).parents[1] / "support" / "certificates"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates / "localhost.pem")
    heard: list[bytes] = []

    def tunnel(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with context.wrap_socket(connection, server_side=True) as secured:
            heard.append(secured.recv(65536))
            answer(b"[]")(secured)

    with raw_server(tunnel) as proxy:
        by, ca_file = f"http://127.0.0.1:{proxy.port}", str(certificates / "ca.pem")
        key = {"X-Key": "secret"}
        assert get("https://localhost:8443/v1", key, proxy=by, ca_file=ca_file) == (200, "", b"[]")
        assert proxy.requests[0].startswith("CONNECT localhost:8443 HTTP/1.1\r\n")
        assert "secret" not in proxy.requests[0]
    assert b"X-Key: secret\r\n" in heard[0]


def test_the_library_says_nothing_of_whom_it_asks(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    with raw_server(answer(b"[]")) as server:
        get(server.url() + "?token=canary")
        assert "canary" in server.requests[0]
    assert "canary" not in caplog.text
