"""A gateway for a made-up fleet: any number of sources on loopback, in a process of its own.

Each source has a key of its own, by which the gateway knows it, and one of a number of catalogs.
Nothing is kept of a catalog but how often it changed: an ETag says that, and a body is written from
it when somebody asks for one. So a hundred thousand of them take no memory, and an answer costs
little; what it does cost, `Served.worked`, is left out by whoever measures.
"""

import asyncio
import multiprocessing
import re
import ssl
import time
from array import array
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.utils import formatdate
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

_CERTIFICATES = Path(__file__).parents[1] / "tests" / "support" / "certificates"
_ASKED = b"GET /v1/models HTTP/1.1\r\n"
_KEY = re.compile(rb"\r\nAuthorization: Bearer key-of-source-([0-9]+)\r\n", re.IGNORECASE)
_ETAG = re.compile(rb"\r\nIf-None-Match: ([!-~]+)", re.IGNORECASE)
_CLOSE = re.compile(rb"\r\nConnection: close", re.IGNORECASE)
_WAITING = 4096


@dataclass(frozen=True, slots=True)
class Fleet:
    """What is served.

    Args:
        sources: how many there are; source `i` has catalog `i % catalogs`.
        catalogs: how many differ, in the price of each model; at most 100,000.
        models: in each catalog.
        hosts: on how many ports, each a host of its own to whoever limits what one host is asked.
        delay: seconds until an answer is given.
        tls: https, by a certificate of `ca_file`.
        seconds: after which the process ends by itself, whatever became of who started it.
        most: how many requests are answered; every further one breaks its connection.
    """

    sources: int
    catalogs: int
    models: int = 25
    hosts: int = 1
    delay: float = 0.0
    tls: bool = False
    seconds: float = 600.0
    most: int = 10_000_000


@dataclass(frozen=True, slots=True)
class Served:
    """What the gateway has done since it began.

    `refused`: requests with a key of no source, or of one at another host; none is right.
    `worked`: seconds on the processors. `open`: connections there are now.
    """

    requests: int
    not_modified: int
    refused: int
    connections: int
    open: int
    worked: float


class FleetGateway:
    """A running one; see `fleet_gateway`."""

    def __init__(self, fleet: Fleet, ports: list[int], orders: Connection, process: int) -> None:
        self.fleet = fleet
        self.process = process
        # The only authorities whose certificates are to be trusted; None without TLS.
        self.ca_file = str(_CERTIFICATES / "ca.pem") if fleet.tls else None
        self._ports, self._orders = ports, orders

    def url(self, source: int) -> str:
        """Where source 0, 1, … is asked for its catalog."""
        scheme = "https" if self.fleet.tls else "http"
        port = self._ports[source % len(self._ports)]
        return f"{scheme}://127.0.0.1:{port}/v1/models"

    def key(self, source: int) -> str:
        """The key that the source alone is asked with, as `Authorization: Bearer …`."""
        return _key(source)

    def catalog(self, source: int) -> int:
        """The number of the catalog that it has: others with the same one are served the same."""
        return source % self.fleet.catalogs

    def change(self, share: float) -> int:
        """Give a model of each of a share of the catalogs another price; how many catalogs.

        The next call begins with the catalog after the last one that was changed.
        """
        number = round(share * self.fleet.catalogs)
        self._asked(number)
        return number

    def served(self) -> Served:
        """What it has done so far."""
        return self._asked(0)

    def _asked(self, changing: int) -> Served:
        self._orders.send(changing)
        found: Served = self._orders.recv()
        return found


@contextmanager
def fleet_gateway(fleet: Fleet) -> Iterator[FleetGateway]:
    """A gateway that serves while the context is open, and shares no interpreter with who asks.

    Raises:
        EOFError: it could not begin.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_run, args=(theirs, fleet), daemon=True)
    process.start()
    # Else nobody would hear that it ended before it served.
    theirs.close()
    try:
        yield FleetGateway(fleet, ours.recv(), ours, process.pid or 0)
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()


def body(catalog: int, changes: int, models: int = 25) -> bytes:
    """A catalog that changed so often, as it is served; each change was of one model, in turn."""
    parts = [_model(catalog, changes, model, models) for model in range(models)]
    return b'{"object":"list","data":[%b],"total":%d}' % (b",".join(parts), models)


def _model(catalog: int, changes: int, model: int, models: int) -> bytes:
    often = (changes - model) // models + (model > 0)
    # Another one in each of 100,000 catalogs, and never twice as high as before.
    price = 20_000_000 + (97 * catalog + 7_919 * model) % 10_000_000 + often % 9_973
    return (
        b'{"id":"family-%d/model-%06d","display_name":"Family %d/Model %06d",'
        b'"type_target":"openai","created_at":"2026-01-01T00:00:00Z","pricing":{"kind":"token",'
        b'"text":{"prompt":"0.000000%d","completion":"0.00000%d"}}}'
    ) % (model % 7, model, model % 7, model, price, price)


def _key(source: int) -> str:
    return f"key-of-source-{source}"


def _run(orders: Connection, fleet: Fleet) -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(orders, fleet))


async def _serve(orders: Connection, fleet: Fleet) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    state = _State(fleet)
    context = None
    if fleet.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(_CERTIFICATES / "localhost.pem")
    ports = []
    for host in range(fleet.hosts):
        server = await loop.create_server(
            partial(_Asked, state, loop, host), "127.0.0.1", 0, ssl=context, backlog=_WAITING
        )
        ports.append(server.sockets[0].getsockname()[1])

    def obey() -> None:
        try:
            state.change(orders.recv())
            orders.send(state.served())
        except (EOFError, OSError):  # nobody is there any more
            loop.remove_reader(orders.fileno())
            over.set()

    orders.send(ports)
    loop.add_reader(orders.fileno(), obey)
    with suppress(TimeoutError):
        await asyncio.wait_for(over.wait(), fleet.seconds)


class _State:
    """How often each catalog changed, and what was asked."""

    def __init__(self, fleet: Fleet) -> None:
        self.fleet = fleet
        self.requests = self.not_modified = self.refused = self.connections = self.open = 0
        self._changes = array("L", [0]) * fleet.catalogs
        self._next = 0
        self._date, self._dated = b"", 0.0

    def change(self, number: int) -> None:
        for _ in range(number):
            self._changes[self._next] += 1
            self._next = (self._next + 1) % self.fleet.catalogs

    def served(self) -> Served:
        return Served(
            self.requests,
            self.not_modified,
            self.refused,
            self.connections,
            self.open,
            time.process_time(),
        )

    def answer(self, head: bytes, host: int) -> bytes | None:
        """What a request to the host of a number is answered; None: nothing, one was the last."""
        self.requests += 1
        if self.requests > self.fleet.most or not head.startswith(_ASKED):
            return None
        key = _KEY.search(head + b"\r\n")
        source = -1 if key is None else int(key[1])
        if source not in range(host, self.fleet.sources, self.fleet.hosts):
            self.refused += 1
            return b"HTTP/1.1 401 Unauthorized\r\nContent-Length: 0\r\n\r\n"
        catalog = source % self.fleet.catalogs
        changes = self._changes[catalog]
        etag, known = b'"%d-%d"' % (catalog, changes), _ETAG.search(head)
        fields = b"Date: %b\r\nETag: %b\r\n" % (self._now(), etag)
        if known is not None and known[1] == etag:
            self.not_modified += 1
            return b"HTTP/1.1 304 Not Modified\r\n%b\r\n" % fields
        content = body(catalog, changes, self.fleet.models)
        kind = b"Content-Type: application/json\r\nContent-Length: %d\r\n" % len(content)
        return b"HTTP/1.1 200 OK\r\n%b%b\r\n%b" % (fields, kind, content)

    def _now(self) -> bytes:
        if time.monotonic() - self._dated >= 1:
            self._date, self._dated = formatdate(usegmt=True).encode(), time.monotonic()
        return self._date


class _Asked(asyncio.Protocol):
    """One connection, on which one request follows the other."""

    def __init__(self, state: _State, loop: asyncio.AbstractEventLoop, host: int) -> None:
        self._state, self._loop, self._host = state, loop, host
        self._begun = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.Transport):
            self._transport = transport
        self._state.connections += 1
        self._state.open += 1

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        self._transport = None
        self._state.open -= 1

    def data_received(self, data: bytes) -> None:
        self._begun += data
        while (end := self._begun.find(b"\r\n\r\n")) >= 0:
            head, self._begun = self._begun[:end], self._begun[end + 4 :]
            if self._state.fleet.delay:
                self._loop.call_later(self._state.fleet.delay, self._say, head)
            else:
                self._say(head)

    def _say(self, head: bytes) -> None:
        if self._transport is None:
            return
        answer = self._state.answer(head, self._host)
        if answer is not None:
            self._transport.write(answer)
        if answer is None or _CLOSE.search(head):
            self._transport.close()
