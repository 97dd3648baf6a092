"""What every question of this room gives back: a frozen value that knows the contract's JSON."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from pricetrail.catalog.strict_json import dumps
from pricetrail.catalog.times import rfc3339

# Where a source or a webhook comes from.
CONFIGURATION, DATABASE = "configuration", "database"
_Row = TypeVar("_Row")


class Answer(Protocol):
    """The answer to one question: typed for who computes with it, JSON at the edges alone."""

    def as_json(self) -> dict[str, object]:
        """The shape of the contract, section 5."""


class LongAnswer(ABC):
    """An answer that memory need not hold: whoever writes it out takes it piece by piece."""

    __slots__ = ()

    @abstractmethod
    def in_pieces(self) -> dict[str, object]:
        """The shape of `as_json()`; a long member is an iterator, to be gone through once."""

    def as_json(self) -> dict[str, object]:
        """The shape of the contract, section 5, read to its end."""
        return {
            name: list(member) if isinstance(member, Iterator) else member
            for name, member in self.in_pieces().items()
        }


def time_or_null(moment: datetime | None) -> str | None:
    """A time as JSON has it: RFC 3339 in UTC, null for None."""
    return None if moment is None else rfc3339(moment)


def json_pieces(document: object) -> Iterator[str]:
    """The text of a JSON document; members that are lists or iterators come as they are read."""
    if not (isinstance(document, dict) and document):
        yield dumps(document)
        return
    before = "{"
    for name, value in document.items():
        yield f"{before}{dumps(name)}:"
        yield from _array(value) if isinstance(value, list | Iterator) else (dumps(value),)
        before = ","
    yield "}"


def _array(members: Iterable[object]) -> Iterator[str]:
    before = "["
    for member in members:
        yield before + dumps(member)
        before = ","
    yield "[]" if before == "[" else "]"


class Pieces(Generic[_Row]):
    """The rows of a long answer, read anew each time that somebody goes through them.

    Args:
        read: begins to read; each piece in a short transaction of its own.
    """

    def __init__(self, read: Callable[[], Iterator[_Row]]) -> None:
        self._read = read

    def __iter__(self) -> Iterator[_Row]:
        return self._read()
