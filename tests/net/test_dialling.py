"""Connections that were vetted: at connect time, on the address that is dialled (fault 30)."""

import threading
import time
from collections.abc import Iterator

import httpcore
import pytest

from pricetrail.net.dialling import Network, dial
from pricetrail.net.no_answer import Cause, NoAnswerError
from pricetrail.net.ssrf import GuardError
from tests.net.posts import Dialled, answering, posted
from tests.support.receivers import Receiver, receiving

PUBLIC, OTHER_PUBLIC = "93.184.215.14", "2606:4700::1111"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as opened:
        yield opened


def test_a_resolver_that_changes_its_answer_gains_nothing() -> None:
    dialled = Dialled()
    refused = 0
    network = Network(answering([PUBLIC], ["127.0.0.1"], [OTHER_PUBLIC], ["10.0.0.1"]), dialled)
    for _ in range(100):
        with pytest.raises((NoAnswerError, GuardError)) as caught:
            posted("http://rebind.example/", network=network, allow_private=False)
        refused += caught.type is GuardError
    assert refused == 50
    assert dialled.addresses == [PUBLIC, OTHER_PUBLIC] * 25


def test_the_name_is_looked_up_once_a_connection() -> None:
    asked: list[str] = []

    def look_up(host: str, port: int) -> list[str]:
        asked.append(host)
        return [PUBLIC]

    with pytest.raises(NoAnswerError):
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


@pytest.mark.parametrize("network", [Network(answering([])), Network()])
def test_a_name_without_an_address_is_unresolved(network: Network) -> None:
    with pytest.raises(NoAnswerError) as caught:
        posted("http://nowhere.invalid/", network=network)
    assert caught.value.cause is Cause.UNRESOLVED


def test_a_resolver_that_hangs_is_left_behind() -> None:
    dialled, ended = Dialled(), threading.Event()

    def hang(host: str, port: int) -> list[str]:
        time.sleep(0.3)
        ended.set()
        return [PUBLIC]

    with pytest.raises(NoAnswerError) as caught:
        posted("http://slow.example/", network=Network(hang, dialled), timeout=0.05)
    assert caught.value.cause is Cause.UNRESOLVED
    # What it answers at last is too late for anything to go out.
    assert ended.wait(10)
    time.sleep(0.1)
    assert dialled.addresses == []
