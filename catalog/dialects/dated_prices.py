"""Prices that hold from a date on, at a time of day, or for some requests: genai-prices' way.

Of a list the last one whose constraint is met holds, and no other; the first where none is met.
Which of two prices by date holds depends on the day on which one asks, and a list does not say
which day that is: what they agree on is the price, and the rest is kept by its dates. None of them
is taken for the usual price.
"""

import re
from typing import NamedTuple

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.readings import APART, ModelReader
from pricetrail.catalog.documents import Document

_WINDOW = frozenset({"start_time", "end_time"})
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])(?::00(?:\.0+)?)?"
    r"(?:Z|(?P<sign>[+-])(?P<east>[01][0-9]):?(?P<past>[0-5][0-9]))?",
    re.ASCII,
)
_HOUR, _DAY = 60, 1440

# An amount's text by its path below `pricing`.
Flat = dict[tuple[str, ...], str]


class Listed(NamedTuple):
    """Prices from a date on ("": always), under a condition, and where they stand."""

    since: str
    condition: Condition
    field: str
    prices: object


def when(constraint: object) -> tuple[str, Condition] | None:
    """From which date on prices hold, and at which time; None where that is not understood."""
    if constraint is None:
        return "", ALWAYS
    told = {key: value for key, value in fields.members(constraint).items() if value is not None}
    since = told.pop("start_date", "")
    if not isinstance(since, str) or (since and not _DATE.fullmatch(since)):
        return None
    if told.keys() == _WINDOW:
        start, end = _minutes(told["start_time"]), _minutes(told["end_time"])
        if start is not None and end is not None:
            return since, Condition(window=Window(start, end))
    return (since, ALWAYS) if since and not told else None


def _minutes(clock: object) -> int | None:
    """Minutes since midnight in UTC, which a time without an offset is in."""
    match = _CLOCK.fullmatch(clock) if isinstance(clock, str) else None
    if match is None:
        return None
    minutes = int(match["hours"]) * _HOUR + int(match["minutes"])
    east = int(match["east"] or 0) * _HOUR + int(match["past"] or 0)
    return (minutes + (east if match["sign"] == "-" else -east)) % _DAY


def effective(listed: list[Listed], since: str) -> list[Listed]:
    """What can hold from a date on, what goes before the others first.

    Nothing before the last one for the whole day can; where there is none, the first is it.
    """
    active = [item for item in listed if item.since <= since]
    all_day = [index for index, item in enumerate(active) if not item.condition]
    usual = [first._replace(condition=ALWAYS) for first in listed[:1]]
    return (active[all_day[-1] :] if all_day else [*usual, *active])[::-1]


def merge(reader: ModelReader, by_date: dict[str, Flat]) -> None:
    """Take over what all dates agree on, and what is not so by its dates.

    Args:
        by_date: the prices from a date on, in order; "" for those before the first.
    """
    dates = [since for since in by_date if since]
    told = False
    for since, flat in by_date.items():
        named = ("from", since) if since else ("until", *dates[:1])
        for path, amount in flat.items():
            agreed = _agree(path, by_date)
            reader.tree(path if agreed else ("native", *named, *path), "/prices", amount)
            told |= not agreed
    if told:
        reader.remark(APART, "/prices", f"prices change on {', '.join(dates)}: kept by date")


def _agree(path: tuple[str, ...], by_date: dict[str, Flat]) -> bool:
    told = [flat.get(path) for flat in by_date.values()]
    return len({parse_amount(amount) or amount for amount in told}) == 1


def flat(pricing: Document, above: tuple[str, ...] = ()) -> Flat:
    """The texts of a pricing's leaves, by their paths."""
    by_path: Flat = {}
    for key, member in pricing.items():
        if isinstance(member, dict):
            by_path |= flat(member, (*above, key))
        else:
            by_path[(*above, key)] = member
    return by_path
