"""How fast an outbox is worked off, beside a bare loop of POSTs to the same receiver."""

import multiprocessing
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter

from sqlalchemy import update

from benchmarks.catalogs import body, catalog
from benchmarks.notes import note
from benchmarks.tables import Row, at_least
from pricetrail.alerts.webhooks import Webhook
from pricetrail.jobs.deliveries.delivering import Deliverer
from pricetrail.jobs.polls.gateway import Answer
from pricetrail.jobs.polls.polling import Poller
from pricetrail.jobs.source import Source
from pricetrail.storage.database import Database
from pricetrail.storage.history import events
from pricetrail.storage.outbox import deliveries
from pricetrail.storage.outbox.deliveries import NewDelivery
from pricetrail.storage.schema import ensure
from pricetrail.storage.tables import delivery

WAITING = (1_000, 80_000)
_MODELS = 200
# The one of the specification.
_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


def run(waiting: tuple[int, ...] = WAITING, seconds: float = 5.0) -> Iterator[Row]:
    """A row for each number of messages that wait, and how the last does beside the first."""
    shares = []
    with _receiver() as port:
        for number in waiting:
            note(f"deliveries with {number:,} waiting")
            with _outbox(number, port) as deliverer:
                bare = _bare(port, seconds)
                shares.append(_rate(deliverer, seconds) / bare)
            yield Row(
                f"deliveries to one webhook, {number:,} waiting",
                shares[-1],
                "x the rate of a bare loop of POSTs",
                at_least(0.05),
            )
    yield Row(
        f"the rate with {waiting[-1]:,} waiting beside {waiting[0]:,}",
        shares[-1] / shares[0],
        "x the rate",
        at_least(0.5),
    )


def _rate(deliverer: Deliverer, seconds: float) -> float:
    """Messages a second, until none waits or the time is over."""
    timer = threading.Timer(seconds, deliverer.stopping.set)
    timer.start()
    start = perf_counter()
    tally = deliverer.drain("bench")
    took = perf_counter() - start
    timer.cancel()
    if not tally.delivered or tally.retrying or tally.dead:
        raise AssertionError(f"not everything was delivered: {tally}")
    return tally.delivered / took


def _bare(port: int, seconds: float) -> float:
    """POSTs a second over one connection, with nothing else to do."""
    connection = HTTPConnection("127.0.0.1", port)
    content, number, start = b"x" * 600, 0, perf_counter()
    while perf_counter() - start < seconds / 5:
        connection.request("POST", "/", content, {"Content-Type": "application/json"})
        connection.getresponse().read()
        number += 1
    rate = number / (perf_counter() - start)
    connection.close()
    return rate


@contextmanager
def _outbox(waiting: int, port: int) -> Iterator[Deliverer]:
    """A database on SQLite in which so many messages wait for one webhook; as many went before."""
    hook = Webhook(
        name="bench", url=f"http://127.0.0.1:{port}/", secrets=(_SECRET,), allow_private=True
    )
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / 'bench.db'}")
        ensure(database)
        _poll(database)
        with database.write() as connection:
            found = events.read(connection, events.EventFilter())
            ids = [event.id for _, event in found]
            owed = (
                NewDelivery(f"dlv_{n}", "bench", (ids[n % len(ids)],)) for n in range(2 * waiting)
            )
            deliveries.enqueue(connection, owed, database.now())
            before = delivery.c.number <= waiting
            connection.execute(update(delivery).where(before).values(state=deliveries.DELIVERED))
        yield Deliverer(database, {"bench": hook})
        database.close()


def _poll(database: Database) -> None:
    """A baseline of one model, and then many more: an event for each."""
    bodies = iter([body(catalog(1)), body(catalog(_MODELS))])
    source = Source(name="bench", url="http://localhost/", api_key="none")

    def fetch(_source: Source, _etag: str | None, **_limits: object) -> Answer:
        return Answer(200, next(bodies), None, False)

    poller = Poller(database, {}, fetch=fetch)
    for _ in range(2):
        poller.poll(source)


class _Taking(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else each answer waits for the acknowledgement of its headers.
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(204)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: it is measured."""


def _serve(sending: Connection) -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Taking)
    sending.send(server.server_port)
    server.serve_forever()


@contextmanager
def _receiver() -> Iterator[int]:
    """A receiver in a process of its own: it shares no interpreter with what is measured."""
    spawning = multiprocessing.get_context("spawn")
    receiving, sending = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_serve, args=(sending,), daemon=True)
    process.start()
    try:
        yield receiving.recv()
    finally:
        process.terminate()
        process.join()
        process.close()
        receiving.close()
        sending.close()
