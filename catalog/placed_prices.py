"""A model's prices by their conditions, and those of them that a day has."""

from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple

from pricetrail.catalog.conditions import ALWAYS, Condition, split_condition
from pricetrail.catalog.pointers import split
from pricetrail.catalog.prices import Price


class Placed(NamedTuple):
    """A price, on which condition it holds, and its path without that."""

    condition: Condition
    path: str
    price: Price


def placed(prices: Iterable[Price]) -> list[Placed]:
    """Each price by its condition."""
    return [Placed(*split_path(price.path), price) for price in prices]


def on_day(every: Iterable[Placed], day: int) -> list[Placed]:
    """The prices of a day as if there were no days.

    Of each path the last day that has come and names it, with all conditions of that day and none
    of an earlier one: a new price is not to be charged by the tiers of the old one.

    Args:
        day: as of a condition; 0 for before all days.
    """
    come = [one for one in every if one.condition.since <= day]
    last: dict[str, int] = {}
    for condition, path, _ in come:
        last[path] = max(condition.since, last.get(path, 0))
    return [
        one._replace(condition=one.condition.undated or ALWAYS)
        for one in come
        if one.condition.since == last[one.path]
    ]


# A catalog has few paths, and asks for each of them once a model.
@lru_cache(maxsize=4096)
def split_path(pointer: str) -> tuple[Condition, str]:
    """The condition of a price path, and the path without it."""
    if not pointer.startswith("/pricing/tiers/"):
        return ALWAYS, pointer
    condition, tokens = split_condition(split(pointer))
    # As it is written: the segments that name the condition are the first ones below `tiers`.
    rest = pointer.split("/")[1 - len(tokens) :]
    return (condition, "/pricing/" + "/".join(rest)) if condition else (ALWAYS, pointer)
