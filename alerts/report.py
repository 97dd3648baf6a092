"""Many events as one message, before any channel's markup: title, window, sections, footer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, tzinfo
from decimal import Decimal

from pricetrail.alerts.groups import largest_ratio, lines_of, weight_of
from pricetrail.alerts.titles import BLIP, title_of
from pricetrail.alerts.trial import trial_lines, trial_title
from pricetrail.catalog.changes import Change
from pricetrail.catalog.event_details import Trial
from pricetrail.catalog.events import (
    ADDED,
    FAILING,
    QUARANTINED,
    RECOVERED,
    RELEASED,
    REMOVED,
    REPRICED,
    SCHEMA_CHANGED,
    SUNSET,
    UPDATED,
    Event,
)
from pricetrail.catalog.saved_heads import HeadPrefix
from pricetrail.catalog.times import in_words
from pricetrail.text.kinds import kind_of
from pricetrail.text.lines import NEUTRAL, Line, Span, name
from pricetrail.text.money import monthly
from pricetrail.text.phrases import change_words, joined_words, line_of
from pricetrail.text.price_order import prompt_first
from pricetrail.text.sums import counted
from pricetrail.text.time_ranges import around, between, short

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
    """What a message may say beyond its events, and in which time zone it says when.

    `costs`: event id → signed USD a month. `labels` are those of each configured source, by its
    name; `now` is when it is sent, where that is not when it happened.
    """

    costs: Mapping[str, Decimal] = field(default_factory=dict)
    blips: tuple[Blip, ...] = ()
    zone: tzinfo = UTC
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
    trial = _trial(events)
    if trial is not None:
        return trial
    ordered = sorted(events, key=lambda event: _weight(event, context))
    scope = _Scope.of(events, context.zone)
    sections = [_section(title, kinds, ordered, context, scope) for title, kinds in _SECTIONS]
    if context.blips:
        sections.append(Section("Went and came back", tuple(map(_blip, context.blips))))
    return Report(
        title_of(events, len(context.blips)),
        _intro(events, context),
        tuple(section for section in sections if section.lines),
        _footer(events),
    )


def _trial(events: Sequence[Event]) -> Report | None:
    """The report of a test message; None of anything else."""
    for event in events:
        if isinstance(event.details, Trial):
            sections = tuple(Section(*part) for part in trial_lines(event.details))
            return Report(trial_title(event.details), "", sections, ())
    return None


_SOURCES = (FAILING, RECOVERED, QUARANTINED, RELEASED)
_SECTIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("About the source", _SOURCES),
    ("Notice", ()),
    ("Repriced", (REPRICED,)),
    ("To be retired", (SUNSET,)),
    ("No longer visible to this key", (REMOVED,)),
    ("Added", (ADDED,)),
    ("Updated", (UPDATED,)),
    ("New in the catalog's format", (SCHEMA_CHANGED,)),
)


def _weight(event: Event, context: Context) -> tuple[Decimal, Decimal, str, str, int]:
    """Costliest first; then the largest change in percent; then by name."""
    weight = weight_of(context.costs.get(event.id), largest_ratio(event))
    return (*weight, event.model or "", event.source, event.version)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Of many snapshots each line says when, of many sources also where."""

    digest: bool
    many_sources: bool
    zone: tzinfo

    @classmethod
    def of(cls, events: Sequence[Event], zone: tzinfo) -> "_Scope":
        versions = {(event.source, event.version) for event in events}
        return cls(len(versions) > 1, len({source for source, _ in versions}) > 1, zone)

    def suffix(self, event: Event) -> tuple[Span, ...]:
        """What a line of this event ends with."""
        if not self.digest:
            return ()
        if not self.many_sources:
            return (Span(f" · {short(event.window, self.zone)}"),)
        return (Span(" · "), name(event.source, 60), Span(f", {short(event.window, self.zone)}"))

    def named(self, event: Event) -> Line:
        """A model's name alone."""
        where = (Span(" ("), name(event.source, 60), Span(")")) if self.many_sources else ()
        return Line(kind_of(event), (name(event.model), *where))


def _section(
    title: str, kinds: tuple[str, ...], events: list[Event], context: Context, scope: _Scope
) -> Section:
    known = {kind for _, all_kinds in _SECTIONS for kind in all_kinds}
    mine = [e for e in events if (e.type in kinds if kinds else e.type not in known)]
    if kinds == (REMOVED,) or (kinds == (ADDED,) and len(mine) > DETAILED_ADDED):
        return Section(title, tuple(map(scope.named, mine)), flow=True)
    if kinds in ((REPRICED,), (UPDATED,), (SUNSET,)):
        return Section(title, tuple(lines_of(mine, context.costs, scope.suffix)), tone=_tone(mine))
    lines = [line_of(event, context.costs.get(event.id), scope.zone) for event in mine]
    if kinds == _SOURCES:
        lines = [_labelled(line, event, context) for line, event in zip(lines, mine, strict=True)]
    if kinds and kinds != _SOURCES:
        lines = [
            replace(line, spans=(*line.spans, *scope.suffix(event)))
            for line, event in zip(lines, mine, strict=True)
        ]
    return Section(title, tuple(lines), tone=_tone(mine))


def _labelled(line: Line, event: Event, context: Context) -> Line:
    """The line with whose source it is, where somebody may have to look after it."""
    labels = context.labels.get(event.source, {})
    if not labels or event.type not in (FAILING, QUARANTINED):
        return line
    given = name(", ".join(f"{label}={value}" for label, value in labels.items()), 200)
    return replace(line, spans=(*line.spans, Span(" Labels: "), given))


def _tone(events: list[Event]) -> str:
    """`increase` or `decrease` where all agree, for the channels that show colours."""
    directions = {event.direction for event in events}
    return str(directions.pop()) if directions in ({"increase"}, {"decrease"}) else "none"


def _blip(blip: Blip) -> Line:
    within = in_words(blip.until - blip.start)
    if blip.kind in _CAME_AND_WENT or not blip.changes:
        words = _CAME_AND_WENT.get(blip.kind, "changed and was back")
        return Line(BLIP, (name(blip.model), Span(f" {words} within {within}")), NEUTRAL)
    changes = [change_words(change) for change in prompt_first(blip.changes)]
    spans = [name(blip.model), Span(" went to "), *joined_words(changes, 4, "price")]
    spans.append(Span(f" and back within {within}"))
    return Line(BLIP, tuple(spans), NEUTRAL)


_CAME_AND_WENT = {
    SUNSET: "had another date of retirement, undone",
    ADDED: "was new and gone again",
    REMOVED: "was not visible to this key and came back",
}


def _intro(events: Sequence[Event], context: Context) -> str:
    seen = [event for event in events if event.of_snapshot]
    sentences = []
    if seen:
        versions = {(event.source, event.version) for event in seen}
        many = f", in {len(versions):,} snapshots" if len(versions) > 1 else ""
        sentences.append(
            f"Seen {between(around(event.window for event in seen), context.zone)}{many}."
        )
    costs = [context.costs[event.id] for event in events if event.id in context.costs]
    if costs:
        total = monthly(sum(costs, Decimal(0)))
        start = "In total about" if len(costs) > 1 else "That is about"
        sentences.append(f"{start} {total} a month at your last 30 days' usage.")
    return " ".join(sentences)


def _footer(events: Sequence[Event]) -> tuple[Line, ...]:
    """Each source's head at its last version here: whoever keeps a message is a witness.

    The beginning of it, so that it is quiet; `verify --head` takes it, and the `json` format has
    the whole.
    """
    last: dict[str, Event] = {}
    for event in events:
        if event.of_snapshot and event.version >= _version(last.get(event.source)):
            last[event.source] = event
    if not last:
        return ()
    spans = [Span("head" if len(last) == 1 else "heads")]
    for source, event in sorted(last.items())[:_MOST_HEADS]:
        spans += [Span(" · ")] if len(spans) > 1 else [Span(" ")]
        spans += [name(source, 60), Span(" ")] if len(last) > 1 else []
        spans.append(Span(str(HeadPrefix.of(event.version, event.head))))
    if len(last) > _MOST_HEADS:
        spans.append(Span(f" · and {counted(len(last) - _MOST_HEADS, 'more source')}"))
    return (Line("head", tuple(spans)),)


_MOST_HEADS = 5


def _version(event: Event | None) -> int:
    return event.version if event else -1
