"""Catalogs and their models as a gateway serves them."""

from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.strict_json import printable
from pricetrail.queries import models
from pricetrail.web.bodies import Body, of_text
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of


def listing(request: Request, source: str | None, at: datetime | None) -> Response:
    """The catalog of a source as of a time, None for as it was last seen.

    Raises:
        SourceNeededError, NotFoundError: as `queries.models.locate`.
    """
    with site_of(request).database.read() as transaction:
        found = models.locate(transaction, source, at)
        text = models.printed(transaction, found)
    return reply(request, Body([text]), settled=found.settled)


def document(request: Request, source: str | None, model: str, at: datetime | None) -> Response:
    """One model as it was served.

    Raises:
        SourceNeededError, NotFoundError: as `queries.models.locate` and `document_of`.
    """
    with site_of(request).database.read() as transaction:
        found = models.locate(transaction, source, at)
        text = models.document_of(transaction, found, model, at)
    return reply(request, of_text(printable(text) + "\n"), settled=found.settled)
