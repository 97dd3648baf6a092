"""The events of a chart as marks that lead to them: a dot each, or one for many that are close."""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import NamedTuple

from markupsafe import Markup

from pricetrail.catalog import events as kinds
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.frames import Frame
from pricetrail.web.charts.markup import element, joined, link
from pricetrail.web.charts.traces import number
from pricetrail.web.charts.words import event_words, many_words

_NEAR = 8
_NARROWEST = 4
_version, _seen = attrgetter("version"), attrgetter("not_after")


@dataclass(frozen=True, slots=True)
class Links:
    """Where marks lead: to an event by its id, or to the events between two times."""

    event: Callable[[str], str]
    between: Callable[[datetime, datetime], str]


class Mark(NamedTuple):
    """A place of an event in a picture; `ended`: what was there is no amount any more.

    `series` is None for what is no price: it is marked on the ground.
    """

    x: float
    y: float
    event: TrailEvent
    series: int | None
    ended: bool


def told(group: PriceGroup, events: Sequence[TrailEvent]) -> list[TrailEvent]:
    """The events of a chart: those of its prices, and those of what is no price."""
    ours = {step.event_id for trail in group.prices for step in trail.steps}
    return [event for event in events if event.id in ours or event.type != kinds.REPRICED]


def drawn(
    frame: Frame,
    group: PriceGroup,
    events: Sequence[TrailEvent],
    gaps: Sequence[Gap],
    links: Links,
) -> Markup:
    """Every event's mark; where there are more than the picture has room for, columns of them.

    A phone shows no titles, and has no room for targets as small as these: there are dots alone,
    and the list beside the chart leads to the events.

    Args:
        events: those that `told` says.
    """
    parts: list[Markup] = []
    dots: list[Mark] = []
    for begin, end, some in _columns(frame, events):
        if len(some) == 1:
            of_one = list(marks_of(frame, some[0], group))
            dots += of_one
            if frame.size.named:
                parts.append(_target(some[0], of_one, gaps, links))
        elif frame.size.named:
            parts.append(_many(frame, group, (begin, end), some, links))
    return element("g", joined(*_dots(dots), *parts), class_="marks", aria_hidden="true")


def _dots(marks: Sequence[Mark]) -> Iterator[Markup]:
    """The dots of each price as two paths: a ring of the paper's colour, and the dot in it."""
    found: dict[tuple[int | None, bool], str] = {}
    for mark in marks:
        key = (mark.series, mark.ended)
        found[key] = f"{found.get(key, '')}M{number(mark.x)} {number(mark.y)}h0"
    for (series, ended), d in found.items():
        name = "ground" if series is None else f"s{series + 1}"
        under, over = ("dot wide-dot", "hole") if ended else ("ring", "dot")
        yield element("path", d=d, class_=f"{under} {name}")
        yield element("path", d=d, class_=f"{over} {name}")


def marks_of(frame: Frame, event: TrailEvent, group: PriceGroup) -> Iterator[Mark]:
    """A mark on each price that the event moved; on the ground where it moved none of them."""
    nowhere = True
    for series, trail in enumerate(group.prices):
        place = bisect_left(trail.steps, event.version, key=_version)
        if place == len(trail.steps) or trail.steps[place].event_id != event.id:
            continue
        nowhere = False
        step = trail.steps[place]
        ended = step.amount is None
        # What ends is marked where it was last seen.
        at = (step.not_before or step.not_after) if ended else step.not_after
        amount = trail.steps[place - 1].amount if ended and place else step.amount
        y = frame.bottom if amount is None else frame.y(amount)
        yield Mark(frame.x(at), y, event, series, ended)
    if nowhere:
        yield Mark(frame.x(event.not_after), frame.bottom, event, None, ended=False)


def _columns(
    frame: Frame, events: Sequence[TrailEvent]
) -> list[tuple[float, float, Sequence[TrailEvent]]]:
    """(from, to, events) in the narrowest columns of which there are not too many.

    Where all of them have room each event has its own.
    """
    if len(events) <= frame.size.most_marks:
        return [(0.0, 0.0, [event]) for event in events]
    narrow = _in_narrowest(frame, events)
    for width in range(1, int(frame.right - frame.left) // _NARROWEST + 2):
        columns: dict[int, list[int]] = {}
        for place, (first, last) in narrow.items():
            columns.setdefault(place // width, [first, last])[1] = last
        if len(columns) <= frame.size.most_columns:
            break
    width *= _NARROWEST
    return [
        (frame.left + place * width, frame.left + (place + 1) * width, events[first:last])
        for place, (first, last) in columns.items()
    ]


def _in_narrowest(frame: Frame, events: Sequence[TrailEvent]) -> dict[int, tuple[int, int]]:
    """Which of the events, from one up to another, lie in each of the narrowest columns."""
    found: dict[int, tuple[int, int]] = {}
    first, count = 0, int(frame.right - frame.left) // _NARROWEST
    for place in range(count + 1):
        end = frame.time.at((place + 1) * _NARROWEST / (frame.right - frame.left))
        last = bisect_left(events, end, lo=first, key=_seen) if place < count else len(events)
        if first < last:
            found[place] = (first, last)
            first = last
    return found


def _target(event: TrailEvent, marks: Sequence[Mark], gaps: Sequence[Gap], links: Links) -> Markup:
    """What a pointer finds around the dots of an event."""
    near = (element("circle", cx=one.x, cy=one.y, r=_NEAR, class_="near") for one in marks)
    return link(links.event(event.id), event_words(event, gaps), joined(*near))


def _many(
    frame: Frame,
    group: PriceGroup,
    column: tuple[float, float],
    events: Sequence[TrailEvent],
    links: Links,
) -> Markup:
    x, end = column
    area = element(
        "rect",
        x=x,
        y=frame.top,
        width=min(end, frame.right) - x,
        height=frame.bottom - frame.top,
        class_="many",
    )
    begin = events[0].not_before or events[0].not_after
    address = links.between(begin, events[-1].not_after)
    return link(address, many_words(events, group), area)
