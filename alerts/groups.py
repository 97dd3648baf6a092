"""Changed models as lines: all that changed alike are one, with their number and first names."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from pricetrail.catalog.event_details import ModelSunset
from pricetrail.catalog.events import Event
from pricetrail.text.kinds import kind_of
from pricetrail.text.lines import Line, Span, mark_of, name
from pricetrail.text.money import ratio
from pricetrail.text.phrases import (
    change_words,
    changes_words,
    cost_words,
    line_of,
)
from pricetrail.text.price_order import prompt_first
from pricetrail.text.retirements import retirement
from pricetrail.text.sums import counted

# One name more is as short as "and 1 more".
MOST_NAMES, FIRST_NAMES = 4, 3
# From so many different changes by one percentage on, their amounts are too many to be read.
SAME_RATIO = 12


@dataclass(frozen=True, slots=True)
class _Group:
    """Models that changed alike, the costliest first; `changed` how, where more than one did."""

    events: tuple[Event, ...]
    changed: Callable[[Sequence[Event]], Sequence[Span]]
    largest: Decimal
    cost: Decimal | None

    @property
    def weight(self) -> tuple[Decimal, Decimal]:
        """Costliest first; then the largest change in percent."""
        return weight_of(self.cost, self.largest)


def weight_of(cost: Decimal | None, largest: Decimal) -> tuple[Decimal, Decimal]:
    """To sort by: the costliest first, then the largest change in percent."""
    return (-abs(cost) if cost is not None else Decimal(1), -largest)


def largest_ratio(event: Event) -> Decimal:
    """The largest percentage of an event's changes, whatever its sign."""
    # From nothing, or from zero, there is no ratio: no percentage is larger than that.
    ratios = (change.percent for change in event.changes)
    sizes = [Decimal("Infinity") if one is None else abs(one) for one in ratios]
    return max(sizes, default=Decimal(0))


def lines_of(
    events: Sequence[Event],
    costs: Mapping[str, Decimal],
    suffix: Callable[[Event], tuple[Span, ...]],
) -> list[Line]:
    """One line for all models that changed alike, costliest first.

    Args:
        events: of models that changed, in the order in which they would be shown.
        costs: event id to signed USD a month; a group's is the sum.
        suffix: what a line ends with; what ends otherwise is not alike.
    """
    alike = _by(events, lambda event: (_exactly(event), suffix(event)))
    by_ratio = _by([same[0] for same in alike], lambda event: (_one_ratio(event), suffix(event)))
    mates = {same[0].id: same for same in alike}
    groups = []
    for some in by_ratio:
        if len(some) >= SAME_RATIO and _one_ratio(some[0]) is not None:
            everyone = [event for first in some for event in mates[first.id]]
            groups.append(_group(everyone, _ratio_words, costs))
        else:
            groups += [_group(mates[first.id], _exact_words, costs) for first in some]
    place = {event.id: index for index, event in enumerate(events)}
    groups.sort(key=lambda group: (*group.weight, place[group.events[0].id]))
    return [_line(group, suffix(group.events[0])) for group in groups]


def _by(events: Sequence[Event], key: Callable[[Event], Hashable]) -> list[list[Event]]:
    found: defaultdict[Hashable, list[Event]] = defaultdict(list)
    for event in events:
        found[key(event)].append(event)
    return list(found.values())


def _exactly(event: Event) -> Hashable:
    """Equal where the same fields went from the same values to the same."""
    if isinstance(event.details, ModelSunset):
        return retirement(event.details)
    # A value may be a list or an object, which nothing can be looked up by.
    return tuple((one.path, repr(one.old), repr(one.new)) for one in event.changes)


def _one_ratio(event: Event) -> str | None:
    """The ratio by which every price of a model moved; None where they differ, or have none."""
    ratios = {None if one.amounts is None else ratio(*one.amounts) for one in event.changes}
    return ratios.pop() if len(ratios) == 1 else None


def _group(
    events: Sequence[Event],
    changed: Callable[[Sequence[Event]], Sequence[Span]],
    costs: Mapping[str, Decimal],
) -> _Group:
    known = [costs[event.id] for event in events if event.id in costs]
    cost = sum(known, Decimal(0)) if known else None
    return _Group(tuple(events), changed, max(map(largest_ratio, events)), cost)


def _line(group: _Group, suffix: tuple[Span, ...]) -> Line:
    events, first = group.events, group.events[0]
    if len(events) == 1:
        line = line_of(first, group.cost)
        return Line(line.kind, (*line.spans, *suffix), line.mark)
    words = (*_names(events), Span(": "), *group.changed(events))
    cost = cost_words(group.cost, " together")
    return Line(
        kind_of(first), (*words, *cost, *suffix), mark_of(first.direction), count=len(events)
    )


def _names(events: Sequence[Event]) -> list[Span]:
    """`a, b and c`; `a, b, c and 297 more`."""
    names = [name(event.model) for event in events]
    if len(names) > MOST_NAMES:
        names[FIRST_NAMES:] = [Span(f"{len(names) - FIRST_NAMES:,} more")]
    *shown, last = names
    commas = [span for one in shown for span in (Span(", "), one)]
    return [*commas[1:], Span(" and "), last]


def _exact_words(events: Sequence[Event]) -> Sequence[Span]:
    return [*changes_words(events[0])]


def _ratio_words(events: Sequence[Event]) -> Sequence[Span]:
    """`122 prices, +5% each, such as prompt $3.00 → $3.15 /1M (+5%) of gpt-a`."""
    prices = counted(sum(len(event.changes) for event in events), "price")
    first = prompt_first(events[0].changes)[0]
    start = Span(f"{prices}, {_one_ratio(events[0])} each, such as ")
    return [start, *change_words(first), Span(" of "), name(events[0].model)]
