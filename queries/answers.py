"""What every question of this room gives back: a frozen value that knows the contract's JSON."""

from datetime import datetime
from typing import Protocol

from pricetrail.catalog.times import rfc3339


class Answer(Protocol):
    """The answer to one question: typed for who computes with it, JSON at the edges alone."""

    def as_json(self) -> dict[str, object]:
        """The shape of the contract, section 5.

        A member of a long answer may be an iterator, which is written as it comes, and once.
        """


def time_or_null(moment: datetime | None) -> str | None:
    """A time as JSON has it: RFC 3339 in UTC, null for None."""
    return None if moment is None else rfc3339(moment)
