"""One GET, read as it comes; the gateway's rules are in tests/jobs/polls."""

import socket
import ssl
from base64 import b64encode
from pathlib import Path

import pytest

from pricetrail.net.fetching import BrokenOffError, Reply, Request, get
from pricetrail.net.no_answer import Cause, NoAnswerError
from tests.support.sockets import Script, answer, drips, raw_server, resets, says


def whole(reply: Reply) -> tuple[int, str, bytes]:
    return reply.status, reply.headers.get("x-two", ""), b"".join(reply.parts)


def test_status_headers_and_raw_body_are_handed_on() -> None:
    packed = answer(b"not gzip at all", "203 Well", content_encoding="gzip", X_Two="a\r\nx-two: b")
    with raw_server(packed) as server:
        found = get(Request(server.url(), {"X-Key": "1"}), whole, seconds=20)
        asked = server.requests[0].lower()
    assert found == (203, "a, b", b"not gzip at all")
    for line in ("x-key: 1", "accept-encoding: identity", "connection: close"):
        assert f"\r\n{line}\r\n" in asked
    assert "\r\nuser-agent: pricetrail\r\n" in asked


def test_what_the_reader_raises_is_raised_and_the_rest_not_read() -> None:
    def refuse(reply: Reply) -> None:
        next(reply.parts)
        raise LookupError

    with raw_server(drips(b"HTTP/1.1 200 OK\r\n\r\n{", b" ")) as server, pytest.raises(LookupError):
        get(Request(server.url(), {}), refuse, seconds=20)


def test_a_body_that_breaks_off_is_told_to_the_reader() -> None:
    with raw_server(answer(b"half", content_length="8")) as server, pytest.raises(BrokenOffError):
        get(Request(server.url(), {}), whole, seconds=20)


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
        get(Request(server.url(), {}), whole, seconds=0.3)
    assert caught.value.cause is cause


@pytest.mark.parametrize(
    ("url", "proxy", "cause"),
    [
        ("ftp://127.0.0.1/", None, Cause.BAD_URL),
        ("http://[::1/", None, Cause.BAD_URL),
        ("https://gone.invalid/", None, Cause.UNRESOLVED),
        ("https://gone.invalid/", "http://proxy.invalid:3128", Cause.UNRESOLVED),
    ],
)
def test_an_address_that_leads_nowhere_has_a_cause(
    url: str, proxy: str | None, cause: Cause
) -> None:
    with pytest.raises(NoAnswerError) as caught:
        get(Request(url, {}, proxy), whole, seconds=20)
    assert (caught.value.cause, caught.value.retry) == (cause, False)


def test_a_proxy_that_refuses_is_told_from_a_gateway_that_does() -> None:
    with raw_server(answer(status="407 Who")) as proxy:
        request = Request("https://gone.invalid/", {}, proxy.url().removesuffix("/v1/models"))
        with pytest.raises(NoAnswerError) as caught:
            get(request, whole, seconds=20)
    assert caught.value.cause is Cause.PROXY


def test_plain_http_goes_through_a_proxy_with_its_password() -> None:
    with raw_server(answer(b"[]")) as proxy:
        by = f"http://user:p%40ss@127.0.0.1:{proxy.port}"
        found = get(Request("http://gateway.invalid/v1?a=b", {}, by), whole, seconds=20)
        asked = proxy.requests[0]
    assert found == (200, "", b"[]")
    assert asked.startswith("GET http://gateway.invalid:80/v1?a=b HTTP/1.1\r\n")
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
        request = Request("https://localhost:8443/v1", {"X-Key": "secret"}, by, ca_file)
        assert get(request, whole, seconds=20) == (200, "", b"[]")
        assert proxy.requests[0].startswith("CONNECT localhost:8443 HTTP/1.1\r\n")
        assert "secret" not in proxy.requests[0]
    assert b"X-Key: secret\r\n" in heard[0]
