"""Many values, so many at a time: a statement takes only so many parameters."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

T = TypeVar("T")

# Below both databases' limit on parameters in one statement.
PARAMETERS = 5000


def chunks(values: Iterable[T], size: int = PARAMETERS) -> Iterator[list[T]]:
    """Yield the values in lists of at most `size`, in their order."""
    rest = iter(values)
    while some := list(islice(rest, size)):
        yield some
