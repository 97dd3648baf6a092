"""The way out: vetted at connect time, within one deadline, never more than 4 KiB of a reply."""

import socket
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import cycle

import httpcore
import pytest

from pricetrail.net.answer import Answer
from pricetrail.net.outbound import (
    MAX_REPLY,
    Deadline,
    Network,
    Route,
    UnresolvedError,
    dial,
    resolve,
)
from pricetrail.net.ssrf import GuardError, target
from tests.support.receivers import Receiver, Script, endless, receiving, reset, status

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:4700::1111"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


def posted(
    url: str,
    *,
    network: Network | None = None,
    timeout: float = 10.0,
    allow_private: bool = True,
    body: bytes = b"{}",
) -> Answer:
    """One POST without any of the channels' rules."""
    where = target(url, allow_private=allow_private)
    with Route(network or Network()) as route:
        return route.send(
            where,
            {"Content-Type": "application/json"},
            body,
            timeout=timeout,
            allow_private=allow_private,
        )


class Dialled:
    """Takes note of the addresses that are dialled, and connects to none."""

    def __init__(self) -> None:
        self.addresses: list[str] = []

    def __call__(self, address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        self.addresses.append(address)
        raise httpcore.ConnectError


def answering(*answers: list[str]) -> Callable[[str, int], list[str]]:
    """A resolver that gives one answer after the other, and then begins again."""
    turns = cycle(answers)
    return lambda host, port: next(turns)


def test_a_resolver_that_changes_its_answer_gains_nothing() -> None:
    dialled = Dialled()
    refused = 0
    network = Network(answering([PUBLIC], ["127.0.0.1"], [OTHER_PUBLIC], ["10.0.0.1"]), dialled)
    for _ in range(100):
        with pytest.raises((httpcore.ConnectError, GuardError)) as caught:
            posted("http://rebind.example/", network=network, allow_private=False)
        refused += caught.type is GuardError
    assert refused == 50
    assert dialled.addresses == [PUBLIC, OTHER_PUBLIC] * 25


def test_the_name_is_looked_up_once_a_connection() -> None:
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    with pytest.raises(httpcore.ConnectError):
        posted("http://x.example/", network=Network(look_up, Dialled()), allow_private=False)
    assert asked == ["x.example"]


@pytest.mark.parametrize("private", ["127.0.0.1", "::1", "169.254.169.254", "64:ff9b::7f00:1"])
def test_one_private_address_among_public_ones_is_enough_to_refuse(private: str) -> None:
    dialled = Dialled()
    network = Network(answering([PUBLIC, private]), dialled)
    with pytest.raises(GuardError, match="refused: the host is at"):
        posted("https://x.example/", network=network, allow_private=False)
    assert dialled.addresses == []


def test_localhost_by_name_is_refused(receiver: Receiver) -> None:
    url = receiver.url.replace("127.0.0.1", "localhost")
    with pytest.raises(GuardError, match="a loopback address"):
        posted(url, allow_private=False)
    assert receiver.requests == []
    assert posted(url).status == 204


def test_a_dead_address_is_followed_by_the_next(receiver: Receiver) -> None:
    def reach(address: str, port: int, timeout: float) -> httpcore.NetworkStream:
        if address == PUBLIC:
            raise httpcore.ConnectTimeout
        return dial(address, port, timeout)

    network = Network(answering([PUBLIC, "127.0.0.1"]), reach)
    assert posted(receiver.url, network=network).status == 204


def test_the_host_header_is_the_urls_whatever_address_is_dialled(receiver: Receiver) -> None:
    network = Network(answering(["127.0.0.1"]))
    port = receiver.url.split(":")[2].split("/")[0]
    posted(f"http://hooks.example:{port}/a?b=c", network=network)
    [request] = receiver.requests
    assert request.headers["host"] == f"hooks.example:{port}"
    assert request.path == "/a?b=c"


@pytest.mark.parametrize("network", [Network(answering([])), Network()])
def test_a_name_without_an_address_is_unresolved(network: Network) -> None:
    with pytest.raises(UnresolvedError):
        posted("http://nowhere.invalid/", network=network)


def test_a_resolver_that_hangs_is_left_behind() -> None:
    def hang(host: str, port: int) -> list[str]:
        time.sleep(0.5)
        return [PUBLIC]

    with pytest.raises(UnresolvedError):
        posted("http://slow.example/", network=Network(hang, Dialled()), timeout=0.05)


def test_every_address_of_a_name_is_given_once() -> None:
    found = resolve("localhost", 80)
    assert len(found) == len(set(found))
    assert set(found) <= {"127.0.0.1", "::1"}


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
    with pytest.raises((httpcore.ProtocolError, httpcore.NetworkError)):
        posted(receiver.url)


def test_a_connection_that_breaks_before_an_answer_is_no_answer(receiver: Receiver) -> None:
    receiver.always = reset
    with pytest.raises((httpcore.ProtocolError, httpcore.NetworkError)):
        posted(receiver.url)
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
    with pytest.raises(httpcore.TimeoutException):
        posted(receiver.url, timeout=0.2)


@pytest.mark.parametrize(
    "first", [b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 99999\r\n\r\n"]
)
def test_a_drip_after_the_status_ends_there_too(receiver: Receiver, first: bytes) -> None:
    receiver.always = drip(first=first)
    answer = posted(receiver.url, timeout=0.2)
    assert (answer.status, answer.cut) == (200, True)


def test_a_receiver_that_says_nothing_ends_at_the_total_deadline(receiver: Receiver) -> None:
    receiver.always = lambda handler: time.sleep(0.4)
    with pytest.raises(httpcore.TimeoutException):
        posted(receiver.url, timeout=0.1)


def test_a_receiver_that_does_not_read_ends_at_the_total_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        with pytest.raises(httpcore.TimeoutException):
            posted(url, timeout=0.2, body=b"x" * 20_000_000)


def test_a_deadline_that_has_passed_is_a_timeout() -> None:
    assert 0 < Deadline(60).left() <= 60
    with pytest.raises(httpcore.ReadTimeout):
        Deadline(0).left()


def test_proxies_of_the_environment_do_not_exist_here(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1/")
    assert posted(receiver.url).status == 204
