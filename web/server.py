"""The HTTP server: uvicorn on a thread of its own, on a socket that was opened first."""

import logging
import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import uvicorn

from pricetrail.catalog.errors import FailedError, InvalidInputError
from pricetrail.web.access.hosts import is_loopback
from pricetrail.web.app import create_app
from pricetrail.web.site import Site

# A connection that is still open so many seconds after the stop is closed.
_GRACE = 5
_MOST_CONNECTIONS = 500

log = logging.getLogger("pricetrail.web")


def require_tokens(host: str, site: Site) -> None:
    """Refuse to let others in without a token.

    Raises:
        InvalidInputError: the address can be reached from elsewhere, and there is no token.
    """
    if not is_loopback(host) and not site.tokens:
        raise InvalidInputError(
            f"{host} can be reached by others, and no token is set: write web.tokens = "
            '{ team = "file:team.token" } in the configuration, or bind 127.0.0.1'
        )


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes any that is free.

    Raises:
        FailedError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host.strip("[]"), port), family=family, backlog=128)
    except (OSError, OverflowError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise FailedError(
            f"cannot listen on {host} port {port}: {why}; choose another with --port"
        ) from None


def address(listening: socket.socket, root_path: str = "") -> str:
    """Where a browser on this machine finds the page."""
    host, port = listening.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104 - how it is told, nothing is bound
    return f"http://{shown}:{port}{root_path}/"


@contextmanager
def serving(
    site: Site, listening: socket.socket, trusted_proxies: Sequence[str] = ()
) -> Iterator[None]:
    """Answer requests while the body runs; then end what is open.

    Args:
        trusted_proxies: the addresses, or networks, whose `X-Forwarded-For` and
            `X-Forwarded-Proto` are believed.
    """
    server = uvicorn.Server(
        uvicorn.Config(
            create_app(site),
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=bool(trusted_proxies),
            forwarded_allow_ips=list(trusted_proxies),
            root_path=site.root_path,
            ws="none",
            lifespan="on",
            timeout_graceful_shutdown=_GRACE,
            limit_concurrency=_MOST_CONNECTIONS,
        )
    )
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listening]}, name="web", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        site.stopping.set()
        server.should_exit = True
        thread.join(2 * _GRACE)
        listening.close()
