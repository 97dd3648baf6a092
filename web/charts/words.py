"""What charts say in words: when a change was, what it was, and a picture's essence."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from operator import attrgetter

from pricetrail.catalog import events as kinds
from pricetrail.catalog.amounts import plain
from pricetrail.catalog.changes import Change
from pricetrail.catalog.units import PER_IMAGE, PER_SECOND, PER_TOKEN, RATIO, bare_label, unit
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup, PriceTrail
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.text.money import bare_price, price, ratio
from pricetrail.text.phrases import change_words
from pricetrail.text.price_order import prompt_first
from pricetrail.text.sanitize import sanitize
from pricetrail.text.sums import counted
from pricetrail.text.time_ranges import Window, day

_UNITS = {
    PER_TOKEN: "USD per million tokens",
    PER_IMAGE: "USD per image",
    PER_SECOND: "USD per second",
    RATIO: "share of the price",
}
_GROUPS = {
    "text": "Text",
    "cache": "Cache",
    "multimodal": "Images as tokens",
    "generation": "Generation",
    "native": "Native prices",
    "other": "Other prices",
}
_LABEL = 32
_MOST_CHANGES = 6


def when(window: Window) -> str:
    """`22 Aug 2026 17:16–18:16 UTC`; `by 22 Aug 2026 17:16 UTC` where nothing was seen before."""
    start, end = window[0], window[1].astimezone(UTC)
    if start is None:
        return f"by {day(end)} {end:%H:%M} UTC"
    start = start.astimezone(UTC)
    if start.date() == end.date():
        return f"{day(end)} {start:%H:%M}–{end:%H:%M} UTC"
    return f"{day(start)} {start:%H:%M} – {day(end)} {end:%H:%M} UTC"


def unit_words(measure: str) -> str:
    """`USD per million tokens`; a unit that is not known as it is."""
    return _UNITS.get(measure, sanitize(measure, _LABEL))


def group_words(group: PriceGroup) -> str:
    """`Text`, `Cache`, `Prompt above 200k tokens`, `Priority, 16:30 to 00:30 UTC`."""
    if group.condition:
        words = group.condition.heading
        return words[:1].upper() + words[1:]
    return _GROUPS.get(group.name) or sanitize(group.name, _LABEL)


@lru_cache(maxsize=1024)
def series_words(path: str) -> str:
    """A price's name beside its line, without its condition: its chart is of one alone."""
    return sanitize(bare_label(path), _LABEL)


def event_words(event: TrailEvent, gaps: Sequence[Gap] = ()) -> str:
    """`22 Aug 2026 17:16–18:16 UTC: prompt $0.03 → $0.037 /1M (+23.3%), observed between …`."""
    return f"{when(event.window)}: {_what(event)}{_certainty(event, gaps)}"


def _what(event: TrailEvent) -> str:
    if event.type == kinds.ADDED:
        return "first visible"
    if event.type == kinds.REMOVED:
        return "no longer visible to this key"
    parts = [_change(change) for change in prompt_first(event.changes)[:_MOST_CHANGES]]
    more = len(event.changes) - len(parts)
    return "; ".join([*parts, *([f"and {more} more"] if more else [])])


def _change(change: Change) -> str:
    words = "".join(span.text for span in change_words(change))
    if not change.priced:
        return words
    sides = [plain(side) for side in (change.old, change.new) if isinstance(side, Decimal)]
    return f"{words} (exactly {' → '.join(sides)} {unit(change.path)})"


def _certainty(event: TrailEvent, gaps: Sequence[Gap]) -> str:
    if event.not_before is None:
        return ""
    if any(gap.since < event.not_after and gap.until > event.not_before for gap in gaps):
        return ", somewhere in a gap of the polls"
    return ", observed between two polls"


def many_words(events: Sequence[TrailEvent], group: PriceGroup) -> str:
    """What many events at one place of a picture come to: each price before and after them."""
    first, last = events[0].not_before or events[0].not_after, events[-1].not_after
    moves = []
    for trail in group.prices:
        before, after = _amount_before(trail, events[0]), _amount_at(trail, events[-1])
        if before is not None and after is not None:
            amounts = f"{bare_price(before, trail.unit)} → {price(after, trail.unit)}"
            moves.append(f"{series_words(trail.path)} {amounts}")
    told = f": {'; '.join(moves)}" if moves else ""
    return f"{counted(len(events), 'event')}, {when((first, last))}{told}"


def _amount_before(trail: PriceTrail, event: TrailEvent) -> Decimal | None:
    place = bisect_left(trail.steps, event.version, key=attrgetter("version"))
    return trail.steps[place - 1].amount if place else None


def _amount_at(trail: PriceTrail, event: TrailEvent) -> Decimal | None:
    place = bisect_right(trail.steps, event.version, key=attrgetter("version"))
    return trail.steps[place - 1].amount if place else None


def essence(model: str, group: PriceGroup, begin: datetime, end: datetime) -> str:
    """A chart in words, for who does not see it: each price at first, in between and now."""
    parts = [_price_essence(one) for one in group.prices]
    return (
        f"{sanitize(model)}, {group_words(group).lower()} prices in {unit_words(group.unit)}, "
        f"{day(begin)} to {day(end)}. {' '.join(parts)}"
    )


def _price_essence(trail: PriceTrail) -> str:
    name = series_words(trail.path)
    if trail.range is None:
        return f"{name}: no amount."
    first = next(step.amount for step in trail.steps if step.amount is not None)
    now = trail.in_force
    if now is None:
        last = "now withdrawn"
    elif now.amount is None:
        last = "now no amount"
    else:
        last = f"now {price(now.amount, trail.unit)}"
    changes = len(trail.steps) - 1
    if not changes:
        return f"{name}: {price(first, trail.unit)}, unchanged."
    low, _, high = trail.range
    between = f"between {bare_price(low, trail.unit)} and {bare_price(high, trail.unit)}"
    turned = ""
    if now is not None and now.amount is not None and first and now.amount != first:
        turned = f" ({ratio(first, now.amount)})" if now.amount else ""
    return (
        f"{name}: {bare_price(first, trail.unit)} at first, {between}, {last}{turned}, "
        f"{counted(changes, 'change')}."
    )
