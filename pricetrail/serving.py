"""The page and the API, wired to the configuration and the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App
from pricetrail.jobs.polls import reviewing
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.settings import web as settings
from pricetrail.settings.shapes import WebTable
from pricetrail.storage.database import Database, Transaction

if TYPE_CHECKING:
    from pricetrail.web.site import Site

_MISSING = "the page and the API need an extra: pip install 'pricetrail[web]'"


def web_settings(
    app: App, host: str | None = None, port: int | None = None, root_path: str | None = None
) -> WebTable:
    """The `[web]` table, with what the command line says instead.

    Raises:
        SettingsError: as `settings.web.load`.
    """
    table = settings.load(app.config, os.environ)
    given = {"host": host, "port": port, "root_path": root_path}
    changed = {name: value for name, value in given.items() if value is not None}
    return WebTable.model_validate(table.model_dump() | changed)


@contextmanager
def serving(app: App, table: WebTable, *, metrics_prices: bool = False) -> Iterator[str]:
    """Serve the page while the body runs; the address where this machine's browser finds it.

    Raises:
        InvalidInputError: it would be open to others without a token, or the extra is missing.
        FailedError: the address cannot be had.
    """
    database = app.database()
    # Its own connections: readers never take those of the polls.
    own = Database(database.url)
    try:
        with of_database(own, app, table, metrics_prices=metrics_prices) as address:
            yield address
    finally:
        own.close()


@contextmanager
def of_database(
    database: Database, app: App | None, table: WebTable, *, metrics_prices: bool = False
) -> Iterator[str]:
    """The same on a database that the caller closes."""
    try:
        # Only now: nothing else needs the framework, which is an extra.
        from pricetrail.web import server  # noqa: PLC0415 - see above
        from pricetrail.web.access.hosts import Hosts  # noqa: PLC0415 - likewise
        from pricetrail.web.access.tokens import Tokens  # noqa: PLC0415 - likewise
        from pricetrail.web.site import Site  # noqa: PLC0415 - likewise
    except ImportError:
        raise InvalidInputError(_MISSING) from None
    site = Site(
        database=database,
        hosts=Hosts(table.host, table.allowed_hosts),
        tokens=Tokens(table.tokens),
        root_path=table.root_path,
        metrics_prices=metrics_prices,
    )
    if app is not None:
        site = _with_configuration(site, app)
    server.require_tokens(table.host, site)
    listening = server.listen(table.host, table.port)
    with server.serving(site, listening, table.trusted_proxies):
        yield server.address(listening, table.root_path)


def _with_configuration(site: "Site", app: App) -> "Site":
    def review(transaction: Transaction, number: int) -> ReviewAnswer:
        known = app.known_sources()
        return reviewing.preview(transaction, known, number, site.database.now())

    return replace(site, webhooks=tuple(app.known_webhooks().values()), review=review)
