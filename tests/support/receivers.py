"""A webhook's receiver: a real HTTP server on loopback, written with nothing of ours."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class Request:
    """One POST, or GET, as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes
    method: str = "POST"


# An answer's script: gets the raw request handler and does what a receiver may do.
Script = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Receiver:
    """Takes everything with 204, unless scripts for the next requests are given."""

    url: str = ""
    requests: list[Request] = field(default_factory=list)
    scripts: list[Script] = field(default_factory=list)
    always: Script | None = None

    @property
    def ids(self) -> list[str]:
        """The `webhook-id` of every request, in order."""
        return [request.headers.get("webhook-id", "") for request in self.requests]

    def answer(self, handler: BaseHTTPRequestHandler, request: Request) -> None:
        """Record a request and play the next script."""
        self.requests.append(request)
        script = self.scripts.pop(0) if self.scripts else self.always
        (script or status(204))(handler)


def status(code: int, body: bytes = b"", **headers: str) -> Script:
    """Answer with a status."""

    def play(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(code)
        for name, value in headers.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return play


def reset(handler: BaseHTTPRequestHandler) -> None:
    """Take the message and break the connection before any answer."""
    handler.close_connection = True
    handler.connection.shutdown(2)


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A reply of 200 that never ends."""
    handler.send_response(200)
    handler.end_headers()
    try:
        while True:
            handler.wfile.write(b"x" * 65536)
    except OSError:
        handler.close_connection = True


@contextmanager
def receiving() -> Iterator[Receiver]:
    """A receiver that listens while the context is open."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = self.rfile.read(length)
            receiver.answer(self, Request(self.path, headers, body, self.command))

        def do_GET(self) -> None:
            self.do_POST()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """Connections break here on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
