"""The events of a chart as marks that lead to them: a dot each, or one for many that are close."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import NamedTuple

from markupsafe import Markup

from pricetrail.catalog import events as kinds
from pricetrail.queries.coverage import Gap
from pricetrail.queries.steps import PriceGroup, PriceTrail
from pricetrail.queries.trail_events import TrailEvent
from pricetrail.web.charts.frames import Frame
from pricetrail.web.charts.markup import element, joined, link
from pricetrail.web.charts.words import event_words, many_words, when

_RADIUS = 3.0
_NARROWEST = 4


@dataclass(frozen=True, slots=True)
class Links:
    """Where marks lead: to an event by its id, or to the events between two times."""

    event: Callable[[str], str]
    between: Callable[[datetime, datetime], str]


class Mark(NamedTuple):
    """A place of an event in a picture; `ended`: what was there is no amount any more."""

    x: float
    y: float
    event: TrailEvent
    series: int | None
    ended: bool


def marks_of(frame: Frame, group: PriceGroup, events: Sequence[TrailEvent]) -> list[Mark]:
    """A mark for each step that an event tells of; on the ground those of what is no price."""
    by_id = {event.id: event for event in events}
    found = [
        mark
        for series, trail in enumerate(group.prices)
        for mark in _of_price(frame, trail, series, by_id)
    ]
    shown = {mark.event.id for mark in found}
    found += [
        Mark(frame.x(event.not_after), frame.bottom, event, None, ended=False)
        for event in events
        if event.id not in shown and event.type != kinds.REPRICED
    ]
    return sorted(found, key=lambda mark: mark.x)


def _of_price(
    frame: Frame, trail: PriceTrail, series: int, by_id: Mapping[str, TrailEvent]
) -> Iterator[Mark]:
    last: Decimal | None = None
    for step in trail.steps:
        event = by_id.get(step.event_id or "")
        if event is not None:
            ended = step.amount is None
            at = (step.not_before or step.not_after) if ended else step.not_after
            amount = last if ended else step.amount
            y = frame.bottom if amount is None else frame.y(amount)
            yield Mark(frame.x(at), y, event, series, ended)
        last = step.amount


def drawn(
    frame: Frame, group: PriceGroup, marks: Sequence[Mark], gaps: Sequence[Gap], links: Links
) -> Markup:
    """Every event's mark; where there are more than the picture has room for, columns of them."""
    parts = []
    words: dict[str, str] = {}
    for x, end, some in _columns(frame, marks):
        events = list({mark.event.id: mark.event for mark in some}.values())
        if len(events) == 1 or end is None:
            for mark in some:
                name = mark.event.id
                words[name] = words.get(name) or _words(frame, mark.event, gaps)
                parts.append(_dot(mark, words[name], links))
        else:
            parts.append(_many(frame, group, (x, end), events, links))
    return element("g", joined(*parts), class_="marks", aria_hidden="true")


def _columns(frame: Frame, marks: Sequence[Mark]) -> list[tuple[float, float | None, list[Mark]]]:
    """(from, to, marks) in columns as narrow as there is room for; of no width where all fit."""
    if len(marks) <= frame.size.most_marks:
        return [(mark.x, None, [mark]) for mark in marks]
    # The narrowest columns of which there are not too many.
    for width in range(_NARROWEST, int(frame.right - frame.left) + _NARROWEST, _NARROWEST):
        columns: dict[int, list[Mark]] = {}
        for mark in marks:
            columns.setdefault(int((mark.x - frame.left) / width), []).append(mark)
        if len(columns) <= frame.size.most_marks:
            break
    return [
        (frame.left + place * width, frame.left + (place + 1) * width, some)
        for place, some in columns.items()
    ]


def _words(frame: Frame, event: TrailEvent, gaps: Sequence[Gap]) -> str:
    # A phone shows no titles: there the time is enough, and the event is a touch away.
    return event_words(event, gaps) if frame.size.named else when(event.window)


def _dot(mark: Mark, words: str, links: Links) -> Markup:
    name = "dot ground" if mark.series is None else f"dot s{mark.series + 1}"
    name = f"{name} ended" if mark.ended else name
    dot = element("circle", cx=mark.x, cy=mark.y, r=_RADIUS, class_=name)
    # A finger needs more than a dot.
    near = element("circle", cx=mark.x, cy=mark.y, r=9, class_="near")
    return link(links.event(mark.event.id), words, near + dot)


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
