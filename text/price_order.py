"""The order in which people look for prices: prompt, completion, then the rest by path."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

_FIRST = {"/pricing/text/prompt": 0, "/pricing/text/completion": 1}


class _AtPath(Protocol):
    @property
    def path(self) -> str: ...


_Item = TypeVar("_Item", bound=_AtPath)


def place_of(path: str) -> tuple[int, str]:
    """Where a price stands among others, to sort by."""
    return _FIRST.get(path, len(_FIRST)), path


def prompt_first(items: Iterable[_Item]) -> list[_Item]:
    """Changes, or prices, as people look for them. What programs read stays sorted by path."""
    return sorted(items, key=lambda item: place_of(item.path))
