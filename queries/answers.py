"""What every question of this room gives back: a frozen value that knows the contract's JSON."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from pricetrail.catalog.times import rfc3339

_Row = TypeVar("_Row")


class Answer(Protocol):
    """The answer to one question: typed for who computes with it, JSON at the edges alone."""

    def as_json(self) -> dict[str, object]:
        """The shape of the contract, section 5.

        A member of a long answer may be an iterator, which is written as it comes, and once.
        """


def time_or_null(moment: datetime | None) -> str | None:
    """A time as JSON has it: RFC 3339 in UTC, null for None."""
    return None if moment is None else rfc3339(moment)


class Pieces(Generic[_Row]):
    """The rows of a long answer, read anew each time that somebody goes through them.

    Args:
        read: begins to read; each piece in a short transaction of its own.
    """

    def __init__(self, read: Callable[[], Iterator[_Row]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[_Row]:
        return self._read()
