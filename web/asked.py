"""What every page is asked: which source, as of when."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from pricetrail.catalog.asked_times import absolute_time
from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError
from pricetrail.queries import sources
from pricetrail.web.site import Site, site_of


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
    """One request for a page; `filled` is the first source that has a version."""

    request: Request
    site: Site
    sources: tuple[str, ...]
    source: str | None
    at: datetime | None
    filled: str | None

    @property
    def chosen(self) -> str | None:
        """The source that was asked for; else the first that has anything to show."""
        return self.source or self.filled or next(iter(self.sources), None)


def _asked(request: Request, source: str = "", at: str = "") -> Asked:
    site = site_of(request)
    with site.database.read() as transaction:
        versions = sources.newest_versions(transaction)
    filled = next((name for name, newest in versions.items() if newest), None)
    return Asked(request, site, tuple(versions), source or None, moment("at", at), filled)


ThisRequest = Annotated[Asked, Depends(_asked)]
