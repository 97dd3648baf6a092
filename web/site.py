"""What the pages and the API stand on, wired by whoever starts the server."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from starlette.requests import Request

from pricetrail.alerts.webhooks import Webhook
from pricetrail.catalog.aliases import NO_ALIASES, Aliases
from pricetrail.queries.quarantine import ReviewAnswer
from pricetrail.queries.sources import Labels
from pricetrail.storage.database import Database, Transaction
from pricetrail.web.access.hosts import Hosts
from pricetrail.web.access.tokens import Tokens
from pricetrail.web.access.tries import MOST_COOKIES, Tries

# Works out what approving a catalog that was set aside would announce, by the rules of a poll.
Review = Callable[[Transaction, int], ReviewAnswer]


@dataclass(frozen=True, slots=True)
class Site:
    """One server's database, who may ask it, and what of the configuration is shown.

    `configured` are its sources, by name, with their labels; None where they are not known.
    `aliases`: which names stand for one model.
    `metrics_prices` adds a series for each price to the metrics; `stopping` ends the streams.
    `edition` counts the sites of one server.
    """

    database: Database
    hosts: Hosts
    tokens: Tokens = field(default_factory=Tokens)
    tries: Tries = field(default_factory=Tries)
    cookie_tries: Tries = field(default_factory=lambda: Tries(most=MOST_COOKIES))
    webhooks: tuple[Webhook, ...] = ()
    configured: Labels | None = None
    review: Review | None = None
    aliases: Aliases = NO_ALIASES
    root_path: str = ""
    metrics_prices: bool = False
    edition: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)


def site_of(request: Request) -> Site:
    """The site that answers a request."""
    site: Site = request.app.state.site
    return site
