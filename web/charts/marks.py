"""The events of a chart as marks that lead to them: a dot each, or one for many that are close."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from operator import attrgetter
from typing import NamedTuple

from markupsafe import Markup

from pricetrail.catalog import events as kinds
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup, Step
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.frames import Frame
from pricetrail.web.charts.markup import element, joined, link
from pricetrail.web.charts.traces import number
from pricetrail.web.charts.words import event_words, many_words

_NEAR = 8
_NARROWEST = 4


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


class _Change(NamedTuple):
    """A step that an event tells of: of which price, and the amount before it."""

    series: int
    step: Step
    before: Decimal | None


def marks_of(frame: Frame, group: PriceGroup, events: Sequence[TrailEvent]) -> list[Mark]:
    """A mark for each step that an event tells of; on the ground those of what is no price."""
    changes = _changes(group)
    found = [mark for event in _told(events, changes) for mark in _marks(frame, event, changes)]
    return sorted(found, key=attrgetter("x"))


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
    """
    changes = _changes(group)
    parts: list[Markup] = []
    dots: list[Mark] = []
    for begin, end, some in _columns(frame, _told(events, changes)):
        if len(some) == 1:
            of_one = list(_marks(frame, some[0], changes))
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


def _changes(group: PriceGroup) -> dict[str, list[_Change]]:
    """The steps of a group by the event that tells of them."""
    found: dict[str, list[_Change]] = {}
    for series, trail in enumerate(group.prices):
        before: Decimal | None = None
        for step in trail.steps:
            if step.event_id is not None:
                found.setdefault(step.event_id, []).append(_Change(series, step, before))
            before = step.amount
    return found


def _told(
    events: Sequence[TrailEvent], changes: Mapping[str, Sequence[_Change]]
) -> list[TrailEvent]:
    """The events of a chart: those of its prices, and those of what is no price."""
    return [event for event in events if event.id in changes or event.type != kinds.REPRICED]


def _marks(
    frame: Frame, event: TrailEvent, changes: Mapping[str, Sequence[_Change]]
) -> Iterator[Mark]:
    for series, step, before in changes.get(event.id, ()):
        ended = step.amount is None
        # What ends is marked where it was last seen.
        at = (step.not_before or step.not_after) if ended else step.not_after
        amount = before if ended else step.amount
        y = frame.bottom if amount is None else frame.y(amount)
        yield Mark(frame.x(at), y, event, series, ended)
    if event.id not in changes:
        yield Mark(frame.x(event.not_after), frame.bottom, event, None, ended=False)


def _columns(
    frame: Frame, events: Sequence[TrailEvent]
) -> list[tuple[float, float, list[TrailEvent]]]:
    """(from, to, events) in the narrowest columns of which there are not too many.

    Where all of them have room each event has its own.
    """
    if len(events) <= frame.size.most_marks:
        return [(0.0, 0.0, [event]) for event in events]
    places = [(frame.x(event.not_after) - frame.left, event) for event in events]
    for width in range(_NARROWEST, int(frame.right - frame.left) + _NARROWEST, _NARROWEST):
        columns: dict[int, list[TrailEvent]] = {}
        for x, event in places:
            columns.setdefault(int(x) // width, []).append(event)
        if len(columns) <= frame.size.most_marks:
            break
    return [
        (frame.left + place * width, frame.left + (place + 1) * width, some)
        for place, some in columns.items()
    ]


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
