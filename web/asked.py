"""What every page is asked: which source, as of when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from pricetrail.catalog.asked_times import absolute_time
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError
from pricetrail.storage import source_names, sources
from pricetrail.storage.source_names import SomeNames
from pricetrail.web.site import Site, site_of

# So many sources are offered to be chosen from; of more, the name is written.
_OFFERED = 100


def moment(name: str, text: str | None) -> datetime | None:
    """A time that somebody wrote; None where nobody did.

    Raises:
        InvalidInputError: it is none.
    """
    if text is None or text.strip() in ("", "now"):
        return None
    try:
        return absolute_time(text)
    except TimeError as error:
        raise InvalidInputError(f"{name}: {error}") from None


def readable(text: str | None) -> bool:
    """Whether it is a time, or nothing at all."""
    try:
        moment("", text)
    except InvalidInputError:
        return False
    return True


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a page; `filled` is the first source that has a version.

    `sources` are the first of all; `is_there`: whether the one that was asked for has a row.
    """

    request: Request
    site: Site
    sources: SomeNames
    source: str | None
    at: datetime | None
    filled: str | None
    is_there: bool = False

    @property
    def chosen(self) -> str | None:
        """The source that was asked for; else the first that has anything to show."""
        return self.source or self.filled or next(iter(self.sources.names), None)


def _asked(request: Request, source: str = "", at: str = "") -> Asked:
    site = site_of(request)
    with site.database.read() as transaction:
        known = source_names.some(transaction, _OFFERED)
        filled = sources.first_with_version(transaction)
        is_there = not source or sources.state(transaction, source) is not None
    return Asked(request, site, known, source or None, moment("at", at), filled, is_there)


ThisRequest = Annotated[Asked, Depends(_asked)]
