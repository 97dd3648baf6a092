"""A server of raw sockets on loopback: it says what a script says, HTTP or not."""

import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

Script = Callable[[socket.socket], None]

# How long a drip goes on at most; whoever hangs up ends it.
_DRIPS = 2000


@dataclass
class RawServer:
    """Plays `scripts`, one a connection, the last one again and again; keeps the requests.

    With `greets` it speaks before it was asked anything.
    """

    port: int
    scripts: list[Script]
    tls: ssl.SSLContext | None = None
    greets: bool = False
    requests: list[str] = field(default_factory=list)

    def url(self, host: str = "127.0.0.1") -> str:
        """The address of a catalog there."""
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}/v1/models"

    def serve(self, connection: socket.socket) -> None:
        """One connection, to its end."""
        with connection, suppress(OSError):
            if self.tls is not None:
                with self.tls.wrap_socket(connection, server_side=True) as secured:
                    self._play(secured)
            else:
                self._play(connection)

    def _play(self, connection: socket.socket) -> None:
        connection.settimeout(10)
        if not self.greets and not self._hear(connection):
            return
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        script(connection)

    def _hear(self, connection: socket.socket) -> bool:
        """Keep one request; False where the other side hung up before its end."""
        asked = b""
        while b"\r\n\r\n" not in asked:
            part = connection.recv(65536)
            if not part:
                return False
            asked += part
        self.requests.append(asked.decode("latin-1"))
        _drain(connection, asked)
        return True


def _drain(connection: socket.socket, asked: bytes) -> None:
    """Read the rest of the body: what is closed with bytes unread is reset, its answer lost."""
    head, _, body = asked.partition(b"\r\n\r\n")
    length = re.search(rb"(?im)^content-length: *([0-9]+)", head)
    left = int(length[1]) - len(body) if length else 0
    while left > 0 and (part := connection.recv(65536)):
        left -= len(part)


def says(data: bytes) -> Script:
    """These bytes, then the end."""
    return lambda connection: connection.sendall(data)


def answer(body: bytes = b"", status: str = "200 OK", **headers: str) -> Script:
    """A whole HTTP answer; `content_length` may lie; what is empty is not sent."""
    given = {"content_length": str(len(body))} | headers
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in given.items() if value]
    head = "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()
    return says(head + body)


def silent(connection: socket.socket) -> None:
    """Not a word until the other side hangs up."""
    while not _hung_up(connection, 1.0):
        pass


def one_by_one(*answers: bytes, heard: list[str] | None = None, end: Script = silent) -> Script:
    """Answer so many requests on one connection; what comes then is for `end`."""

    def play(connection: socket.socket) -> None:
        for number, answer in enumerate(answers):
            if number and not hear(connection, heard):
                return
            connection.sendall(answer)
        end(connection)

    return play


def hear(connection: socket.socket, heard: list[str] | None = None) -> bool:
    """Read one request; False where the other side hung up instead."""
    asked = b""
    while b"\r\n\r\n" not in asked:
        part = connection.recv(65536)
        if not part:
            return False
        asked += part
    if heard is not None:
        heard.append(asked.decode())
    return True


def drips(start: bytes, drop: bytes) -> Script:
    """A start, then one drop after the other until the other side hangs up."""

    def play(connection: socket.socket) -> None:
        connection.sendall(start)
        for _ in range(_DRIPS):
            connection.sendall(drop)
            if _hung_up(connection, 0.01):
                return

    return play


def resets(connection: socket.socket) -> None:
    """Break the connection before any answer."""
    connection.shutdown(socket.SHUT_RDWR)


def _hung_up(connection: socket.socket, seconds: float) -> bool:
    connection.settimeout(seconds)
    try:
        return connection.recv(1) == b""
    except TimeoutError:
        return False


@contextmanager
def raw_server(
    *scripts: Script, tls: ssl.SSLContext | None = None, greets: bool = False
) -> Iterator[RawServer]:
    """A server that listens while the context is open."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = RawServer(listener.getsockname()[1], list(scripts), tls, greets)
    threads: list[threading.Thread] = []

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threads.append(threading.Thread(target=server.serve, args=(connection,), daemon=True))
            threads[-1].start()

    accepting = threading.Thread(target=accept, daemon=True)
    accepting.start()
    try:
        yield server
    finally:
        # Wakes the accept; closing alone does not on Linux.
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        accepting.join()
        for thread in threads:
            thread.join(5)
