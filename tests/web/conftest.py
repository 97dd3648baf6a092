"""Clients of a site, without a socket."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import datetime
from typing import Any, Protocol

import pytest
from starlette.testclient import TestClient

from pricetrail.storage.database import Database
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.app import create_app
from pricetrail.web.site import Site


class MakeClient(Protocol):
    """Makes a client of a database's site: what the fixture `site_client` is."""

    def __call__(
        self,
        url: str | None = None,
        *,
        tokens: Mapping[str, str] | None = None,
        host: str = "127.0.0.1",
        allowed_hosts: Sequence[str] = (),
        clock: Callable[[], datetime] | None = None,
        **site: Any,
    ) -> TestClient:
        """A client that follows no redirect and sees every error as its answer.

        Args:
            url: the database; None for one that is empty.
            host: what the server is bound to.
            clock: what tells the time instead of the database.
            site: any other field of `Site`, such as `webhooks` or `root_path`.
        """


@pytest.fixture
def site_client(request: pytest.FixtureRequest) -> Iterator[MakeClient]:
    """Makes clients; everything is closed at the end."""
    with ExitStack() as stack:

        def make(
            url: str | None = None,
            *,
            tokens: Mapping[str, str] | None = None,
            host: str = "127.0.0.1",
            allowed_hosts: Sequence[str] = (),
            clock: Callable[[], datetime] | None = None,
            **site: Any,
        ) -> TestClient:
            database = Database(url or request.getfixturevalue("sqlite_url"), clock=clock)
            stack.callback(database.close)
            hosts = Hosts(host, allowed_hosts)
            app = create_app(Site(database=database, hosts=hosts, tokens=Tokens(tokens), **site))
            return stack.enter_context(
                TestClient(
                    app,
                    base_url="http://127.0.0.1",
                    raise_server_exceptions=False,
                    follow_redirects=False,
                    client=("127.0.0.1", 50000),
                )
            )

        yield make
