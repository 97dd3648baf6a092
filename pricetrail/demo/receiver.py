"""A receiver of webhooks on loopback, as somebody else would write one: nothing of ours in it."""

import base64
import hashlib
import hmac
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

CHAT, SIGNED = "/chat", "/signed"


@dataclass(frozen=True, slots=True)
class Post:
    """One POST as it came in; header names in lower case."""

    path: str
    headers: dict[str, str]
    body: bytes


def verified(post: Post, secret: str) -> bool:
    """Whether the post is signed with the secret (Standard Webhooks 1.0, `whsec_…`)."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    named = f"{post.headers.get('webhook-id')}.{post.headers.get('webhook-timestamp')}."
    digest = hmac.new(key, named.encode() + post.body, hashlib.sha256).digest()
    expected = "v1," + base64.b64encode(digest).decode()
    given = post.headers.get("webhook-signature", "").split(" ")
    return any(hmac.compare_digest(expected, signature) for signature in given)


class Receiver:
    """Takes and keeps whatever is posted while its context is open.

    Args:
        heard: called with each post, on the thread that took it.
    """

    def __init__(self, heard: Callable[[Post], None] | None = None) -> None:
        self.heard = heard
        self._lock = threading.Lock()
        self._posts: list[Post] = []
        self._server = _Server(("127.0.0.1", 0), _Handler)
        self._server.receiver = self
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.02,), name="receiver", daemon=True
        )

    def url(self, path: str) -> str:
        """The address of `CHAT` or `SIGNED`."""
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def posts(self, path: str) -> list[Post]:
        """What came to a path, oldest first."""
        with self._lock:
            return [post for post in self._posts if post.path == path]

    def take(self, post: Post) -> None:
        """Keep a post and tell of it."""
        with self._lock:
            self._posts.append(post)
        if self.heard is not None:
            self.heard(post)

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    receiver: Receiver


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", "0"))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.receiver.take(Post(self.path, headers, self.rfile.read(length)))
        # Slack's word for "taken"; to the others any 2xx is one.
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base's name
        """The demo's own output is enough."""
