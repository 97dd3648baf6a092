"""Catalogs as a gateway serves them, the last ones kept: a version never changes."""

import threading
from collections import OrderedDict
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from pricetrail.catalog.strict_json import printable
from pricetrail.queries import models
from pricetrail.queries.models import CatalogVersion
from pricetrail.storage.database import Transaction
from pricetrail.web.bodies import Body
from pricetrail.web.replies import reply
from pricetrail.web.site import site_of

# In bytes: what is kept of them at most.
MOST = 32 << 20


class Listings:
    """The catalogs that were asked for last, as bytes, up to `most` of these."""

    def __init__(self, most: int = MOST) -> None:
        self._most = most
        self._kept: OrderedDict[bytes, bytes] = OrderedDict()
        self._size = 0
        self._lock = threading.Lock()

    def get(self, transaction: Transaction, found: CatalogVersion) -> bytes:
        """What `models --json` prints of a version."""
        key = found.hash
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        text = as_printed(models.text_of(transaction, found))
        self._keep(key, text)
        return text

    def _keep(self, key: bytes, text: bytes) -> None:
        with self._lock:
            if key in self._kept or len(text) > self._most:
                return
            self._kept[key] = text
            self._size += len(text)
            while self._size > self._most:
                self._size -= len(self._kept.popitem(last=False)[1])


def listing(request: Request, source: str | None, at: datetime | None) -> Response:
    """The catalog of a source as of a time, None for as it was last seen.

    Raises:
        SourceNeededError, NotFoundError: as `queries.models.locate`.
    """
    kept: Listings = request.app.state.listings
    with site_of(request).database.read() as transaction:
        found = models.locate(transaction, source, at)
        text = kept.get(transaction, found)
    return reply(request, Body([text]), settled=found.settled)


def document(request: Request, source: str | None, model: str, at: datetime | None) -> Response:
    """One model as it was served.

    Raises:
        SourceNeededError, NotFoundError: as `queries.models.locate` and `document_of`.
    """
    with site_of(request).database.read() as transaction:
        found = models.locate(transaction, source, at)
        text = models.document_of(transaction, found, model, at)
    return reply(request, Body([as_printed(text)]), settled=found.settled)


def as_printed(text: str) -> bytes:
    """A JSON text as a command prints it."""
    return printable(text).encode() + b"\n"
