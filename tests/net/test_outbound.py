"""The way out: within one deadline, never more than 4 KiB of a reply (faults 28, 29, 33)."""

import socket
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import pytest

from pricetrail.net.dialling import Network
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.outbound import MAX_REPLY, Route
from tests.net.posts import answering, posted
from tests.support.receivers import Receiver, Script, endless, receiving, reset, status


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


def test_the_host_header_is_the_urls_whatever_address_is_dialled(receiver: Receiver) -> None:
    network = Network(answering(["127.0.0.1"]))
    port = receiver.url.split(":")[2].split("/")[0]
    posted(f"http://hooks.example:{port}/a?b=c", network=network)
    [request] = receiver.requests
    assert request.headers["host"] == f"hooks.example:{port}"
    assert request.path == "/a?b=c"


def test_a_reply_is_read_with_its_headers_in_lower_case(receiver: Receiver) -> None:
    receiver.always = status(429, b"slow down", Retry_After="7")
    answer = posted(receiver.url)
    assert (answer.status, answer.body, answer.cut) == (429, b"slow down", False)
    assert answer.headers["retry-after"] == "7"


def test_an_endless_reply_is_kept_to_four_kib(receiver: Receiver) -> None:
    receiver.always = endless
    answer = posted(receiver.url)
    assert answer.status == 200
    assert answer.body == b"x" * MAX_REPLY


def test_a_reply_that_claims_a_gigabyte_is_not_waited_for(receiver: Receiver) -> None:
    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Length", str(2**30))
        handler.end_headers()
        handler.wfile.write(b"y" * 10_000)
        handler.wfile.flush()
        handler.close_connection = True

    receiver.always = play
    assert posted(receiver.url).body == b"y" * MAX_REPLY


def test_a_redirect_is_an_answer_and_not_followed(receiver: Receiver) -> None:
    receiver.always = status(302, Location=receiver.url + "/elsewhere")
    assert posted(receiver.url).status == 302
    assert len(receiver.requests) == 1


def raw(reply: bytes) -> Script:
    """Write bytes as they are, then break the connection."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(reply)
        handler.wfile.flush()
        handler.close_connection = True
        handler.connection.shutdown(socket.SHUT_RDWR)

    return play


@pytest.mark.parametrize(
    "reply",
    [
        b"HTTP/1.1 200 OK\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Le",
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nok",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nrubbish",
    ],
)
def test_a_reply_that_breaks_off_after_its_status_is_an_answer(
    receiver: Receiver, reply: bytes
) -> None:
    receiver.always = raw(reply)
    answer = posted(receiver.url)
    assert (answer.status, answer.cut) == (200, True)


@pytest.mark.parametrize("reply", [b"", b"HTTP/1.1 2", b"SSH-2.0-x\r\n", b"HTTP/1.1 abc\r\n\r\n"])
def test_a_reply_without_a_status_is_none(receiver: Receiver, reply: bytes) -> None:
    receiver.always = raw(reply)
    with pytest.raises(NoAnswerError) as caught:
        posted(receiver.url)
    assert caught.value.cause in {Cause.NOT_HTTP, Cause.BROKEN}


def test_a_connection_that_breaks_before_an_answer_is_no_answer(receiver: Receiver) -> None:
    receiver.always = reset
    with pytest.raises(NoAnswerError) as caught:
        posted(receiver.url)
    assert caught.value.cause in {Cause.NOT_HTTP, Cause.BROKEN}
    assert len(receiver.requests) == 1


def drip(*, first: bytes = b"") -> Script:
    """Say something, then one byte at a time, without end."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        try:
            handler.wfile.write(first)
            while True:
                handler.wfile.write(b"x")
                time.sleep(0.02)
        except OSError:
            return

    return play


def test_a_drip_before_the_status_ends_at_the_total_deadline(receiver: Receiver) -> None:
    receiver.always = drip()
    with pytest.raises(NoAnswerError) as caught:
        posted(receiver.url, timeout=0.2)
    assert caught.value.cause is Cause.SLOW


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]
)
def test_a_drip_after_the_status_ends_there_too(receiver: Receiver, first: bytes) -> None:
    receiver.always = drip(first=first)
    answer = posted(receiver.url, timeout=0.2)
    assert (answer.status, answer.cut) == (200, True)


def test_a_receiver_that_says_nothing_ends_at_the_total_deadline(receiver: Receiver) -> None:
    receiver.always = lambda handler: time.sleep(0.4)
    with pytest.raises(NoAnswerError) as caught:
        posted(receiver.url, timeout=0.1)
    assert caught.value.cause is Cause.SLOW


def test_a_receiver_that_does_not_read_ends_at_the_total_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(NoAnswerError) as caught:
            posted(url, timeout=0.2, body=b"x" * 20_000_000)
    assert caught.value.cause is Cause.SLOW


def test_proxies_of_the_environment_do_not_exist_here(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert posted(receiver.url).status == 204


def lasting(receiver: Receiver, network: Network | None = None) -> Route:
    return Route(receiver.url, network or Network(), allow_private=True, lasting=True)


def sent(route: Route, body: bytes, timeout: float = 10.0) -> int:
    return route.send({}, body, timeout=timeout).status


def test_a_lasting_connection_serves_message_after_message(receiver: Receiver) -> None:
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    with lasting(receiver, Network(look_up)) as route:
        assert [sent(route, bytes([number])) for number in range(3)] == [204] * 3
    assert len(receiver.requests) == 3
    assert len(asked) == 1


def test_after_silence_the_next_message_goes_over_a_new_connection(receiver: Receiver) -> None:
    receiver.scripts = [status(204), lambda handler: time.sleep(0.4)]
    with lasting(receiver) as route:
        assert sent(route, b"1") == 204
        with pytest.raises(NoAnswerError) as caught:
            sent(route, b"2", timeout=0.1)
        assert sent(route, b"3") == 204
    assert caught.value.cause is Cause.SLOW
    assert [request.body for request in receiver.requests] == [b"1", b"2", b"3"]


def test_headers_of_a_reply_that_drips_are_kept_with_what_came(receiver: Receiver) -> None:
    receiver.always = drip(first=b"HTTP/1.1 429 Slow\r\nRetry-After: 77\r\n\r\nok")
    answer = posted(receiver.url, timeout=0.3)
    assert (answer.status, answer.cut) == (429, True)
    assert answer.headers["retry-after"] == "77"
    assert answer.body.startswith(b"okx")


def test_no_cookie_is_kept_and_a_redirect_to_no_url_is_an_answer(receiver: Receiver) -> None:
    receiver.always = status(302, Set_Cookie="a=b", Location="http://[::1/:x")
    with lasting(receiver) as route:
        assert [sent(route, b"1"), sent(route, b"2")] == [302, 302]
    assert "cookie" not in receiver.requests[1].headers
