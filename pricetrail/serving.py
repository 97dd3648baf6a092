"""The page and the API, wired to the configuration and the database."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.context import App
from pricetrail.jobs.polls import reviewing
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.settings.loading import Settings
from pricetrail.settings.web import WebSettings, load
from pricetrail.storage.database import Database, Transaction

if TYPE_CHECKING:
    from pricetrail.web.server import Page
    from pricetrail.web.site import Site

_MISSING = "the page and the API need pricetrail[web]: pip install '.[web]' in pricetrail's folder"


class MissingExtraError(InvalidInputError):
    """The framework that the page is made with is not installed."""


def web_settings(
    app: App, host: str | None, port: int | None, root_path: str | None
) -> WebSettings:
    """The `[web]` table, with what the command line says instead.

    Raises:
        SettingsError: as `settings.web.load`.
    """
    return load(app.config, os.environ, said(host=host, port=port, root_path=root_path))


def said(**given: object) -> dict[str, object]:
    """What the command line says instead of the configuration: the options that were given."""
    return {name: value for name, value in given.items() if value is not None}


def require_servable(settings: WebSettings) -> None:
    """Refuse what nobody may be served with; nothing is opened for it.

    Raises:
        InvalidInputError: it would be open to others without a token, its root path is that of a
            page, or the extra is missing.
    """
    try:
        # Only now: nothing else needs the framework, which is an extra.
        from pricetrail.web import app, server  # noqa: PLC0415 - see above
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("pricetrail"):
            raise
        raise MissingExtraError(_MISSING) from None
    server.require_tokens(settings.host, settings.tokens)
    app.require_another_root(settings.root_path)


@contextmanager
def serving(
    app: App,
    settings: WebSettings,
    *,
    metrics_prices: bool = False,
    ended: Callable[[], object] = lambda: None,
) -> Iterator["Page"]:
    """Serve the page while the body runs.

    Args:
        ended: called where the page ends without being asked to.

    Raises:
        InvalidInputError: as `require_servable`.
        FailedError: the address cannot be had.
        NotFoundError: there is no database yet.
    """
    # What is wrong with the options comes before what is wrong with the database.
    require_servable(settings)
    with serving_database(
        app.database().url, settings, app, metrics_prices=metrics_prices, ended=ended
    ) as page:
        yield page


@contextmanager
def serving_database(
    url: str,
    settings: WebSettings,
    app: App | None = None,
    *,
    metrics_prices: bool = False,
    ended: Callable[[], object] = lambda: None,
) -> Iterator["Page"]:
    """The same of a database alone; with `app` the page shows what its configuration says.

    Raises:
        InvalidInputError, FailedError: as `serving`.
    """
    require_servable(settings)
    from pricetrail.web import server  # noqa: PLC0415 - an extra, which is there
    from pricetrail.web.site import Site  # noqa: PLC0415 - likewise

    # Its own connections: readers never take those of the polls.
    database = Database(url)
    try:
        site = Site(
            database=database,
            hosts=settings.hosts,
            tokens=settings.tokens,
            root_path=settings.root_path,
            metrics_prices=metrics_prices,
        )
        if app is not None:
            site = _with_configuration(site, app)
        listening = server.listen(settings.host, settings.port)
        with server.serving(site, listening, settings.trusted_proxies, ended) as page:
            yield page
    finally:
        database.close()


def renewed(page: "Page", settings: Settings, access: WebSettings) -> "Site":
    """What the page is to be once the configuration that was read again is in force.

    Raises:
        InvalidInputError: it would be open to others without a token.
    """
    from pricetrail.web import server  # noqa: PLC0415 - an extra, which is there

    server.require_tokens(page.bound, access.tokens)
    app = App()
    app.open_settings = settings
    site = replace(page.site, hosts=access.hosts, tokens=access.tokens)
    labels = {name: source.labels for name, source in settings.sources.items()}
    return replace(
        _with_configuration(site, app), configured=labels or None, aliases=settings.aliases
    )


def _with_configuration(site: "Site", app: App) -> "Site":
    def review(transaction: Transaction, number: int) -> ReviewAnswer:
        known = app.all_sources()
        return reviewing.preview(transaction, known, number, site.database.now())

    return replace(
        site,
        webhooks=tuple(app.known_webhooks().values()),
        configured=app.own_sources(),
        review=review,
        aliases=app.known_aliases(),
    )
