"""Pages from templates: what every one of them has around it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlencode

import jinja2
from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.times import rfc3339
from pricetrail.text.sanitize import sanitize
from pricetrail.version import VERSION
from pricetrail.web import wording
from pricetrail.web.access.addresses import path_of
from pricetrail.web.asked import moment, readable
from pricetrail.web.bodies import of_text
from pricetrail.web.charts.range import range_picture
from pricetrail.web.charts.words import group_words
from pricetrail.web.fragments import keeping
from pricetrail.web.paths import escaped
from pricetrail.web.replies import HTML, reply
from pricetrail.web.site import site_of

_HERE = Path(__file__).parent
STATIC = _HERE / "static"
# So old may be what only the clock would change: an end that moves by less than one can see.
BRIEFLY = timedelta(seconds=30)
# In the order of the navigation: the page's name, its address, and what it is called.
NAVIGATION = (
    ("overview", "/", "Overview"),
    ("catalog", "/catalog", "Catalog"),
    ("timeline", "/timeline", "Timeline"),
    ("compare", "/compare", "Compare"),
    ("coverage", "/coverage", "Coverage"),
    ("deliveries", "/deliveries", "Deliveries"),
    ("quarantine", "/quarantine", "Quarantine"),
    ("proof", "/proof", "Proof"),
)


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    settled: bool = False,
    timeless: bool | timedelta = False,
    **context: object,
) -> Response:
    """A page; `settled` and `timeless` as for `reply`.

    The template has `link(path, **query)`, `at` and `source` as they were asked, and `context`.
    """
    around = _around(request, status)
    # What a reader keeps open and what is yet to change: the script renews it.
    live = request.method == "GET" and status == HTTPStatus.OK and not (settled or around["at"])
    around["live"] = live and "active" in context
    if around["at_ahead"]:
        # What it says of that time changes when it comes, though nothing is recorded.
        timeless = False
    text = _ENVIRONMENT.get_template(template).render(around | context)
    return reply(request, of_text(text), HTML, settled=settled, timeless=timeless, status=status)


def _around(request: Request, status: int) -> dict[str, object]:
    query = request.query_params
    at = query.get("at", "")
    # Links keep no time that cannot be read: each would lead to the same error.
    unreadable = not readable(at)
    past = "" if unreadable or at.strip() == "now" else at
    asked = (("source", query.get("source", "")), ("at", past))
    kept = {name: text for name, text in asked if text}
    root: str = request.scope.get("root_path", "")

    def link(path: str, /, **more: object) -> str:
        """An address below the root path, on the same source and time; None takes one away."""
        return root + address(path, kept | more)

    return {
        "link": link,
        "kept": keeping((root, *kept.items())),
        "plain_link": lambda path, /, **more: root + address(path, more),
        "here": lambda **more: root + address(path_of(request.scope), dict(query) | more),
        "asked": dict(query),
        "path": path_of(request.scope),
        "at": past,
        "at_ahead": bool(past) and _is_ahead(request, status, past),
        "at_written": at,
        "at_unreadable": unreadable,
        "source": query.get("source", ""),
        "navigation": NAVIGATION,
        "logged_in": bool(site_of(request).tokens),
        "version": VERSION,
    }


def _is_ahead(request: Request, status: int, at: str) -> bool:
    """Whether a time that can be read has not come yet."""
    asked = moment("at", at)
    # A database that does not answer is told of on a page, too: that one goes by our own clock.
    now = site_of(request).database.now() if status == HTTPStatus.OK else datetime.now(UTC)
    return asked is not None and asked > now


def address(path: str, query: Mapping[str, object]) -> str:
    """A path with its query; ids in a path keep their slashes and colons."""
    pairs = [(name, _text(value)) for name, value in query.items() if value not in (None, "")]
    return escaped(path) + (f"?{urlencode(pairs)}" if pairs else "")


def _text(value: object) -> str:
    return rfc3339(value) if isinstance(value, datetime) else str(value)


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    filters = {
        "clean": sanitize,
        "rfc3339": rfc3339,
        "range_picture": range_picture,
        "group_words": group_words,
    }
    environment.filters |= filters | wording.FILTERS
    environment.globals |= wording.GLOBALS
    return environment


_ENVIRONMENT = _environment()
