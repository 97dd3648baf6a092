"""The HTTP server: uvicorn on a thread of its own, on a socket that was opened first."""

import logging
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

import uvicorn
from fastapi import FastAPI

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.text.log_fields import fields
from pricetrail.web.access.hosts import is_loopback
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.app import create_app
from pricetrail.web.connections import GRACE, Connection, Server
from pricetrail.web.site import Site

_MOST_CONNECTIONS = 500
# After the grace for who reads: what hangs elsewhere is left behind.
_HANGS = 2.0

log = logging.getLogger("pricetrail.web")


@dataclass(slots=True)
class Page:
    """A server that answers at `address`; `failed` once it has ended without being asked to.

    `bound` is the address that others reach it at, if they can.
    """

    address: str
    bound: str
    app: FastAPI
    failed: bool = False

    @property
    def site(self) -> Site:
        """What answers now."""
        site: Site = self.app.state.site
        return site

    def replace(self, site: Site) -> None:
        """Have another site answer from the next request on, at the same address and root path.

        The streams of before end, whose readers come back by themselves: if they still may.
        """
        before = self.site
        self.app.state.site = replace(site, edition=before.edition + 1, stopping=threading.Event())
        before.stopping.set()


def require_tokens(host: str, tokens: Tokens) -> None:
    """Refuse to let others in without a token.

    Raises:
        InvalidInputError: the address can be reached from elsewhere, and there is no token.
    """
    if not is_loopback(host) and not tokens:
        raise InvalidInputError(
            f"{host or 'every address'} can be reached by others, and no token is set: write "
            'web.tokens = { team = "file:team.token" } in the configuration, or set '
            "PRICETRAIL_WEB_TOKEN where there is no file, or bind 127.0.0.1"
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free.

    Raises:
        FailedError: the address cannot be had.
    """
    name = host.strip("[]")
    try:
        found = socket.getaddrinfo(
            name or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        # A name of both kinds is bound where everybody looks first.
        family = min(family for family, *_ in found)
        listening = socket.create_server((name, port), family=family, backlog=128)
    except (OSError, OverflowError, ValueError) as error:
        # Python repeats the address.
        why = (getattr(error, "strerror", None) or "this is no address").partition(" (")[0]
        raise FailedError(
            f"cannot listen on {host} port {port}: {why}; choose another with --host and --port"
        ) from None
    # asyncio does so only for sockets that were made with TCP's number. Without it an answer in
    # two pieces waits 40 ms for the reader's acknowledgement.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def address(listening: socket.socket, root_path: str = "") -> str:
    """Where a browser on this machine finds the page."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - how it is told, nothing is bound
    return f"http://{shown}:{port}{root_path}/"


@contextmanager
def serving(
    site: Site,
    listening: socket.socket,
    trusted_proxies: Sequence[str] = (),
    ended: Callable[[], object] = lambda: None,
) -> Iterator[Page]:
    """Answer requests while the body runs; then end what is open.

    Args:
        trusted_proxies: the addresses, or networks, whose `X-Forwarded-For` and
            `X-Forwarded-Proto` are believed.
        ended: called where the server ends without being asked to.

    Raises:
        InvalidInputError: the socket can be reached from elsewhere, and there is no token.
        FailedError: the server did not start.
    """
    with listening:
        # By what was bound at last, whatever its name was.
        bound = listening.getsockname()[0]
        require_tokens(bound, site.tokens)
        app = create_app(site)
        server = Server(_config(app, trusted_proxies))
        page = Page(address(listening, site.root_path), bound, app)

        def run() -> None:
            try:
                server.run(sockets=[listening])
            except (Exception, SystemExit) as error:  # noqa: BLE001 - its fault must not end the polls
                kind = type(error).__name__
                log.error("the page failed: %s", kind, extra=fields(error=kind))  # noqa: TRY400 - no frames in a log
            finally:
                page.failed = not server.should_exit
                server.ready.set()
                if page.failed:
                    ended()

        thread = threading.Thread(target=run, name="web", daemon=True)
        thread.start()
        server.ready.wait()
        try:
            if page.failed:
                raise FailedError("the page could not start: the log says why")
            yield page
        finally:
            page.site.stopping.set()
            server.should_exit = True
            thread.join(GRACE + 2 * _HANGS)


def _config(app: FastAPI, trusted_proxies: Sequence[str]) -> uvicorn.Config:
    # No root path: the guard adds it, as uvicorn would only where the proxy takes it away.
    return uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(trusted_proxies),
        forwarded_allow_ips=list(trusted_proxies),
        timeout_graceful_shutdown=int(GRACE + _HANGS),
        limit_concurrency=_MOST_CONNECTIONS,
    )
