"""A message's title: what happened, in counts that add up."""

from collections import Counter
from collections.abc import Sequence

from pricetrail.catalog.event_details import ModelSunset, Notice, Released
from pricetrail.catalog.events import (
    ADDED,
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    UPDATED,
    Event,
)
from pricetrail.text.kinds import KINDS, in_order, kind_of, of_kind
from pricetrail.text.lines import Line, Span, name
from pricetrail.text.retirements import retirement

BLIP = "went and came back"

_ONE = {
    ADDED: " is new",
    REMOVED: " is no longer visible to this key",
    UPDATED: " was updated",
    SCHEMA_CHANGED: "new in the catalog's format",
    FAILING: "polls are failing",
    RECOVERED: "polls work again",
    QUARANTINED: "a suspicious catalog was set aside",
    RELEASED: "the catalog set aside was released",
}
_DIRECTIONS = {"increase": "price rise for ", "decrease": "price cut for "}
_COUNTED = (("increase", "up"), ("decrease", "down"), ("mixed", "mixed"))


def title_of(events: Sequence[Event], blips: int = 0) -> Line:
    """What a message tells of, with the source that it is about."""
    names = sorted({event.source for event in events})
    if not names:
        return Line("title", (Span(_counts(events, blips)),))
    start = [name(names[0], 60) if len(names) == 1 else Span(f"{len(names)} sources"), Span(": ")]
    if len(events) == 1 and not blips:
        return Line("title", (*start, *_title_of_one(events[0])))
    return Line("title", (*start, Span(_counts(events, blips))))


def _title_of_one(event: Event) -> list[Span]:
    if event.type == REPRICED:
        words = _DIRECTIONS.get(str(event.direction), "prices changed for ")
        return [Span(words), name(event.model, 60)]
    if isinstance(event.details, Notice) and event.details.webhook is not None:
        return [Span("webhook "), name(event.details.webhook, 60), Span(" is paused")]
    if isinstance(event.details, ModelSunset):
        return [name(event.model, 60), Span(f" {retirement(event.details)}")]
    words = _ONE.get(event.type, "notice")
    if isinstance(event.details, Released):
        words = _RELEASED.get(event.details.verdict, words)
    return [name(event.model, 60), Span(words)] if words.startswith(" ") else [Span(words)]


_RELEASED = {
    "approved": "the catalog set aside was approved",
    "rejected": "the catalog set aside was rejected",
    "confirmed": "the catalog set aside was confirmed",
    "superseded": "the catalog set aside was dropped",
}


def _counts(events: Sequence[Event], blips: int) -> str:
    counts = Counter(map(kind_of, events))
    parts = [of_kind(kind, count) + _up_down(kind, events) for kind, count in in_order(counts)]
    if blips:
        parts.append(of_kind(BLIP, blips))
    return ", ".join(parts)


def _up_down(kind: str, events: Sequence[Event]) -> str:
    """` (3 up, 1 other)`: the directions of what was repriced, to the last one."""
    if kind != KINDS[REPRICED]:
        return ""
    counts = Counter(event.direction for event in events if event.type == REPRICED)
    parts = [f"{counts[key]:,} {word}" for key, word in _COUNTED if counts[key]]
    other = counts.total() - sum(counts[key] for key, _ in _COUNTED)
    return f" ({', '.join([*parts, *([f'{other:,} other'] if other else [])])})"
