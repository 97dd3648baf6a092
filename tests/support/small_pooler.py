"""What PgBouncer does to its clients, in small, for machines that have none.

Startup options are refused, a few server sessions serve everybody in turn, and in transaction
mode a client keeps one no longer than its transaction. Nothing is reset in between.
"""

import asyncio
import contextlib
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.support.postgres import Postgres

_SSL, _GSS = 80877103, 80877104
_SESSIONS = 3
_SYNCS = b"QSF"


@dataclass
class _Server:
    """One session of the server; `status` is what a new client is told of it."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    status: bytes = b""


@dataclass
class _Pooler:
    postgres: Postgres
    transactions: bool
    pools: dict[str, "asyncio.Queue[_Server | None]"] = field(default_factory=dict)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One client, from its startup to its end."""
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            asked = await _startup(reader, writer)
            if asked.get("options"):
                writer.write(_error("unsupported startup parameter: options"))
                await writer.drain()
            else:
                await self._relay(reader, writer, asked["database"])
        writer.close()

    async def _relay(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, database: str
    ) -> None:
        pool = self.pools.setdefault(database, _places())
        first = await pool.get() or await self._connect(database)
        writer.write(_message(b"R", struct.pack("!i", 0)) + first.status)
        writer.write(_message(b"Z", b"I"))
        pool.put_nowait(first)
        client = _Client(reader, writer)
        try:
            while (message := await _read(reader))[:1] != b"X":
                if client.server is None:
                    server = await pool.get() or await self._connect(database)
                    client.take(server, pool, keep=not self.transactions)
                client.send(message)
        finally:
            client.leave(pool)

    async def _connect(self, database: str) -> _Server:
        path = str(self.postgres.folder / f".s.PGSQL.{self.postgres.port}")
        server = _Server(*await asyncio.open_unix_connection(path))
        asked = f"user\0postgres\0database\0{database}\0\0".encode()
        server.writer.write(struct.pack("!ii", len(asked) + 8, 196608) + asked)
        while (message := await _read(server.reader))[:1] != b"Z":
            if message[:1] in b"SK":
                server.status += message
        return server


@dataclass
class _Client:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    server: _Server | None = None
    waiting: int = 0
    # Whether messages went out that no Sync has closed yet.
    open: bool = False
    pump: "asyncio.Task[None] | None" = None

    def take(self, server: _Server, pool: "asyncio.Queue[_Server | None]", *, keep: bool) -> None:
        self.server = server
        self.pump = asyncio.create_task(self._answers(server, pool, keep))

    def send(self, message: bytes) -> None:
        assert self.server is not None
        self.open = message[:1] not in _SYNCS
        self.waiting += not self.open
        self.server.writer.write(message)

    async def _answers(
        self, server: _Server, pool: "asyncio.Queue[_Server | None]", keep: bool
    ) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                message = await _read(server.reader)
                self.writer.write(message)
                if message[:1] != b"Z":
                    continue
                self.waiting -= 1
                if message[-1:] == b"I" and not (self.waiting or self.open or keep):
                    self.server = None
                    pool.put_nowait(server)
                    return
        # The server ended the session; its place is free.
        self.server = None
        pool.put_nowait(None)
        self.writer.close()

    def leave(self, pool: "asyncio.Queue[_Server | None]") -> None:
        """A session that is left in the middle of something is not used again."""
        if self.server is not None and self.pump is not None:
            self.pump.cancel()
            self.server.writer.close()
            pool.put_nowait(None)


def _places() -> "asyncio.Queue[_Server | None]":
    places: asyncio.Queue[_Server | None] = asyncio.Queue()
    for _ in range(_SESSIONS):
        places.put_nowait(None)
    return places


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> dict[str, str]:
    while True:
        length, code = struct.unpack("!ii", await reader.readexactly(8))
        if code not in (_SSL, _GSS):
            break
        writer.write(b"N")
    words = (await reader.readexactly(length - 8)).decode().split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))


async def _read(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    return head + await reader.readexactly(struct.unpack("!i", head[1:])[0] - 4)


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


def _error(text: str) -> bytes:
    return _message(b"E", f"SFATAL\0C08P01\0M{text}\0\0".encode())


@contextlib.contextmanager
def small_pooler(postgres: Postgres, *, transactions: bool) -> Iterator[int]:
    """Such a pooler on a thread of its own; its port on loopback."""
    loop = asyncio.new_event_loop()
    pooler = _Pooler(postgres, transactions)
    server = loop.run_until_complete(asyncio.start_server(pooler.serve, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.run_until_complete(_end(server, pooler))
        loop.close()


async def _end(server: asyncio.Server, pooler: _Pooler) -> None:
    server.close()
    for pool in pooler.pools.values():
        while not pool.empty():
            session = pool.get_nowait()
            if session is not None:
                session.writer.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
