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
from pricetrail.web.charts.words import event_words, many_words, when

_RADIUS = 3.0
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
    """Every event's mark; where there are more than the picture has room for, columns of them."""
    changes = _changes(group)
    parts: list[Markup] = []
    for begin, end, some in _columns(frame, _told(events, changes), changes):
        if len(some) > 1:
            parts.append(_many(frame, group, (begin, end), some, links))
            continue
        words = _words(frame, some[0], gaps)
        parts += [_dot(mark, words, links) for mark in _marks(frame, some[0], changes)]
    return element("g", joined(*parts), class_="marks", aria_hidden="true")


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
    frame: Frame, events: Sequence[TrailEvent], changes: Mapping[str, Sequence[_Change]]
) -> list[tuple[float, float, list[TrailEvent]]]:
    """(from, to, events) in the narrowest columns of which there are not too many.

    Where all marks have room each event has its own.
    """
    if sum(len(changes.get(event.id, " ")) for event in events) <= frame.size.most_marks:
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
