"""A gateway on loopback that speaks PipeLLM's protocol: for the demo, and for the tests.

`GET /v1/models` with a key gives `{"object": "list", "data": [sorted by id], "total": N}` and a
strong ETag; whoever sends that back gets 304. Everything else is an error in JSON.
"""

import hashlib
import hmac
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from pricetrail.catalog.strict_json import dumps

PATH = "/v1/models"
JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the gateway gives to whoever asks rightly, byte for byte."""

    body: bytes
    status: int = 200
    content_type: str = JSON

    @property
    def etag(self) -> str:
        """A strong one: another body has another."""
        return f'"{hashlib.sha256(self.body).hexdigest()[:32]}"'


def listing(models: Iterable[Mapping[str, Any]]) -> bytes:
    """The body that lists these models; `Decimal` keeps every digit."""
    data = sorted((dict(model) for model in models), key=lambda model: str(model["id"]))
    return dumps({"object": "list", "data": data, "total": len(data)}).encode()


class Gateway:
    """Serves a catalog while its context is open; the catalog may be set from any thread.

    Args:
        models: the catalog to begin with.
        key: what has to be sent as `Authorization: Bearer KEY` or `x-api-key: KEY`.
    """

    def __init__(self, models: Iterable[Mapping[str, Any]] = (), *, key: str = "demo-key") -> None:
        self.key = key
        self._lock = threading.Lock()
        self._models: list[dict[str, Any]] = []
        self._requests = 0
        self._reply = Reply(b"")
        self.catalog = list(models)
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.gateway = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="gateway", daemon=True
        )

    @property
    def catalog(self) -> list[dict[str, Any]]:
        """The models that are served; set it, and the next request gets the new ones."""
        with self._lock:
            return list(self._models)

    @catalog.setter
    def catalog(self, models: Iterable[Mapping[str, Any]]) -> None:
        served = [dict(model) for model in models]
        reply = Reply(listing(served))
        with self._lock:
            self._models, self._reply = served, reply

    @property
    def reply(self) -> Reply:
        """The whole answer; set one for a body, status or content type of its own."""
        with self._lock:
            return self._reply

    @reply.setter
    def reply(self, reply: Reply) -> None:
        with self._lock:
            self._reply = reply

    @property
    def requests(self) -> int:
        """How many requests came, refused ones too."""
        with self._lock:
            return self._requests

    @property
    def url(self) -> str:
        """The address of the catalog."""
        return f"http://127.0.0.1:{self._server.server_port}{PATH}"

    def __enter__(self) -> "Gateway":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def count(self) -> None:
        """One more request came."""
        with self._lock:
            self._requests += 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    gateway: Gateway

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Whoever hangs up early is nobody's concern."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        self.server.gateway.count()
        if self.path.partition("?")[0] != PATH:
            self._refuse(404, "not_found", f"there is only GET {PATH}")
        elif not self._has_key():
            self._refuse(401, "invalid_api_key", "send a key: Authorization: Bearer KEY")
        else:
            self._answer(self.server.gateway.reply)

    def _not_allowed(self) -> None:
        self.server.gateway.count()
        self._refuse(405, "method_not_allowed", f"there is only GET {PATH}", Allow="GET")

    do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _not_allowed  # noqa: N815 - the library's

    def _has_key(self) -> bool:
        scheme, _, token = self.headers.get("Authorization", "").partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else self.headers.get("x-api-key", "")
        return hmac.compare_digest(given.encode(), self.server.gateway.key.encode())

    def _answer(self, reply: Reply) -> None:
        if reply.status == 200 and self._is_known(reply.etag):
            self.send_response(304)
            self.send_header("ETag", reply.etag)
            self.end_headers()
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        if reply.status == 200:
            self.send_header("ETag", reply.etag)
        self.end_headers()
        self.wfile.write(reply.body)

    def _is_known(self, etag: str) -> bool:
        """`If-None-Match` compares weakly, and may be a list (RFC 9110, section 13.1.2)."""
        asked = self.headers.get("If-None-Match", "")
        return etag in {one.strip().removeprefix("W/") for one in asked.split(",")}

    def _refuse(self, status: int, kind: str, text: str, **headers: str) -> None:
        body = dumps({"error": {"type": kind, "message": text}}).encode()
        # What the request may still hold as a body is not read.
        self.close_connection = True
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", JSON)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """What the library finds wrong with a request by itself, in JSON as well."""
        self._refuse(code, "bad_request", message or explain or "this is not a request")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """The demo's own output is enough."""
