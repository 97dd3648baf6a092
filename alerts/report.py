"""Many events as one message, before any channel's markup: title, window, sections, footer."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from pricetrail.catalog import merkle
from pricetrail.catalog.changes import Change
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
from pricetrail.catalog.times import in_words
from pricetrail.text.money import monthly
from pricetrail.text.phrases import KINDS, Line, Span, change_words, line_of, name
from pricetrail.text.price_order import prompt_first
from pricetrail.text.time_ranges import around, between, short

BLIP = "went and came back"
# Up to here each new model has a line with its main prices; above, names alone.
DETAILED_ADDED = 8


@dataclass(frozen=True, slots=True)
class Blip:
    """A change that was undone inside the webhook's hold: shown as one line, not two alerts.

    `changes` are those of the way there; `id` and `kind` (the event type) are those of the event
    that began it.
    """

    id: str
    model: str
    changes: tuple[Change, ...]
    start: datetime
    until: datetime
    kind: str = REPRICED


@dataclass(frozen=True, slots=True)
class Context:
    """What a message may say beyond its events. `costs`: event id → signed USD a month.

    `labels` are those of each configured source, by its name; `now` is when it is sent, where that
    is not when it happened.
    """

    costs: Mapping[str, Decimal] = field(default_factory=dict)
    blips: tuple[Blip, ...] = ()
    labels: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    now: datetime | None = None

    @property
    def blip_ids(self) -> list[str]:
        """Which blips the message tells of."""
        return [blip.id for blip in self.blips]


NOTHING = Context()


@dataclass(frozen=True, slots=True)
class Section:
    """Lines of one kind. `flow`: short names, shown one after the other instead of below."""

    title: str
    lines: tuple[Line, ...]
    flow: bool = False
    tone: str = "none"


@dataclass(frozen=True, slots=True)
class Report:
    """The whole message. `intro` says when, and what it costs in total; `footer` is the head."""

    title: Line
    intro: str
    sections: tuple[Section, ...]
    footer: tuple[Line, ...]


def report(events: Sequence[Event], context: Context = NOTHING) -> Report:
    """Order, group and title events of one snapshot, or of many (a digest)."""
    ordered = sorted(events, key=lambda event: _weight(event, context))
    digest = len({(event.source, event.version) for event in events}) > 1
    sections = [_section(title, kinds, ordered, context, digest) for title, kinds in _SECTIONS]
    if context.blips:
        sections.append(Section("Went and came back", tuple(map(_blip, context.blips))))
    return Report(
        Line("title", tuple(_title(events, context))),
        _intro(events, context),
        tuple(section for section in sections if section.lines),
        tuple(_footer(events)),
    )


_SOURCES = (FAILING, RECOVERED, QUARANTINED, RELEASED)
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("About the source", _SOURCES),
    ("Notice", ()),
    ("Repriced", (REPRICED,)),
    ("No longer visible to this key", (REMOVED,)),
    ("Added", (ADDED,)),
    ("Updated", (UPDATED,)),
    ("New in the catalog's format", (SCHEMA_CHANGED,)),
)


def _weight(event: Event, context: Context) -> tuple[Decimal, Decimal, str, str, int]:
    """Costliest first; then the largest change in percent; then by name."""
    cost = context.costs.get(event.id)
    return (
        -abs(cost) if cost is not None else Decimal(1),
        -_largest(event),
        event.model or "",
        event.source,
        event.version,
    )


def _largest(event: Event) -> Decimal:
    # From nothing, or from zero, there is no ratio: no percentage is larger than that.
    ratios = (change.percent for change in event.changes)
    sizes = [Decimal("Infinity") if ratio is None else abs(ratio) for ratio in ratios]
    return max(sizes, default=Decimal(0))


def _section(
    title: str, kinds: tuple[str, ...], events: list[Event], context: Context, digest: bool
) -> Section:
    known = {kind for _, all_kinds in _SECTIONS for kind in all_kinds}
    mine = [e for e in events if (e.type in kinds if kinds else e.type not in known)]
    flow = kinds == (REMOVED,) or (kinds == (ADDED,) and len(mine) > DETAILED_ADDED)
    if flow:
        return Section(title, tuple(_named(event) for event in mine), flow=True)
    lines = [line_of(event, context.costs.get(event.id)) for event in mine]
    if kinds == _SOURCES:
        lines = [_labelled(line, event, context) for line, event in zip(lines, mine, strict=True)]
    if digest and kinds and kinds != _SOURCES:
        lines = [
            Line(line.kind, (*line.spans, Span(f" · {short(event.window)}")))
            for line, event in zip(lines, mine, strict=True)
        ]
    return Section(title, tuple(lines), tone=_tone(mine))


def _labelled(line: Line, event: Event, context: Context) -> Line:
    """The line with whose source it is, where somebody may have to look after it."""
    labels = context.labels.get(event.source, {})
    if not labels or event.type not in (FAILING, QUARANTINED):
        return line
    given = name(", ".join(f"{label}={value}" for label, value in labels.items()), 200)
    return Line(line.kind, (*line.spans, Span(" Labels: "), given))


def _named(event: Event) -> Line:
    return Line(KINDS[event.type], (name(event.model),))


def _tone(events: list[Event]) -> str:
    """`increase` or `decrease` where all agree, for the channels that show colours."""
    directions = {event.direction for event in events}
    return str(directions.pop()) if directions in ({"increase"}, {"decrease"}) else "none"


def _blip(blip: Blip) -> Line:
    within = in_words(blip.until - blip.start)
    if blip.kind in _CAME_AND_WENT or not blip.changes:
        words = _CAME_AND_WENT.get(blip.kind, "changed and was back")
        return Line(BLIP, (name(blip.model), Span(f" {words} within {within}")))
    spans = [name(blip.model), Span(" went to ")]
    for index, change in enumerate(prompt_first(blip.changes)[:4]):
        spans += [Span(" · ")] if index else []
        spans += change_words(change)
    if len(blip.changes) > 4:
        spans.append(Span(f" · and {len(blip.changes) - 4} more prices"))
    spans.append(Span(f" and back within {within}"))
    return Line(BLIP, tuple(spans))


_CAME_AND_WENT = {
    ADDED: "was new and gone again",
    REMOVED: "was not visible to this key and came back",
}
_ONE = {
    ADDED: " is new",
    REMOVED: " is no longer visible to this key",
    UPDATED: " was updated",
    SCHEMA_CHANGED: "new in the catalog's format",
    FAILING: "polls are failing",
    RECOVERED: "polls work again",
    QUARANTINED: "a suspicious catalog was set aside",
    RELEASED: "the catalog set aside is settled",
}
_DIRECTIONS = {"increase": "price rise for ", "decrease": "price cut for "}


def _title(events: Sequence[Event], context: Context) -> list[Span]:
    names = sorted({event.source for event in events})
    if not names:
        return [Span(_counts(events, context))]
    start = [name(names[0], 60) if len(names) == 1 else Span(f"{len(names)} sources"), Span(": ")]
    if len(events) == 1 and not context.blips:
        return [*start, *_title_of_one(events[0])]
    return [*start, Span(_counts(events, context))]


def _title_of_one(event: Event) -> list[Span]:
    if event.type == REPRICED:
        words = _DIRECTIONS.get(str(event.direction), "prices changed for ")
        return [Span(words), name(event.model, 60)]
    words = _ONE.get(event.type, "notice")
    return [name(event.model, 60), Span(words)] if words.startswith(" ") else [Span(words)]


def _counts(events: Sequence[Event], context: Context) -> str:
    counts = Counter(KINDS.get(event.type, "notice") for event in events)
    parts = [f"{count:,} {kind}{_up_down(kind, events)}" for kind, count in in_order(counts)]
    if context.blips:
        parts.append(f"{len(context.blips):,} {BLIP}")
    return ", ".join(parts)


def in_order(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Counts by kind in the order in which kinds are always named."""
    order = [*dict.fromkeys(KINDS.values()), *counts]
    return [(kind, counts[kind]) for kind in dict.fromkeys(order) if counts.get(kind)]


def _up_down(kind: str, events: Sequence[Event]) -> str:
    if kind != KINDS[REPRICED]:
        return ""
    counts = Counter(event.direction for event in events if event.type == REPRICED)
    directions = (("increase", "up"), ("decrease", "down"), ("mixed", "mixed"))
    parts = [f"{counts[key]:,} {word}" for key, word in directions if counts[key]]
    other = counts.total() - sum(counts[key] for key, _ in directions)
    if parts and other:
        parts.append(f"{other:,} other")
    return f" ({', '.join(parts)})" if parts else ""


def _intro(events: Sequence[Event], context: Context) -> str:
    seen = [event for event in events if event.of_snapshot]
    sentences = []
    if seen:
        versions = {(event.source, event.version) for event in seen}
        many = f", in {len(versions):,} snapshots" if len(versions) > 1 else ""
        sentences.append(f"Seen {between(around(event.window for event in seen))}{many}.")
    costs = [context.costs[event.id] for event in events if event.id in context.costs]
    if costs:
        total = monthly(sum(costs, Decimal(0)))
        start = "In total about" if len(costs) > 1 else "That is about"
        sentences.append(f"{start} {total} a month at your last 30 days' usage.")
    return " ".join(sentences)


def _footer(events: Sequence[Event]) -> list[Line]:
    """Each source's head at its last version here: whoever keeps a message is a witness."""
    last: dict[str, Event] = {}
    for event in events:
        if event.of_snapshot and event.version >= _version(last.get(event.source)):
            last[event.source] = event
    lines = []
    for source, event in sorted(last.items())[:3]:
        head = "?" if event.head is None else merkle.hash_text(event.head)
        spans = (name(source, 60), Span(f" version {event.version}, head "), name(head, 80))
        lines.append(Line("head", spans))
    return lines


def _version(event: Event | None) -> int:
    return event.version if event else -1
