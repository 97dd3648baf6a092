"""Long answers in pages that fit into an agent's context, by number and by size.

A cursor names the entry that a page ends at, not a number of entries to skip: what is recorded
while somebody pages on makes no page skip or repeat an entry.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, cast

from pricetrail.catalog.errors import InvalidInputError
from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import TimeError, utc
from pricetrail.mcp.data import as_data

DEFAULT, MOST = 50, 200
# Characters of JSON, at three or four to a token: what clients take without cutting it off.
BUDGET = 40_000

_VERSION = re.compile(r"[0-9]{1,9}", re.ASCII)
_BETWEEN = re.compile(r"([0-9]{1,9}):([0-9]{1,9}):([0-9]{1,9})", re.ASCII)


class CursorError(InvalidInputError):
    """What was given is no cursor of this tool."""

    def __init__(self, cursor: str) -> None:
        super().__init__(f"{cursor[:80]!r} is no cursor here: give the `next` of a page before")


class Between(NamedTuple):
    """A place in the difference of two versions: so many entries were shown already."""

    a: str
    b: str
    shown: int

    def __str__(self) -> str:
        return f"{self.a}:{self.b}:{self.shown}"


def version(cursor: str | None) -> int | None:
    """The version before which the next page ends; None for the first page."""
    if cursor is None:
        return None
    if not _VERSION.fullmatch(cursor):
        raise CursorError(cursor)
    return int(cursor)


def time(cursor: str | None) -> datetime | None:
    """The time before which what the next page shows began; None for the first page."""
    try:
        return None if cursor is None else utc(cursor)
    except TimeError:
        raise CursorError(cursor or "") from None


def between(cursor: str | None, a: str, b: str) -> Between:
    """Where to go on in a difference: of the versions that its first page was about."""
    if cursor is None:
        return Between(a, b, 0)
    found = _BETWEEN.fullmatch(cursor)
    if found is None:
        raise CursorError(cursor)
    return Between(found[1], found[2], int(found[3]))


def members(document: dict[str, object], name: str) -> list[dict[str, object]]:
    """The entries that an answer holds under a name."""
    return cast("list[dict[str, object]]", document[name])


def first(entries: Sequence[object], limit: int) -> int:
    """How many entries from the beginning make a page: at least one, where there is one."""
    return sum(1 for _ in _that_fit(entries, limit))


def newest(entries: Sequence[object], limit: int, places: Sequence[object] = ()) -> int:
    """The index at which the page of the newest entries begins; they are oldest first.

    Args:
        places: what a cursor can name, one for each entry; those of one place stay together.
    """
    start = len(entries) - first(entries[::-1], limit)
    return places.index(places[start]) if places else start


def _that_fit(entries: Iterable[object], limit: int) -> Iterator[object]:
    size = 0
    for number, entry in enumerate(entries):
        size += len(dumps(as_data(entry)))
        if number >= limit or (number and size > BUDGET):
            return
        yield entry
