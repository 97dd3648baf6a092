"""What a gateway served and what receivers took, written down by them; and what that must be.

The gateway's catalogs are numbered: number `n` reprices model `n % MODELS` and nothing else. So of
every message it is known which catalogs it lies between, and nothing of ours is asked.
"""

import json
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.jobs.stage import listing, model
from tests.support.receivers import Receiver, Request, status

MODELS = 4


class LedgerError(AssertionError):
    """The ledgers say that something was lost, invented, done twice or out of order."""


class NotYetError(LedgerError):
    """Something has not come, and may come yet."""


def price(name: str, number: int) -> Decimal:
    """What a model costs in a catalog."""
    place = int(name.removeprefix("m-"))
    moved = number - (number - place) % MODELS
    return Decimal(1000 + max(moved, 0)) / 10**6


def body(number: int) -> bytes:
    """A catalog as it is served."""
    names = [f"m-{place}" for place in range(MODELS)]
    return json.dumps(
        listing(*(model(name, f"{price(name, number):f}") for name in names))
    ).encode()


@dataclass
class Gateway:
    """Serves each source a catalog of its own, the next one at every `steps`-th fetch.

    `fetches`: the numbers that each source was served, in order. `held`: called with a source's
    name before it is answered, as long as it likes.
    """

    url: str = ""
    steps: int = 1
    moving: bool = True
    fetches: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    held: Callable[[str], object] = lambda _source: None
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def total(self) -> int:
        """How often anything was fetched."""
        with self.lock:
            return sum(map(len, self.fetches.values()))

    def serve(self, source: str) -> bytes:
        """Write a fetch down; the body for it."""
        with self.lock:
            ours = self.fetches[source]
            # The first is the baseline of all: number 0.
            if ours and self.moving and len(ours) % self.steps == 0:
                self.numbers[source] += 1
            number = self.numbers[source]
            ours.append(number)
        self.held(source)
        return body(number)


@contextmanager
def serving(gateway: Gateway) -> Iterator[Gateway]:
    """The gateway, listening while the context is open."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            served = gateway.serve(self.path.split("/")[1])
            status(200, served, Content_Type="application/json")(self)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 256

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Who is killed hangs up."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    gateway.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield gateway
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass(frozen=True)
class Message:
    """One message as a receiver took it."""

    webhook: str
    id: str
    source: str
    version: int
    head: str
    model: str
    old: Decimal
    new: Decimal


@dataclass
class Taken:
    """All messages that a receiver took, repeats included, in order."""

    receiver: Receiver
    _read: list[Message] = field(default_factory=list)

    def messages(self) -> list[Message]:
        """Those up to now.

        Raises:
            LedgerError: one of them is none that anybody is owed.
        """
        new = self.receiver.requests[len(self._read) :]
        self._read += [_message(request) for request in new]
        return list(self._read)


def _message(request: Request) -> Message:
    sent = json.loads(request.body)
    data = sent["data"]
    if sent["type"] != "model.repriced" or data["id"] != request.headers["webhook-id"]:
        raise LedgerError(f"nobody is owed this: {sent}")
    [change] = data["changes"]
    return Message(
        request.path.rpartition("/")[2],
        data["id"],
        data["source"],
        data["snapshot"]["version"],
        data["snapshot"]["hash"],
        data["model"]["id"],
        Decimal(change["old"]),
        Decimal(change["new"]),
    )


def first_ones(taken: Iterable[Message]) -> dict[str, list[Message]]:
    """By webhook, each message when it came first.

    Raises:
        LedgerError: one id stands for two changes.
    """
    found: dict[str, dict[str, Message]] = defaultdict(dict)
    for one in taken:
        before = found[one.webhook].setdefault(one.id, one)
        if replace(before, head=one.head) != one:
            raise LedgerError(f"one id for two changes: {before}, {one}")
    return {webhook: list(ones.values()) for webhook, ones in found.items()}


def check_once(taken: Sequence[Message]) -> None:
    """No message came twice to a webhook."""
    counted = Counter((one.webhook, one.id) for one in taken)
    twice = [key for key, times in counted.items() if times > 1]
    if twice:
        raise LedgerError(f"sent more than once: {twice}")


def check_chains(taken: Iterable[Message], numbers: dict[str, int], webhooks: set[str]) -> None:
    """Each webhook was led from catalog 0 to the numbers given, step by step, nothing left out.

    Raises:
        LedgerError: it was not; `NotYetError` where only the end is missing.
    """
    ones = first_ones(taken)
    for webhook in webhooks:
        at = {(source, f"m-{n}"): price(f"m-{n}", 0) for source in numbers for n in range(MODELS)}
        version: dict[str, int] = defaultdict(int)
        for one in ones.get(webhook, []):
            key = one.source, one.model
            if at.get(key) != one.old:
                raise LedgerError(f"{webhook} knew {key} at {at.get(key)}, then came {one}")
            if one.version < version[one.source]:
                raise LedgerError(f"{webhook} got {one} after version {version[one.source]}")
            at[key], version[one.source] = one.new, one.version
        for (source, name), known in at.items():
            if known != price(name, numbers[source]):
                raise NotYetError(
                    f"{webhook} was left with {name} of {source} at {known}, which is "
                    f"{price(name, numbers[source])} in catalog {numbers[source]}"
                )
