"""The order in which people look for prices: prompt, completion, then the rest by path.

First those that hold usually; then each condition by itself: thresholds from the lowest up, times
of day, service tiers by their names; then the same for each day from which on others hold.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol, TypeAlias, TypeVar

from pricetrail.catalog.conditions import Condition, split_condition
from pricetrail.catalog.pointers import split

_FIRST = (("pricing", "text", "prompt"), ("pricing", "text", "completion"))
Place: TypeAlias = tuple[int, str, tuple[int, int], int]


class _AtPath(Protocol):
    @property
    def path(self) -> str: ...


_Item = TypeVar("_Item", bound=_AtPath)


@lru_cache(maxsize=4096)
def place_of(path: str) -> tuple[Place, int, str]:
    """Where a price stands among others, to sort by."""
    condition, tokens = split_condition(split(path))
    first = _FIRST.index(tokens) if tokens in _FIRST else len(_FIRST)
    return condition_place(condition), first, path


def condition_place(condition: Condition) -> Place:
    """Where the prices on a condition stand among others, to sort by."""
    window = condition.window
    hours = (window.start, window.end) if window is not None else (-1, -1)
    return condition.since, condition.service, hours, condition.threshold


def prompt_first(items: Iterable[_Item]) -> list[_Item]:
    """Changes, or prices, as people look for them. What programs read stays sorted by path."""
    return sorted(items, key=lambda item: place_of(item.path))
