"""Prices on conditions as OpenRouter lists them: of those that hold, later entries win.

A document has no order: of the prices there whose conditions are met, the one of the highest rank
wins (`catalog.conditions`). Where that would be another one than the list means, the price gets a
tier for both conditions at once. Of several thresholds the highest one that is passed wins, in
whatever order they are listed (contract, section 7.4).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain, pairwise
from typing import NamedTuple

from pricetrail.catalog import conditions
from pricetrail.catalog.amounts import parse_amount
from pricetrail.catalog.conditions import ALWAYS, Condition, Window
from pricetrail.catalog.dialects.members import whole_number

_THRESHOLD, _START, _END = "min_prompt_tokens", "utc_start", "utc_end"
# Some days of a week are a condition that no tier can say; all of them are none.
_DAYS = "utc_days"
_WEEK = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
# Each condition is held against each, for every price: a list of more is none that anybody prices
# by, and would take a poll's memory and time.
_MOST, _MOST_CASES = 40, 600
_UNNAMED = re.compile(r"[^A-Za-z0-9_=-]+")


class Override(NamedTuple):
    """One entry: its condition where that is known, what it is called where it is not, its prices.

    `pointer` is the entry's JSON Pointer in the native model. A known condition of `ALWAYS` is
    none: the prices stand for the usual ones.
    """

    pointer: str
    name: str
    prices: Mapping[str, object]
    condition: Condition = ALWAYS


def read(listed: list[object], names: Collection[str]) -> tuple[list[Override], list[Override]]:
    """The entries whose conditions are known, and the others: nothing may be charged by those.

    Args:
        names: what is the name of a price for sure. A text that is an amount is one as well; any
            other member is a condition, such as no one has seen yet.
    """
    known: list[Override] = []
    others: list[Override] = []
    for index, entry in enumerate(listed):
        pointer = f"/pricing/overrides/{index}"
        if not isinstance(entry, Mapping):
            others.append(Override(pointer, str(index), {"entry": entry}))
            continue
        prices = {name: value for name, value in entry.items() if _is_price(name, value, names)}
        when = {name: value for name, value in entry.items() if name not in prices}
        condition = _find_condition(when) if prices and len(listed) <= _MOST else None
        name = _named(when) or "always"
        if condition is None:
            others.append(Override(pointer, name, prices or entry))
        else:
            known.append(Override(pointer, name, prices, condition))
    if _cases(known) > _MOST_CASES:
        return [], [*others, *known]
    return known, others


def _cases(known: Sequence[Override]) -> int:
    """How many tiers may come of some overrides: each price, time of day and threshold is one."""
    names = set(chain.from_iterable(override.prices for override in known))
    windows = {override.condition.window for override in known} - {None}
    thresholds = {override.condition.threshold for override in known}
    return len(names) * (1 + 2 * len(windows)) * (1 + len(thresholds))


def resolve(ordered: Sequence[Override]) -> Iterator[tuple[Condition, Override]]:
    """The prices by tiers whose order does not matter, each as an override of that price alone."""
    names = dict.fromkeys(chain.from_iterable(override.prices for override in ordered))
    for name in names:
        some = [override for override in ordered if override.prices.get(name) is not None]
        for condition, override in _tiers(name, some).items():
            yield condition, override._replace(prices={name: override.prices[name]})


def _tiers(name: str, ordered: Sequence[Override]) -> dict[Condition, Override]:
    tiers = {override.condition: override for override in ordered}
    thresholds = sorted({override.condition.threshold for override in ordered})
    # What holds at any time of day comes first: it matters in each window too.
    for window in (None, *_stretches(override.condition.window for override in ordered)):
        for threshold in thresholds:
            held = [each for each in ordered if _holds(each.condition, window, threshold)]
            if not held:
                continue
            highest = max(
                (condition for condition in tiers if _holds(condition, window, threshold)),
                key=lambda condition: condition.rank,
            )
            meant = _meant(held)
            if tiers[highest].prices[name] != meant.prices[name]:
                tiers[Condition(window=window, threshold=threshold)] = meant
    return tiers


def _meant(held: Sequence[Override]) -> Override:
    """The last one, but for those of a lower threshold at the same time of day."""
    passed: dict[Window | None, int] = {}
    for each in held:
        window, threshold = each.condition.window, each.condition.threshold
        passed[window] = max(threshold, passed.get(window, 0))
    return [each for each in held if each.condition.threshold == passed[each.condition.window]][-1]


def _holds(condition: Condition, stretch: Window | None, threshold: int) -> bool:
    """Whether a condition is met all through a stretch of the day, above a threshold."""
    window = condition.window
    if window is not None and (stretch is None or not window.covers(stretch.start)):
        return False
    return condition.threshold <= threshold


def _stretches(windows: Iterable[Window | None]) -> list[Window]:
    """The stretches of the day, between any edges of some windows, that lie in one of them."""
    several = {window for window in windows if window is not None}
    edges = sorted({edge for window in several for edge in (window.start, window.end)})
    stretches = [Window(*pair) for pair in pairwise([*edges, *edges[:1]])]
    return [each for each in stretches if any(window.covers(each.start) for window in several)]


def _is_price(name: str, value: object, names: Collection[str]) -> bool:
    if name in (_THRESHOLD, _START, _END, _DAYS):
        return False
    return name in names or (isinstance(value, str) and parse_amount(value) is not None)


def _find_condition(when: Mapping[str, object]) -> Condition | None:
    """The condition of an entry, `ALWAYS` where it has none; None where one is not known."""
    given = {name: value for name, value in when.items() if value is not None}
    if _every_day(given.get(_DAYS)):
        del given[_DAYS]
    if given.keys() - {_THRESHOLD, _START, _END}:
        return None
    threshold, hours = 0, None
    if _THRESHOLD in given:
        found = whole_number(given[_THRESHOLD])
        if found is None or not 0 <= found < 10**12:
            return None
        threshold = found
    if _START in given or _END in given:
        hours = _find_window(given.get(_START), given.get(_END))
        if hours is None:
            return None
    return Condition(window=hours, threshold=threshold)


def _find_window(start: object, end: object) -> Window | None:
    numbers = whole_number(start), whole_number(end)
    if numbers[0] is None or numbers[1] is None:
        return None
    try:
        hours = conditions.window(numbers[0], numbers[1])
    except ValueError:
        return None
    # One that ends when it starts is all day for some, and never for others.
    return hours if hours.start != hours.end else None


def _every_day(days: object) -> bool:
    return isinstance(days, list) and all(day in days for day in _WEEK)


def _named(when: Mapping[str, object]) -> str:
    """`min_prompt_tokens=200000_utc_days=sat-sun`: one segment of a path, the same for the same."""
    words = (f"{name}={value}" for name, value in sorted(when.items()) if value is not None)
    return _UNNAMED.sub("-", "_".join(words))[:200].strip("-")
