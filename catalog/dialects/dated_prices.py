"""Prices that hold from a date on, at a time of day, or for some requests: genai-prices' way.

Of a list the last one whose constraint is met holds, and no other; the first where none is met.
What a price is before all dates is the usual one; from each date on which it changes it is said
anew, with all its conditions (`tiers.from_20260901`). That a price ends no condition can say: one
that a later list has no more is kept by its dates, and nothing is charged by it.
"""

import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition, Window, split_condition
from pricetrail.catalog.dialects import fields
from pricetrail.catalog.dialects.readings import APART, FLAGGED, NATIVE, ModelReader
from pricetrail.catalog.documents import Document

_WINDOW = frozenset({"start_time", "end_time"})
_DATE = re.compile(r"[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}", re.ASCII)
_CLOCK = re.compile(
    r"(?P<hours>[01][0-9]|2[0-3]):(?P<minutes>[0-5][0-9])(?::00(?:\.0+)?)?"
    r"(?:Z|(?P<sign>[+-])(?P<east>[01][0-9]):?(?P<past>[0-5][0-9]))?",
    re.ASCII,
)
_HOUR, _DAY = 60, 1440

Path = tuple[str, ...]
# An amount's text by its path below `pricing`, and by the condition that such a path names.
Flat = dict[Path, str]
OnConditions = dict[Condition, str]
_REASONING, _COMPLETION = ("text", "internal_reasoning"), ("text", "completion")
_FOLLOWING = frozenset({_REASONING, _COMPLETION})
_REQUEST = ("native", "request")


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
    if not isinstance(since, str) or (since and not _is_day(since)):
        return None
    if told.keys() == _WINDOW:
        start, end = _minutes(told["start_time"]), _minutes(told["end_time"])
        if start is not None and end is not None:
            return since, Condition(window=Window(start, end))
    return (since, ALWAYS) if since and not told else None


def _is_day(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


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
    """Take over each price as it is at first, and from each date on which it changes.

    Args:
        by_date: the prices from a date on, in order; "" for those before the first.
    """
    told = len(reader.remarks)
    lists = {since: _by_place(flat) for since, flat in by_date.items()}
    for before, after in pairwise(lists.values()):
        _fill(before, after)
    places = dict.fromkeys(place for prices in lists.values() for place in prices)
    held = {place: {d: prices.get(place, {}) for d, prices in lists.items()} for place in places}
    ended = [
        place
        for place, by_day in held.items()
        if any(before and not after for before, after in pairwise(by_day.values()))
    ]
    if not _FOLLOWING.isdisjoint(ended):
        # One would be charged by the other's price.
        ended = [place for place in held if place in ended or place in _FOLLOWING]
    for place, by_day in held.items():
        (_keep_apart if place in ended else _take)(reader, place, by_day)
    # What is no amount was flagged where it stands in the list.
    reader.remarks[told:] = [each for each in reader.remarks[told:] if each.kind != FLAGGED]
    if ended:
        names = ", ".join(map(".".join, ended))
        reader.remark(APART, "/prices", f"{names} ends on a date: kept by date, and not charged")


def _by_place(prices: Flat) -> dict[Path, OnConditions]:
    found: dict[Path, OnConditions] = {}
    for path, amount in prices.items():
        condition, (_, *place) = split_condition(("pricing", *path))
        found.setdefault(tuple(place), {})[condition] = amount
    return found


def _fill(before: dict[Path, OnConditions], after: dict[Path, OnConditions]) -> None:
    """Say what is charged where a list has no price any more, as far as that is known."""
    if _REASONING in before and _COMPLETION in after:
        after.setdefault(_REASONING, dict(after[_COMPLETION]))
    if _REQUEST in before:
        after.setdefault(_REQUEST, {ALWAYS: "0"})


def _take(reader: ModelReader, place: Path, held: dict[str, OnConditions]) -> None:
    last: dict[Condition, Decimal | str] = {}
    for since, prices in held.items():
        amounts = {on: parse_amount(amount) or amount for on, amount in prices.items()}
        if amounts == last:
            continue
        last = amounts
        day = int(since.replace("-", "") or 0)
        for condition, amount in prices.items():
            reader.tree(place, "/prices", amount, condition=replace(condition, since=day))


def _keep_apart(reader: ModelReader, place: Path, held: dict[str, OnConditions]) -> None:
    """Keep a price by its dates; they end its path, as its last word is what some are known by."""
    first = next(since for since in held if since)
    rest = place[1:] if place[0] == NATIVE else place
    for since, prices in held.items():
        named = ("from", since) if since else ("until", first)
        for condition, amount in prices.items():
            path = (NATIVE, *rest, *named)
            reader.tree(path, "/prices", amount, condition=condition)


def flat(pricing: Document, above: tuple[str, ...] = ()) -> Flat:
    """The texts of a pricing's leaves, by their paths."""
    by_path: Flat = {}
    for key, member in pricing.items():
        if isinstance(member, dict):
            by_path |= flat(member, (*above, key))
        else:
            by_path[(*above, key)] = member
    return by_path
