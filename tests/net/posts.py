"""Posts for tests, to receivers of ours or to addresses that nobody connects to."""

from collections.abc import Callable
from itertools import cycle

import httpcore

from pricetrail.net.answer import Answer
from pricetrail.net.dialling import Network
from pricetrail.net.outbound import Route


def posted(
    url: str,
    *,
    network: Network | None = None,
    timeout: float = 10.0,
    allow_private: bool = True,
    body: bytes = b"{}",
) -> Answer:
    """One POST without any of the channels' rules."""
    with Route(url, network or Network(), allow_private=allow_private) as route:
        return route.send({"Content-Type": "application/json"}, body, timeout=timeout)


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
