"""How a person names a version: `1842`, a time, `latest`, `latest~3`, `baseline`."""

import re
from datetime import datetime
from typing import TYPE_CHECKING

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.times import TimeError, rfc3339, utc

if TYPE_CHECKING:
    from pricetrail.storage.database import Transaction
    from pricetrail.storage.sources import SourceState

_LATEST = re.compile(r"latest(?:~([0-9]{1,9}))?", re.ASCII)
_FORMS = "a version, a time, latest, latest~3 or baseline"


def version_of(connection: "Transaction", source: "SourceState", text: str) -> int:
    """The version that a person means.

    `baseline` is the one that the present account's history begins with. A time means the last
    version seen at or before it.

    Raises:
        InvalidInputError: none of these forms.
        NotFoundError: there is no such version.
    """
    from pricetrail.storage.history.versions import require_version

    found = _number(connection, source, text.strip())
    return int(require_version(connection, source.id, found).version)


def version_at(connection: "Transaction", source: "SourceState", at: datetime | None) -> int:
    """The last version seen at or before a time; None for the latest.

    Raises:
        NotFoundError: there was none yet.
    """
    from pricetrail.catalog.errors import NotFoundError
    from pricetrail.storage.history import versions
    from pricetrail.storage.polls import coverage

    if at is None:
        return _latest(source)
    found = coverage.version_at(connection, source.id, at)
    if found is None:
        first = versions.first_seen_before(connection, source.id)
        since = f": the first is of {rfc3339(first)}" if first else ""
        raise NotFoundError(f"no snapshot of {source.name} at {rfc3339(at)}{since}")
    return found


def _number(connection: "Transaction", source: "SourceState", text: str) -> int:
    if text == "baseline":
        _latest(source)
        return source.baseline_version
    latest = _LATEST.fullmatch(text)
    if latest:
        return _before_latest(source, int(latest[1] or 0))
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return int(text)
    try:
        return version_at(connection, source, utc(text))
    except TimeError:
        raise InvalidInputError(f"{text!r} names no version: write {_FORMS}") from None


def _before_latest(source: "SourceState", steps: int) -> int:
    from pricetrail.catalog.errors import NotFoundError

    newest = _latest(source)
    if steps >= newest:
        found = f"there is no snapshot {newest - steps}"
        raise NotFoundError(f"{found}: the latest of {source.name} is {newest}")
    return newest - steps


def _latest(source: "SourceState") -> int:
    """The newest version; raises where no poll has succeeded yet."""
    from pricetrail.catalog.errors import NotFoundError

    if not source.head_version:
        raise NotFoundError(f"{source.name} has no snapshot yet: run `pricetrail poll`")
    return source.head_version
