"""The page and a bare one beside it, in a process of their own, and a reader of both."""

import multiprocessing
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from http.client import HTTPConnection
from multiprocessing.connection import Connection

import uvicorn

from benchmarks import clocks
from benchmarks.bare import create_bare
from benchmarks.tables import timed
from pricetrail.storage import remembered
from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.connections import Connection as Protocol
from pricetrail.web.connections import Server
from pricetrail.web.server import listen, serving
from pricetrail.web.site import Site


class Reader:
    """One reader of one server, over one connection that is kept."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port)

    def get(self, path: str, etag: str | None = None, *, status: int = 200) -> bytes:
        """The body at an address.

        Raises:
            AssertionError: the answer has another status.
        """
        self._connection.request("GET", path, headers={"If-None-Match": etag} if etag else {})
        answer = self._connection.getresponse()
        body = answer.read()
        if answer.status != status:
            raise AssertionError(f"{path}: {answer.status} {body[:400]!r}")
        self.etag = answer.headers.get("etag", "")
        return body

    def close(self) -> None:
        """Ask nothing any more."""
        self._connection.close()


class Served:
    """Both servers; `page` reads ours, `bare` the other."""

    def __init__(
        self, ports: tuple[int, int], orders: Connection, process: int, server: int | None
    ) -> None:
        self.page, self.bare = map(Reader, ports)
        self._orders = orders
        self._process, self._server = process, server

    def cost(self, asking: Callable[[], object]) -> float:
        """How many seconds the servers work for what is asked, whoever else is on the machine.

        Where it cannot be had, how long it takes.
        """
        if not clocks.KEPT:
            return timed(asking)
        start = clocks.worked(self._process)
        asking()
        return clocks.worked(self._process) - start

    def costs(self, asking: Callable[[], object]) -> tuple[float, float]:
        """The same, and how many seconds the server of the database works for it beside them."""
        if self._server is None or not clocks.KEPT:
            return self.cost(asking), 0.0
        start = clocks.worked_below(self._server)
        ours = self.cost(asking)
        return ours, clocks.worked_below(self._server) - start

    def forget(self) -> None:
        """Let ours know no more than a process that has begun just now."""
        self._orders.send("forget")
        self._orders.recv()


@contextmanager
def served(url: str, now: datetime, server: int | None = None) -> Iterator[Served]:
    """A database's page beside the bare one, at a time that stands still.

    Args:
        server: the process that has started those of the database's own server.
    """
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=_serve, args=(theirs, url, now), daemon=True)
    process.start()
    # Else nobody would hear that it ended before it served.
    theirs.close()
    try:
        found = Served(ours.recv(), ours, process.pid or 0, server)
        with closing(found.page), closing(found.bare):
            yield found
    finally:
        process.terminate()
        process.join()
        process.close()
        ours.close()


def _serve(orders: Connection, url: str, now: datetime) -> None:
    database = Database(url, clock=lambda: now)
    site = Site(database=database, hosts=Hosts("127.0.0.1"))
    listening, beside = listen("127.0.0.1", 0), listen("127.0.0.1", 0)
    # Its settings are those of ours.
    bare = Server(
        uvicorn.Config(
            create_bare(),
            timeout_keep_alive=600,
            http=Protocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
        )
    )
    threading.Thread(target=bare.run, kwargs={"sockets": [beside]}, daemon=True).start()
    bare.ready.wait()
    with serving(site, listening):
        orders.send((listening.getsockname()[1], beside.getsockname()[1]))
        while orders.recv() == "forget":
            remembered.forget_all()
            orders.send(None)
